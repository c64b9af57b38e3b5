// How large the cells of each panel are, so that the board fills its room and no digit is squeezed.
//
// A layout is a tree of rows and columns of panels. Numbers have one size for all of them: the
// largest at which everything is seen whole, or the least one. What does not fit then is seen in
// part: panels of a row share its width so that small ones are whole, and so do those of a column.

import { DOTS, NEARLY, cellOf, fitOf, leastCell, overviewOf, smallHeight } from "./fit.js";

/** @import { Item } from "../scene.js" */
/** @import { Fit, Leaf, Size } from "./fit.js" */

/**
 * @typedef {object} Frame
 * @property {Map<string, Leaf>} leaves by key
 * @property {{ across: number, down: number }} gap px between panels
 * @property {number} least px of numbers of images, at least: without room for them they have none
 * @property {(operator: string) => number} operator px of an operator's width
 */

/**
 * How much of the panels is wanted: which rows of a matrix (for few of them see `few`); how wide the
 * cells of a matrix are, and those of an image.
 * @typedef {object} Want
 * @property {"all" | "enough" | "few"} rows
 * @property {"usual" | "tight" | "short"} matrix
 * @property {"usual" | "legible" | "modest"} image
 */

const HIGH = 2; // times the width of its letter, the height of an operator
const MODEST = 16; // px of a cell of an image, at most, that makes room for all of a matrix
const FEW = 4; // rows of a matrix that are in sight before what stands round its cells is
/** @type {Want} */
const ALL = { rows: "all", matrix: "usual", image: "usual" };
/**
 * Less and less of the width, with which all columns of matrices are seen: images are as small as their
 * numbers, then without numbers.
 * @type {Want[]}
 */
const ENOUGH = (/** @type {const} */ (["legible", "modest"])).flatMap((image) =>
  (/** @type {const} */ (["usual", "tight", "short"])).map((matrix) => ({ rows: "enough", matrix, image })));
/** @type {Want} */
const MODESTLY = { rows: "enough", matrix: "usual", image: "modest" };

/**
 * The size of an item of which so much is seen.
 * @param {Item} item
 * @param {number} font
 * @param {Frame} frame
 * @param {Want} [want]
 * @returns {Size}
 */
function whole(item, font, frame, want = ALL) {
  if (typeof item === "string") {
    const leaf = frame.leaves.get(item);
    if (!leaf) return item ? { w: frame.operator(item), h: HIGH * frame.operator(" ") } : { w: 0, h: 0 };
    if (want.rows === "few") return { w: 0, h: few(leaf, font, frame) };
    const title = want === ALL ? leaf.least : leaf.bare;
    const w = Math.max(title, leaf.across + widthOfCell(leaf, font, frame, want) * leaf.columns);
    const rows = want.rows === "all" ? leaf.rows : leaf.enough;
    const h = leaf.down + cellOf(leaf, font).side * rows + smallHeight(leaf, w - leaf.across);
    return { w, h: h + (rows < leaf.rows ? overviewOf(leaf) : 0) };
  }
  const lines = linesOf(item);
  const widths = columnsOf(lines, (inner) => whole(inner, font, frame, want).w);
  const heights = heightsOf(lines, font, frame, want);
  return { w: total(widths, frame.gap.across), h: total(heights, frame.gap.down) };
}

/**
 * px of the height of a few rows of a matrix, or of an image: with numbers where it has few.
 * @param {Leaf} leaf
 * @param {number} font
 * @param {Frame} frame
 */
function few(leaf, font, { least }) {
  const { square, rows, columns } = leaf, isFew = Math.max(rows, columns) <= FEW;
  const h = square ? (isFew ? leastCell(leaf, font, least, true) : DOTS) * rows
    : cellOf(leaf, font).side * Math.min(rows, FEW) + (rows > FEW ? overviewOf(leaf) : 0);
  return leaf.down + h;
}

/**
 * @param {Leaf} leaf
 * @param {number} font
 * @param {Frame} frame
 * @param {Want} want
 */
function widthOfCell(leaf, font, { least }, { matrix, image }) {
  const { wide } = cellOf(leaf, font);
  if (leaf.square) {
    if (image === "usual") return wide;
    const legible = leastCell(leaf, font, least, true);
    return image === "legible" ? legible : Math.min(legible, MODEST);
  }
  return matrix === "usual" ? wide : leastCell(leaf, font, least, matrix === "short");
}

/**
 * The rows of an item: of a column, a table or a grid.
 * @param {Exclude<Item, string>} item
 * @returns {Item[][]}
 */
