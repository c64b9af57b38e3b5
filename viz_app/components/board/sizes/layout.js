// How large the cells of each panel are, so that the board fills its room and no digit is squeezed.
//
// A layout is a tree of rows and columns of panels. Numbers have one size for all of them: the
// largest at which everything is seen whole, or the least one. What does not fit then is seen in
// part: panels of a row share its width so that small ones are whole, and so do those of a column.

/** @import { Item } from "../scene.js" */

/**
 * What the layout must know of a panel.
 * @typedef {object} Leaf
 * @property {number} rows
 * @property {number} columns
 * @property {number} enough rows that are enough where there is little room
 * @property {boolean} square whether it is an image, which may do without numbers
 * @property {number} ems width of its widest number
 * @property {number} short the same with a decimal less, where that can be spared
 * @property {number} across px beside its cells
 * @property {number} down px above and below them
 * @property {number} least px, at least, of its width: that of its title
 * @property {number} bar px of its height where it is a histogram; 0 else
 * @property {{ count: number, rows: number, columns: number } | null} small the small ones below
 * @property {string} axis what its columns are: those of the same stand below each other
 * @property {string} lines what its rows are: those of the same stand beside each other
 */

/**
 * How a panel is drawn: px of a cell, how many are in sight, px of its numbers (0 without), px of
 * the cells of the small ones, px of the width that these may take; whether there is no room for a
 * decimal that can be spared; whether its scale stands below its title.
 * @typedef {{ side: number, wide: number, nr: number, nc: number, font: number, small: number,
 *   width: number, isShort?: boolean, isNarrow?: boolean }} Fit
 */

/** @typedef {{ w: number, h: number }} Size */

/**
 * @typedef {object} Frame
 * @property {Map<string, Leaf>} leaves by key
 * @property {{ across: number, down: number }} gap px between panels
 * @property {number} least px of numbers of images, at least: without room for them they have none
 * @property {(operator: string) => number} operator px of an operator's width
 */

const TALL = 1.7, LETTERS = 4; // height of a cell in sizes of its numbers; px beside a number
const TIGHT = 1.6; // px beside a number of an image that would have none otherwise
const LARGEST = 128; // px of a cell
const MORE = 1.25; // numbers may grow by so much where their cells are larger
// Where nearly all rows or columns fit, numbers are this much smaller at most, and cells this high in
// sizes of them, so that all are seen.
const NEARLY = 0.7, SHRUNK = 0.8, LOW = 1.3, AROUND = 0.14; // the last: sizes of them beside a number
const HIGH = 2; // times the width of its letter, the height of an operator
const MODEST = 16; // px of a cell of an image, at most, that makes room for all of a matrix
const DOTS = 3; // px of a cell of an image that shows no numbers
const APART = 3; // px above the whole in small
// Of the small ones below, px; they stand in one line as long as a cell has so many px, then in more.
const SMALL_IMAGE = 44, SMALL_CELL = 9, SMALL_GAP = 4, LEGIBLE = 3, MOST_LINES = 2;

/**
 * @param {Leaf} leaf
 * @param {number} font
 * @returns {{ side: number, wide: number }}
 */
function cellOf(leaf, font) {
  if (leaf.bar) return { side: leaf.bar, wide: 8 };
  const side = Math.round(font * TALL), wide = Math.ceil(leaf.ems * font) + LETTERS;
  return leaf.square ? { side: Math.max(side, wide), wide: Math.max(side, wide) } : { side, wide: Math.max(wide, side) };
}

/**
 * px of the height of the whole in small, below what is in sight of so many rows.
 * @param {number} rows
 */
export const overviewHeight = (rows) => Math.max(8, Math.min(14, rows));

/** @param {Leaf} leaf */
const overviewOf = ({ rows }) => APART + overviewHeight(rows);

/**
 * Cells of the small ones, which are of use in few lines only.
 * @param {Leaf} leaf
 * @param {number} width
 * @returns {{ cell: number, height: number }}
 */
