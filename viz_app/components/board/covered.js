// Cells that are covered until somebody has answered: their numbers are not in the page.

/** @import { Tile } from "./scene.js" */
/** @import { TileView } from "./panels/tile.js" */

export const COVERED_NUMBER = "?";
export const COVERED_WORDS = "covered: answer first";

const LEAST_COVERED = 9; // px of a cell in which a question mark can be read
const PART_OF_SIDE = 0.6; // of the side of a cell: a question mark where the board prints no numbers

/**
 * Whether a cell of a tile is covered.
 * @param {Tile} tile
 * @param {number} r
 * @param {number} c
 */
export const hides = ({ covered, shape }, r, c) => covered !== undefined && covered[r * shape[1] + c] !== 0;

/**
 * A cell without a number, as large as it is drawn.
 * @param {TileView} view
 * @param {CanvasRenderingContext2D} context
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 */
export function drawCovered(view, context, x, y, width, height) {
  const { board, fit } = view, size = Math.floor(fit.font || PART_OF_SIDE * Math.min(width, height));
  context.fillStyle = board.colour("--cs-fill");
  context.fillRect(x, y, width, height);
  view.hatch(context, x, y, width, height, board.colour("--cs-ink"));
  if (Math.min(width, height) < LEAST_COVERED) return;
  context.font = `bold ${size}px ${board.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = board.colour("--cs-ink");
  context.fillText(COVERED_NUMBER, x + width / 2, y + height / 2 + 1);
  context.font = `${Math.floor(fit.font)}px ${board.font}`;
}

/**
 * What is covered of a tile inside of its padding.
 * @param {Tile} tile
 */
export function coveredInside({ covered, ring: [above, below, left, right], shape: [height, width] }) {
  return covered?.filter((_, k) => {
    const r = Math.floor(k / width), c = k % width;
    return r >= above && r < height - below && c >= left && c < width - right;
  });
}
