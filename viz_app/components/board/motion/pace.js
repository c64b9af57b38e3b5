// How many cells Play computes at a time, so that it comes to the end of any matrix.

const SHORTEST = 120; // ms: what follows faster than this cannot be seen one by one
const LINE = 250; // ms that a whole line may take at any speed

/**
 * How Play goes through a matrix: `unit` cells every `period` ms.
 * @param {number} total cells
 * @param {number} line cells of a row or column
 * @param {{ cell: number, most: number }} pace ms for a cell, and for all at most
 */
export function paceOf(total, line, { cell, most }) {
  const shortest = Math.min(cell, SHORTEST);
  if (total * shortest <= most) return { unit: 1, period: Math.min(cell, most / (total || 1)) };
  // Or else whole lines, as many as it takes.
  const lines = Math.ceil(total / line), together = Math.ceil(lines * shortest / most);
  const period = Math.min(Math.max(cell, LINE), most / Math.ceil(lines / together));
  return { unit: line * together, period };
}