function smallOf({ small }, width) {
  if (!small) return { cell: 0, height: 0 };
  const { count, rows, columns } = small;
  let cell = Math.max(1, Math.min(SMALL_CELL, Math.floor(SMALL_IMAGE / Math.max(rows, columns))));
  /** @param {number} px */
  const lines = (px) => Math.ceil(count / Math.max(1, Math.floor((width + SMALL_GAP) / (columns * px + SMALL_GAP))));
  while (cell > 1 && lines(cell) > (cell > LEGIBLE ? 1 : MOST_LINES)) cell--;
  return { cell, height: lines(cell) * (rows * cell + SMALL_GAP) };
}

/**
 * The size of an item that is seen whole, or as much of it as is enough.
 * @param {Item} item
 * @param {number} font
 * @param {Frame} frame
 * @param {boolean} [modest]
 * @returns {Size}
 */
function whole(item, font, frame, modest = false) {
  if (typeof item === "string") {
    const leaf = frame.leaves.get(item);
    if (!leaf) return item ? { w: frame.operator(item), h: HIGH * frame.operator(" ") } : { w: 0, h: 0 };
    const { side, wide } = cellOf(leaf, font);
    const cells = modest && leaf.square ? Math.min(wide, MODEST) : wide;
    const w = Math.max(leaf.least, leaf.across + cells * leaf.columns);
    const rows = modest ? leaf.enough : leaf.rows;
    const h = leaf.down + side * rows + smallOf(leaf, w - leaf.across).height;
    return { w, h: h + (rows < leaf.rows ? overviewOf(leaf) : 0) };
  }
  const lines = linesOf(item);
  const widths = columnsOf(lines, (inner) => whole(inner, font, frame, modest).w);
  const heights = heightsOf(lines, font, frame, modest);
  return { w: total(widths, frame.gap.across), h: total(heights, frame.gap.down) };
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
 * @param {boolean} modest
 */
const heightsOf = (lines, font, frame, modest) =>
  lines.map((line) => Math.max(0, ...line.map((inner) => whole(inner, font, frame, modest).h)));

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
    if (leaf) fits.set(item, fitOf(leaf, room, font, frame));
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
  // Images are smaller where matrices are seen whole then, or nearly so.
  const modest = own(columnsOf(lines, (inner) => whole(inner, font, frame, true).w));
  const wide = shares(own(widths), left, NEARLY * total(modest, 0) <= left ? modest : undefined);
  const flat = lines.map((line) => line.every(isFixed)), heights = heightsOf(lines, font, frame, false);
  const used = heights.reduce((sum, height, k) => sum + (flat[k] ? height : 0), 0);
  /** @param {number[]} sizes */
  const open = (sizes) => sizes.map((height, k) => (flat[k] ? 0 : height));
  const high = shares(open(heights), room.h - used - frame.gap.down * (rows - 1),
    open(heightsOf(lines, font, frame, true)));
  lines.forEach((line, r) => line.forEach((inner, c) => {
    give(inner, { w: fixed[c] ? widths[c] : wide[c], h: high[r] }, font, frame, fits);
  }));
}

/**
 * @param {Leaf} leaf
 * @param {Size} room
 * @param {number} font
 * @param {Frame} frame
 * @returns {Fit}
 */
