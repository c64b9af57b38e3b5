// The numbers of a matrix as a sheet: what a table shows, and what is copied or saved of it.

import { exact, format } from "../common/format.js";
import { COVERED_NUMBER, hides } from "../board/covered.js";
import { decode } from "../board/linking.js";

/** @import { Axis, Panel, Tile } from "../board/scene.js" */

/**
 * All that the page has of an array: a line for each row of each of its pictures.
 * @typedef {object} Sheet
 * @property {string} name of the array
 * @property {string} part which part of the array it is, or "the whole array"
 * @property {string[]} heads what the indices at the head of a line are called
 * @property {string} across what the indices of the columns are called
 * @property {string[]} columns their indices
 * @property {{ heads: string[], numbers: string[] }[]} lines
 */

/**
 * What an array is called, as text.
 * @param {Pick<Panel, "title" | "plain">} panel
 */
export function nameOf({ title, plain }) {
  const page = new DOMParser().parseFromString(title, "text/html");
  page.querySelectorAll(".axes").forEach((node) => node.remove());
  return page.body.textContent?.replace(/\s+/g, " ").trim() || plain;
}

/**
 * @param {Panel} panel
 * @returns {Sheet}
 */
export function sheetOf(panel) {
  const [first] = panel.tiles;
  if (first.bins) return histogram(panel, first, first.bins);
  // One of the pictures is there twice, in large and among all.
  const tiles = [...new Map(panel.tiles.map((tile) =>
    [JSON.stringify([tile.prefix, tile.row_start, tile.column_start]), tile])).values()]
    .sort((a, b) => difference(a.prefix, b.prefix));
  const fixed = first.prefix.length, [down, across] = axesOf(panel, fixed);
  const [, width] = first.shape;
  return {
    name: nameOf(panel),
    part: partOf(panel, tiles),
    heads: [...panel.axes.slice(0, fixed), ...down],
    across: across.join(", ") || "value",
    columns: across.length
      ? Array.from({ length: width }, (_, c) => placeOf(panel, panel.columns, first.column_start + c)) : [""],
    lines: tiles.flatMap((tile) => Array.from({ length: tile.shape[0] }, (_, r) => ({
      heads: [...tile.prefix.map(String), ...(down.length ? [placeOf(panel, panel.rows, tile.row_start + r)] : [])],
      numbers: Array.from(tile.values.subarray(r * width, (r + 1) * width),
        (value, c) => (hides(tile, r, c) ? COVERED_NUMBER : tile.partial && Number.isNaN(value) ? "" : exact(value))),
    }))),
  };
}

/**
 * Rows of indices in order.
 * @param {number[]} a
 * @param {number[]} b
 */
function difference(a, b) {
  const k = a.findIndex((at, place) => at !== b[place]);
  return k < 0 ? 0 : a[k] - b[k];
}

/**
 * What the indices of rows and of columns are called; none where a place on them is no index.
 * @param {Panel} panel
 * @param {number} fixed indices that a whole picture shares
 * @returns {[string[], string[]]}
 */
function axesOf(panel, fixed) {
  const names = panel.axes.slice(fixed);
  switch (panel.index) {
    case "dims": return [names.slice(0, panel.rows.length).length ? [names.slice(0, panel.rows.length).join(", ")] : [],
      names.slice(panel.rows.length)];
    case "rc": return [[names[0]], [names[1]]];
    case "cr": return [[names[1]], [names[0]]];
    case "r": return [[names[0]], []];
    case "c": return [[], [names[0]]];
    default: return [[], []];
  }
}

/**
 * The index of a row or column in the array.
 * @param {Panel} panel
 * @param {Axis} dims
 * @param {number} at
 */
const placeOf = (panel, dims, at) => (panel.index === "dims" ? Object.values(decode(dims, at, {})).join(", ")
  : String(at));

/**
 * Which part of the array was sent: all pictures may be of one sample, and rows or columns left out.
 * @param {Panel} panel
 * @param {Tile[]} tiles
 */
function partOf(panel, tiles) {
  const [first] = tiles, [rows, columns] = first.shape;
  const shared = first.prefix.flatMap((at, k) =>
    (tiles.every((tile) => tile.prefix[k] === at) ? [`${panel.axes[k]} ${at}`] : []));
  /**
   * @param {string} what
   * @param {number} start
   * @param {number} count
   * @param {number} total
   */
  const range = (what, start, count, total) =>
    (count < total ? [`${what} ${start} to ${start + count - 1} of ${total}`] : []);
  const left = [...shared, ...range("rows", first.row_start, rows, panel.row_total),
    ...range("columns", first.column_start, columns, panel.column_total)];
  return left.length ? `only ${left.join(", ")}` : "the whole array";
}

/**
 * @param {Panel} panel
 * @param {Tile} tile
 * @param {[start: number, width: number]} bins
 * @returns {Sheet}
 */
const histogram = (panel, tile, [start, width]) => ({
  name: `histogram of ${nameOf(panel)}`,
  part: `bins of width ${format(width, 4)}`,
  heads: [],
  across: "from",
  columns: Array.from(tile.values, (_, k) => format(start + k * width, 4)),
  lines: [{ heads: [], numbers: Array.from(tile.values, exact) }],
});

/**
 * A sheet as text: which part it is, the indices, and the numbers.
 * @param {Sheet} sheet
 * @param {"\t" | ","} between what stands between two numbers
 */
export function textOf({ name, part, heads, columns, across, lines }, between) {
  /** @param {string} text */
  const quoted = (text) => (/[",\n\t]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const first = [...heads, ...columns.map((column) => column || across)];
  return [
    // No comma in it: programs that know no remarks take it for one field.
    `# ${name}: ${part}${across && columns[0] ? `; columns: ${across}` : ""}`.replaceAll(",", ";"),
    ...[first, ...lines.map(({ heads: own, numbers }) => [...own, ...numbers])]
      .map((line) => line.map(quoted).join(between)),
  ].join("\n") + "\n";
}
