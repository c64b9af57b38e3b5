// Which cells a cell of a result is made of: those of the operands that the board links with it.

import { widened } from "../linking.js";

/** @import { Board } from "../board.js" */
/** @import { CellsMessage, Coordinates, Pair } from "../scene.js" */
/** @import { TileView } from "../panels/tile.js" */

/** @typedef {{ tile: TileView, cell: Pair }} Source a cell in sight */

/**
 * @param {Board} board
 * @param {CellsMessage} said
 * @param {Coordinates} coordinates of the cell of the result
 * @returns {Source[]}
 */
export function sourcesOf(board, said, coordinates) {
  const operands = [...board.panels.values()].filter(({ panel }) => said.operands.includes(panel.key));
  return operands.flatMap(({ views }) => {
    // Of a channel that is not the one in sight there is a small image only.
    for (const tile of views) {
      const found = tile.tile.bins ? [] : seen(tile, coordinates);
      if (found.length) return found.map((cell) => ({ tile, cell }));
    }
    return [];
  });
}

/**
 * The cells in sight that belong to the coordinates.
 * @param {TileView} tile
 * @param {Coordinates} coordinates
 */
const seen = (tile, coordinates) => tile.matches(coordinates, tile.board.scene.geometry).pairs
  .filter(([r, c]) => tile.boxOf(r, c) && !tile.isCovered(r, c));

/**
 * The window that a cell of the result belongs to, as it lies on an operand; null if there is none.
 * @param {Board} board
 * @param {CellsMessage} said
 * @param {Coordinates} coordinates of the cell
 * @returns {DOMRect | null}
 */
export function windowOf(board, said, coordinates) {
  if (!board.scene.geometry || !("i" in coordinates)) return null;
  const whole = widened(coordinates) ?? coordinates;
  const image = [...board.panels.values()].find(({ panel }) =>
    said.operands.includes(panel.key) && panel.rows.some(([name]) => name === "y"));
  const boxes = image ? seen(image.views[0], whole).map(([r, c]) => image.views[0].boxOf(r, c)) : [];
  const found = boxes.filter((box) => box !== null);
  if (!found.length) return null;
  const left = Math.min(...found.map((box) => box.left)), top = Math.min(...found.map((box) => box.top));
  const right = Math.max(...found.map((box) => box.right)), bottom = Math.max(...found.map((box) => box.bottom));
  return new DOMRect(left, top, right - left, bottom - top);
}

/**
 * Which source a window of max pooling takes; null where no window has a winner.
 * @param {Board} board
 * @param {Coordinates} coordinates of the window
 * @returns {((source: Source) => boolean) | null}
 */
export function winnerOf(board, coordinates) {
  const { geometry } = board.scene, view = board.panels.get("winner")?.views[0];
  if (!geometry || !view || !("i" in coordinates)) return null;
  const [place] = view.matches(coordinates, geometry).pairs;
  if (!place) return null;
  // Counted row by row from the top left of the window.
  const won = view.value(...place), wide = geometry.kernel[1];
  /** @param {0 | 1} axis @param {number} at @param {number} inside */
  const over = (axis, at, inside) =>
    at * geometry.stride[axis] - geometry.padding[axis] + inside * geometry.dilation[axis];
  const y = over(0, coordinates.i, Math.floor(won / wide)), x = over(1, coordinates.j, won % wide);
  return ({ tile, cell }) => {
    const at = tile.coordinates(...cell);
    return at.y === y && at.x === x;
  };
}