function fitOf(leaf, room, font, frame) {
  const width = room.w - leaf.across, least = cellOf(leaf, font);
  const small = smallOf(leaf, width);
  let height = room.h - leaf.down - small.height;
  /** @param {number} px @param {number} most */
  const within = (px, most) => Math.max(1, Math.min(most, Math.floor(px)));
  if (leaf.bar) {
    const wide = within(width / leaf.columns, 24);
    return { side: leaf.bar, wide, nr: 1, nc: leaf.columns, font: 0, small: 0, width };
  }
  if (leaf.square) {
    const side = Math.max(DOTS, within(Math.min(width / leaf.columns, height / leaf.rows), LARGEST));
    const fitting = Math.min(font * MORE, (side - LETTERS) / leaf.ems, side / TALL * 1.1);
    const found = { side, wide: side, nr: leaf.rows, nc: leaf.columns, small: small.cell, width };
    if (side >= least.side) return { ...found, font: Math.max(font, fitting) };
    if (fitting >= frame.least) return { ...found, font: fitting };
    /** @param {number} ems */
    const isIn = (ems) => side >= ems * frame.least + TIGHT && side * 1.1 >= TALL * frame.least;
    const isShort = !isIn(leaf.ems);
    return { ...found, font: isIn(isShort ? leaf.short : leaf.ems) ? frame.least : 0, isShort };
  }
  const { size, isShort, wide: narrow } = tightened(leaf, width, font, frame) ?? { ...least, size: font, isShort: false };
  const isFlat = least.side * leaf.rows > height && height / leaf.rows >= LOW * size;
  const low = isFlat ? Math.floor(height / leaf.rows) : least.side;
  if (narrow * leaf.columns > width || low * leaf.rows > height) height -= overviewOf(leaf);
  const nc = within(width / narrow, leaf.columns), nr = within(height / low, leaf.rows);
  const wide = Math.max(narrow, within(width / nc, Math.min(LARGEST, 1.5 * narrow)));
  const side = Math.max(low, within(height / nr, Math.min(LARGEST, Math.max(wide, 1.5 * low))));
  const ems = isShort ? leaf.short : leaf.ems;
  const fitting = Math.min(font * MORE, (wide - LETTERS) / ems, side / TALL * 1.1);
  return { side, wide, nr, nc, small: small.cell, width, font: Math.max(size, fitting), isShort };
}

/**
 * Narrower cells with which all columns of a matrix are seen, where nearly all are: smaller numbers,
 * or, if need be, without a decimal that can be spared; nothing where that does not help.
 * @param {Leaf} leaf
 * @param {number} width px of all cells
 * @param {number} font
 * @param {Frame} frame
 */
function tightened(leaf, width, font, frame) {
  const { wide: usual } = cellOf(leaf, font), wide = Math.floor(width / leaf.columns);
  if (wide >= usual || wide < NEARLY * usual) return null;
  const smallest = Math.min(font, Math.max(frame.least, SHRUNK * font));
  for (const ems of [leaf.ems, leaf.short]) {
    const size = Math.min(font, wide / (ems + AROUND));
    if (size >= smallest) return { wide, size, isShort: ems !== leaf.ems };
  }
  return null;
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
 * How panels are drawn that stand below each other on a page as long as they need.
 * @param {Frame} frame
 * @param {number} width px of the page
 * @param {number} font px of numbers
 * @param {number} most px of a cell of an image
 */
export function stack(frame, width, font, most) {
  /** @type {Map<string, Fit>} */
  const fits = new Map();
  for (const [key, leaf] of frame.leaves) {
    const { side, wide } = cellOf(leaf, font);
    const large = leaf.square ? Math.max(side, Math.min(most, Math.floor((width - leaf.across) / leaf.columns))) : side;
    const rows = leaf.square ? leaf.rows : Math.min(leaf.rows, 12);
    const h = leaf.down + large * rows + smallOf(leaf, width - leaf.across).height + overviewOf(leaf);
    const w = Math.min(width, leaf.across + (leaf.square ? large : wide * 1.2) * leaf.columns);
    fits.set(key, fitOf(leaf, { w, h }, font, frame));
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
 * are equally large, however long their titles are, so that they can be compared.
 * @param {Map<string, Leaf>} leaves
 */
function sharingWidths(leaves) {
  /** @type {Map<string, number>} */
  const widest = new Map(), shortest = new Map(), longest = new Map();
  for (const leaf of leaves.values()) {
    const { axis, square, ems, short, least } = leaf;
    if (square) longest.set(kindOf(leaf), Math.max(least, longest.get(kindOf(leaf)) ?? 0));
    else if (axis) {
      widest.set(axis, Math.max(ems, widest.get(axis) ?? 0));
      shortest.set(axis, Math.max(short, shortest.get(axis) ?? 0));
    }
  }
  return new Map([...leaves].map(([key, leaf]) => [key, leaf.square
    ? { ...leaf, least: longest.get(kindOf(leaf)) ?? leaf.least }
    : { ...leaf, ems: widest.get(leaf.axis) ?? leaf.ems, short: shortest.get(leaf.axis) ?? leaf.short }]));
}