function linesOf(item) {
  if (Array.isArray(item)) return item.map((inner) => [inner]);
  if ("table" in item) return item.table.map((inner) => [inner]);
  return item.grid.map((line) => line.map((inner) => inner ?? ""));
}

/**
 * @param {Item[][]} lines
 * @param {(item: Item) => number} of
 */
const columnsOf = (lines, of) => (lines[0] ?? []).map((_, k) => Math.max(0, ...lines.map((line) => of(line[k] ?? ""))));

/**
 * @param {Item[][]} lines
 * @param {number} font
 * @param {Frame} frame
 * @param {Want} [want]
 */
const heightsOf = (lines, font, frame, want) =>
  lines.map((line) => Math.max(0, ...line.map((inner) => whole(inner, font, frame, want).h)));

/** @param {number[]} sizes @param {number} gap */
const total = (sizes, gap) => sizes.reduce((sum, size) => sum + size, 0) + gap * Math.max(0, sizes.length - 1);

/**
 * Share out a length: all that is wanted if there is enough, and what is left in proportion;
 * otherwise first what is enough, then whoever wants little gets it, and the others the same each.
 * @param {number[]} wanted
 * @param {number} length
 * @param {number[]} [enough]
 * @returns {number[]}
 */
export function shares(wanted, length, enough) {
  const sum = total(wanted, 0);
  if (sum <= length) return wanted.map((want) => (sum ? want * length / sum : 0));
  if (enough) {
    const first = shares(enough, Math.min(length, total(enough, 0)));
    const more = shares(wanted.map((want, k) => Math.max(0, want - first[k])), length - total(first, 0));
    return first.map((size, k) => size + more[k]);
  }
  const found = wanted.map(() => 0), open = new Set(wanted.keys());
  let left = length;
  while (open.size) {
    const each = left / open.size;
    const modest = [...open].filter((k) => wanted[k] <= each);
    if (!modest.length) {
      for (const k of open) found[k] = Math.max(0, each);
      break;
    }
    for (const k of modest) { found[k] = wanted[k]; left -= wanted[k]; open.delete(k); }
  }
  return found;
}

/**
 * Give an item its room.
 * @param {Item} item
 * @param {Size} room
 * @param {number} font
 * @param {Frame} frame
 * @param {Map<string, Fit>} fits
 */
function give(item, room, font, frame, fits) {
  if (typeof item === "string") {
    const leaf = frame.leaves.get(item);
    if (leaf) fits.set(item, fitOf(leaf, room, font, frame.least));
    return;
  }
  const lines = linesOf(item), rows = lines.length, columns = (lines[0] ?? []).length;
  /** @param {Item} inner */
  const isFixed = (inner) => typeof inner === "string" && !frame.leaves.has(inner);
  const widths = columnsOf(lines, (inner) => whole(inner, font, frame).w);
  // Operators are as wide as they are; what is left is the panels'.
  const fixed = widths.map((_, k) => lines.every((line) => isFixed(line[k] ?? "")));
  const taken = widths.reduce((sum, width, k) => sum + (fixed[k] ? width : 0), 0);
  /** @param {number[]} sizes */
  const own = (sizes) => sizes.map((width, k) => (fixed[k] ? 0 : width));
  const left = room.w - taken - frame.gap.across * (columns - 1);
  // Images and cells are smaller where matrices are seen whole then, or nearly so.
  /** @param {Want} want */
  const needed = (want) => own(columnsOf(lines, (inner) => whole(inner, font, frame, want).w));
  const modest = needed(MODESTLY), fitting = ENOUGH.map(needed).find((sizes) => total(sizes, 0) <= left);
  const wide = shares(own(widths), left, fitting ?? (NEARLY * total(modest, 0) <= left ? modest : undefined));
  const flat = lines.map((line) => line.every(isFixed)), heights = heightsOf(lines, font, frame);
  const used = heights.reduce((sum, height, k) => sum + (flat[k] ? height : 0), 0);
  /** @param {number[]} sizes */
  const open = (sizes) => sizes.map((height, k) => (flat[k] ? 0 : height));
  const high = shares(open(heights), room.h - used - frame.gap.down * (rows - 1),
    open(heightsOf(lines, font, frame, MODESTLY)));
  lines.forEach((line, r) => line.forEach((inner, c) => {
    give(inner, { w: fixed[c] ? widths[c] : wide[c], h: high[r] }, font, frame, fits);
  }));
}

