// A matrix on paper: a table of its numbers, with a box for each that is to be filled in.

import { commonPower, lettersOf, printed, printOf, sizesOf, timesOf } from "../board/sizes/numbers.js";
import { contextOf, el } from "../common/elements.js";
import { set } from "../explanation/terms.js";

/** @import { Matrix } from "./content.js" */

const LEFT_OUT = "…";
// Whatever the font of the paper is, its digits are about as wide.
const FAMILY = "sans-serif";

/**
 * The power of ten that all gradients of a question share, as on the board.
 * @param {Matrix[]} matrices
 */
export const powerOf = (matrices) => commonPower(matrices.filter(({ gradient }) => gradient)
  .map(({ values, rounding }) => sizesOf(values, rounding)));

/**
 * @param {Matrix} matrix
 * @param {number} common see `powerOf`
 */
export function matrixTable(matrix, common) {
  const { title, label, note, sign, values, rows, columns, empty, lit, ring, marked, rounding, gradient } = matrix;
  const print = printOf(values, rounding, gradient ? common : null, lettersOf(contextOf(el("canvas")), FAMILY)), unit = timesOf(print.power);
  /** @param {number} r @param {number} c */
  const cell = (r, c) => {
    const k = r * columns.length + c;
    const kinds = Object.entries({ empty, lit, ring, marked }).filter(([, mask]) => mask[k]).map(([kind]) => kind);
    return empty[k] ? el("td", { className: kinds.join(" "), ariaLabel: "blank" })
      : el("td", { className: kinds.join(" ") }, printed(values[k], print));
  };
  // Padding has no place in the array.
  const acrossPadding = columns.map((_, c) => rows.every((__, r) => ring[r * columns.length + c]));
  const downPadding = rows.map((_, r) => columns.every((__, c) => ring[r * columns.length + c]));
  const across = withGaps(columns, matrix.starts[1], matrix.total[1]), down = withGaps(rows, matrix.starts[0], matrix.total[0]);
  /**
   * @param {string} scope
   * @param {number | null} at a place in the list
   * @param {number[]} places
   * @param {boolean[]} padding
   */
  const edge = (scope, at, places, padding) => (at !== null && padding[at] ? el("td", { className: "corner" })
    : el("th", { scope }, at === null ? LEFT_OUT : String(places[at])));
  const head = el("tr", {}, el("td", { className: "corner" }), ...across.map((c) => edge("col", c, columns, acrossPadding)));
  const lines = down.map((r) => el("tr", {}, edge("row", r, rows, downPadding),
    ...across.map((c) => (r === null || c === null ? el("td", { className: "gap" }, LEFT_OUT) : cell(r, c)))));
  const words = [label, sign, note && `${note} are printed`].filter(Boolean).join("; ");
  return el("figure", { "data-key": matrix.key },
    el("figcaption", {}, set(title), ...(unit ? [` ${unit}`] : []), ...(words ? [el("small", {}, ` ${words}`)] : [])),
    el("table", {}, el("thead", {}, head), el("tbody", {}, ...lines)));
}

/**
 * Places in a list of rows or columns, with null where some are left out.
 * @param {number[]} kept
 * @param {number} start
 * @param {number} total
 */
function withGaps(kept, start, total) {
  /** @type {(number | null)[]} */
  const found = [];
  kept.forEach((at, k) => {
    if (at > (k ? kept[k - 1] + 1 : start)) found.push(null);
    found.push(k);
  });
  return kept[kept.length - 1] < start + total - 1 ? [...found, null] : found;
}
