// Where the field for a number stands: it hides neither the number nor those that it is compared with.

/** @typedef {{ left: number, top: number, right: number, bottom: number }} Edges px of the window */

const FIELD_GAP = 6; // px between the field and what it stands beside
const FIELD_MARGIN = 8; // px between the field and the edge of the window
const NEAR = 10; // times as much as others, the matrix of the cell is worth being seen, and what lies round it again

/**
 * The part of the window that is seen: not what the keys of a telephone cover.
 * @param {number} controls px at its lower edge in which the run is controlled
 */
export function inSight(controls) {
  const { offsetLeft: left = 0, offsetTop: top = 0, width = innerWidth, height = innerHeight } = window.visualViewport ?? {};
  return { left, top, right: left + width, bottom: Math.min(top + height, innerHeight - controls) };
}

/**
 * How much of one box another one hides, in px².
 * @param {Edges} one
 * @param {Edges} other
 */
function hidden(one, other) {
  const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
  const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
  return Math.max(0, across) * Math.max(0, down);
}

/**
 * The place that hides the least: below the matrix, above it, to its right or left, below or above the
 * neighbours of the cell, or at the lower edge of what is seen.
 * @param {{ width: number, height: number }} field
 * @param {Edges} cell
 * @param {Edges} own the matrix of the cell
 * @param {Edges[]} matrices all that have numbers
 * @param {Edges} room where the field may stand
 * @returns {{ left: number, top: number }}
 */
export function placeBeside({ width, height }, cell, own, matrices, room) {
  const [wide, high] = [cell.right - cell.left, cell.bottom - cell.top];
  const round = { left: cell.left - wide, top: cell.top - high, right: cell.right + wide, bottom: cell.bottom + high };
  const wanted = [
    { left: cell.left, top: own.bottom + FIELD_GAP }, { left: cell.left, top: own.top - FIELD_GAP - height },
    { left: own.right + FIELD_GAP, top: cell.top }, { left: own.left - FIELD_GAP - width, top: cell.top },
    { left: cell.left, top: round.bottom + FIELD_GAP }, { left: cell.left, top: round.top - FIELD_GAP - height },
    { left: cell.left, top: room.bottom },
  ];
  /** @param {number} at @param {number} least @param {number} most */
  const within = (at, least, most) => Math.max(least + FIELD_MARGIN, Math.min(at, most - FIELD_MARGIN));
  const costs = wanted.map(({ left: x, top: y }) => {
    const left = within(x, room.left, room.right - width), top = within(y, room.top, room.bottom - height);
    const box = { left, top, right: left + width, bottom: top + height };
    const cost = matrices.reduce((sum, matrix) => sum + hidden(box, matrix), NEAR * (hidden(box, own) + hidden(box, round)));
    return { left, top, cost };
  });
  return costs.reduce((best, one) => (one.cost < best.cost ? one : best));
}