/**
 * How each panel is drawn.
 * @param {Item[]} layout items side by side
 * @param {Size} room
 * @param {{ least: number, most: number }} font px of numbers
 * @param {Frame} frame
 * @returns {Map<string, Fit>}
 */
export function arrange(layout, room, font, frame) {
  frame = { ...frame, leaves: sharingWidths(frame.leaves) };
  /** @type {Item} */
  const row = { grid: [layout] };
  let size = font.least;
  for (let larger = font.least + 1; larger <= font.most; larger++) {
    const { w, h } = whole(row, larger, frame);
    if (w > room.w || h > room.h) break;
    size = larger;
  }
  /** @type {Map<string, Fit>} */
  const fits = new Map();
  give(row, room, size, frame, fits);
  shareHeights(frame.leaves, fits);
  return fits;
}

/**
 * Whether there is no room for a few rows of each matrix.
 * @param {Item[]} layout
 * @param {Size} room
 * @param {number} font px of numbers
 * @param {Frame} frame
 */
export const isCrowded = (layout, room, font, frame) =>
  whole({ grid: [layout] }, font, frame, { ...MODESTLY, rows: "few" }).h > room.h;

/**
 * How panels are drawn that stand below each other on a page as long as they need.
 * @param {Frame} frame
 * @param {number} width px of the page
 * @param {number} font px of numbers
 * @param {number} most px of a cell of an image
 */
export function stack(frame, width, font, most) {
  /** @type {Map<string, Fit>} */
  const fits = new Map();
  for (const [key, leaf] of sharingWidths(frame.leaves)) {
    const { side, wide } = cellOf(leaf, font);
    const large = leaf.square ? Math.max(side, Math.min(most, Math.floor((width - leaf.across) / leaf.columns))) : side;
    const rows = leaf.square ? leaf.rows : Math.min(leaf.rows, 12);
    const h = leaf.down + large * rows + smallHeight(leaf, width - leaf.across) + overviewOf(leaf);
    const w = Math.min(width, leaf.across + (leaf.square ? large : wide * 1.2) * leaf.columns);
    fits.set(key, fitOf(leaf, { w, h }, font, frame.least));
  }
  return fits;
}

/**
 * Rows of the same axis are equally high, so that they stand beside each other.
 * @param {Map<string, Leaf>} leaves
 * @param {Map<string, Fit>} fits
 */
function shareHeights(leaves, fits) {
  /** @type {Map<string, number>} */
  const lowest = new Map();
  for (const [key, fit] of fits) {
    const { lines, square } = /** @type {Leaf} */ (leaves.get(key));
    if (lines && !square) lowest.set(lines, Math.min(fit.side, lowest.get(lines) ?? Infinity));
  }
  for (const [key, fit] of fits) {
    const { lines, square } = /** @type {Leaf} */ (leaves.get(key));
    if (lines && !square) fit.side = lowest.get(lines) ?? fit.side;
  }
}

/**
 * What is the same for images that are compared with each other.
 * @param {Leaf} leaf
 */
export const kindOf = ({ axis, lines, rows, columns }) => [axis, lines, rows, columns].join("|");

/**
 * Columns of the same axis are equally wide, so that they stand below each other. Images of one kind
 * are equally large, however long their titles are, so that they can be compared; so are the numbers
 * of one array that is there several times.
 * @param {Map<string, Leaf>} leaves
 */
function sharingWidths(leaves) {
  /** @type {Map<string, number>} */
  const widest = new Map(), shortest = new Map(), longest = new Map(), barest = new Map();
  /** @param {Leaf} leaf */
  const arrayOf = (leaf) => (leaf.square ? leaf.key && `${leaf.key}|${kindOf(leaf)}` : leaf.axis);
  for (const leaf of leaves.values()) {
    const { square, ems, short, least, bare } = leaf, kind = kindOf(leaf), array = arrayOf(leaf);
    if (square) {
      longest.set(kind, Math.max(least, longest.get(kind) ?? 0));
      barest.set(kind, Math.max(bare, barest.get(kind) ?? 0));
    }
    if (array) {
      widest.set(array, Math.max(ems, widest.get(array) ?? 0));
      shortest.set(array, Math.max(short, shortest.get(array) ?? 0));
    }
  }
  return new Map([...leaves].map(([key, leaf]) => {
    const kind = kindOf(leaf), array = arrayOf(leaf);
    const found = { ...leaf, ems: widest.get(array) ?? leaf.ems, short: shortest.get(array) ?? leaf.short };
    return [key, leaf.square ? { ...found, least: longest.get(kind) ?? leaf.least, bare: barest.get(kind) ?? leaf.bare } : found];
  }));
}
