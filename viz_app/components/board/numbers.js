// Numbers in cells: as many digits as there is room for.

import { withoutZero } from "../common/format.js";

const EXACT = 0.03; // of a number that leaving out a digit may change without harm
const NARROWEST = 0.72; // of their width that letters may have, so that a digit more fits

/** @import { Pair, Panel } from "./scene.js" */

/**
 * The power of ten by which all cells of a panel are divided before they are printed.
 * @param {Pick<Panel, "scale"> & { tiles: { bins: Pair | null }[] }} panel
 * @param {Pair} range
 */
export function exponentOf(panel, [low, high]) {
  if (panel.tiles[0].bins || panel.scale === "none") return 0;
  const most = Math.max(Math.abs(low), Math.abs(high));
  if (!most || (most >= 0.3 && most < 1000)) return 0;
  // Two digits before the point for the largest: a number a thousand times smaller is legible too.
  return Math.floor(Math.log10(most)) - 1;
}

/**
 * A whole number as it stands above the line.
 * @param {number} n
 */
export const raised = (n) =>
  String(n).replace(/./g, (d) => (d === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(d)]));

/**
 * A number for `width` px; it may have to be drawn a little narrower to fit there.
 * @param {{ measureText(text: string): { width: number } }} context
 * @param {number} value
 * @param {number} width
 */
export function fitted(context, value, width) {
  /** @type {string | null} */
  let squeezed = null;
  for (const digits of [3, 2, 1]) {
    const text = withoutZero(value, digits);
    const needs = context.measureText(text).width;
    // Narrower letters are worth a digit that makes a difference.
    const says = Math.abs(Number(value.toPrecision(digits)) / value - 1) < EXACT || !value;
    if (needs <= width && (says || !squeezed)) return text;
    if (digits < 3 && needs * NARROWEST <= width) squeezed ??= text;
  }
  // Too small, or too large, for its cell: pointing at it tells the number.
  return squeezed || (Math.abs(value) < 1 ? "~0" : "…");
}
