// How many cells Play computes at a time, so that it comes to the end of any matrix.

const SHORTEST = 120; // ms: what follows faster than this cannot be seen one by one

/**
 * How Play goes through a matrix: `unit` cells every `period` ms.
 * @param {number} total cells
 * @param {number} line cells of a row or column
 * @param {{ cell: number, most: number }} pace ms for a cell, and for all at most
 */
export function paceOf(total, line, { cell, most }) {
  /** @param {number} unit */
  const periodOf = (unit) => Math.min(cell, most / Math.max(1, Math.ceil(total / unit)));
  // Cell by cell, or else whole lines, as many as it takes.
  let unit = 1;
  const shortest = Math.min(cell, SHORTEST);
  if (periodOf(unit) < shortest) {
    const lines = Math.ceil(total / line);
    unit = line * Math.max(1, Math.ceil(lines * shortest / most));
  }
  return { unit, period: periodOf(unit) };
}
