// How large the cells of one panel are in the room that it is given.

/**
 * What must be known of a panel.
 * @typedef {object} Leaf
 * @property {number} rows
 * @property {number} columns
 * @property {number} enough rows that are enough where there is little room
 * @property {boolean} square whether it is an image, which may do without numbers
 * @property {number} ems width of its widest number
 * @property {number} short the same with a decimal less, where that can be spared
 * @property {number} across px beside its cells
 * @property {number} down px above and below them
 * @property {number} least px, at least, of its width: that of its title and what stands behind it
 * @property {number} bare the same of its title alone, where there is little room
 * @property {number} bar px of its height where it is a histogram; 0 else
 * @property {{ count: number, rows: number, columns: number } | null} small the small ones below
 * @property {string} axis what its columns are: those of the same stand below each other
 * @property {string} lines what its rows are: those of the same stand beside each other
 * @property {string} key name of the array
 * @property {boolean} isLean whether its rows are as low as can be, so that more are in sight
 * @property {boolean} hasWhole whether the whole of it is shown in small where it is seen in part; of
 *   a lean one, where some of its columns are out of sight
 */

/**
 * What stands above the cells: px that title and scale have side by side, those of the scale, and
 * whether that finds no room beside the title; whether words would be cut off there.
 * @typedef {{ width: number, scale: number, isNarrow: boolean, isCut: boolean }} Heading
 */

/**
 * How a panel is drawn: px of a cell, how many are in sight, px of its numbers (0 without), px of
 * the cells of the small ones, px of the width that these may take, px that it may take itself;
 * whether there is no room for a decimal that can be spared; what stands above the cells; whether its
 * scale stands below its title; whether nothing stands round the cells that can be left out.
 * @typedef {{ side: number, wide: number, nr: number, nc: number, font: number, small: number,
 *   width: number, most: number, isShort?: boolean, heading?: Heading, isNarrow?: boolean,
 *   isLean?: boolean }} Fit
 */

/** @typedef {{ w: number, h: number }} Size */

// In sizes of numbers: the height of a cell, what is free beside a number, and where there is little
// room: with less, the numbers of neighbours look like one.
const TALL = 1.7, FREE = 0.4, AROUND = 0.2;
const CLOSE = 1.1; // times the height of a cell, that of its number with what stands round it
const LARGEST = 128; // px of a cell
const MORE = 1.25; // numbers may grow by so much where their cells are larger
// Where nearly all rows or columns fit, numbers are this much smaller at most, and cells this high in
// sizes of them, so that all are seen.
export const NEARLY = 0.7;
const SHRUNK = 0.8, LOW = 1.3;
export const DOTS = 3; // px of a cell of an image that shows no numbers
const APART = 3; // px above the whole in small
// Of the small ones below, px; they stand in one line as long as a cell has so many px, then in more.
const SMALL_IMAGE = 44, SMALL_CELL = 9, SMALL_GAP = 4, LEGIBLE = 3, MOST_LINES = 2;
const SMALLER = 3; // times, at least, that the cells of an image are larger than those of the small ones

/**
 * @param {Leaf} leaf
 * @param {number} font
 * @returns {{ side: number, wide: number }}
 */
export function cellOf(leaf, font) {
  if (leaf.bar) return { side: leaf.bar, wide: 8 };
  const tall = Math.round(font * TALL), wide = Math.ceil((leaf.ems + FREE) * font);
  if (leaf.square) return { side: Math.max(tall, wide), wide: Math.max(tall, wide) };
  return { side: leaf.isLean ? Math.round(font * LOW) : tall, wide: Math.max(wide, tall) };
}

/**
 * px of numbers that are smaller so that more of them are seen.
 * @param {number} font
 * @param {number} least
 */
const smallestOf = (font, least) => Math.min(font, Math.max(least, SHRUNK * font));

/**
 * px of a cell in which a number can just be read.
 * @param {Leaf} leaf
 * @param {number} font
 * @param {number} least px of numbers, at least
 * @param {boolean} isShort whether a decimal that can be spared is left out
 */
export function leastCell(leaf, font, least, isShort) {
  const usual = cellOf(leaf, font).wide, ems = isShort ? leaf.short : leaf.ems;
  if (leaf.bar) return usual;
  if (leaf.square) return Math.min(usual, Math.ceil(Math.max(least * (ems + AROUND), TALL * least / CLOSE)));
  return Math.min(usual, Math.ceil(Math.max(NEARLY * usual, smallestOf(font, least) * (ems + AROUND))));
}

/**
 * px of the height of the whole in small, below what is in sight of so many rows.
 * @param {number} rows
 */
export const overviewHeight = (rows) => Math.max(8, Math.min(14, rows));

/** @param {Leaf} leaf */
export const overviewOf = ({ rows, hasWhole }) => (hasWhole ? APART + overviewHeight(rows) : 0);

/**
 * In how many lines the small ones stand.
 * @param {NonNullable<Leaf["small"]>} small
 * @param {number} width
 * @param {number} cell
 */
const linesOfSmall = ({ count, columns }, width, cell) =>
  Math.ceil(count / Math.max(1, Math.floor((width + SMALL_GAP) / (columns * cell + SMALL_GAP))));

/**
 * Cells of the small ones, which are of use in few lines only.
 * @param {Leaf} leaf
 * @param {number} width
 */
function smallCell({ small }, width) {
  if (!small) return 0;
  let cell = Math.max(1, Math.min(SMALL_CELL, Math.floor(SMALL_IMAGE / Math.max(small.rows, small.columns))));
  while (cell > 1 && linesOfSmall(small, width, cell) > (cell > LEGIBLE ? 1 : MOST_LINES)) cell--;
  return cell;
}

/**
 * px of the height of the small ones.
 * @param {Leaf} leaf
 * @param {number} width
 * @param {number} [cell]
 */
export const smallHeight = (leaf, width, cell = smallCell(leaf, width)) =>
  (leaf.small ? linesOfSmall(leaf.small, width, cell) * (leaf.small.rows * cell + SMALL_GAP) : 0);

/** @param {number} px @param {number} most */
const within = (px, most) => Math.max(1, Math.min(most, Math.floor(px)));

/**
 * @param {Leaf} leaf
 * @param {Size} room
 * @param {number} font
 * @param {number} smallest px of numbers, at least, where there would be none otherwise
 * @returns {Fit}
 */
export function fitOf(leaf, room, font, smallest) {
  const width = room.w - leaf.across, cells = { w: width, h: room.h - leaf.down };
  if (leaf.bar) {
    const wide = within(width / leaf.columns, 24);
    return { side: leaf.bar, wide, nr: 1, nc: leaf.columns, font: 0, small: 0, width, most: room.w };
  }
  return { ...(leaf.square ? imageOf : matrixOf)(leaf, cells, font, smallest), width, most: room.w };
}

/** @typedef {Omit<Fit, "width" | "most">} Drawn */

/**
 * A matrix, of which as much is in sight as there is room for.
 * @param {Leaf} leaf
 * @param {Size} room of all cells
 * @param {number} font
 * @param {number} smallest
 * @returns {Drawn}
 */
function matrixOf(leaf, { w: width, h }, font, smallest) {
  const least = cellOf(leaf, font);
  let height = h - smallHeight(leaf, width);
  const { size, isShort, wide: narrow } = tightened(leaf, width, font, smallest) ?? { ...least, size: font, isShort: false };
  const usual = leaf.isLean ? Math.round(LOW * smallestOf(font, smallest)) : least.side;
  const isFlat = usual * leaf.rows > height && height / leaf.rows >= LOW * size;
  const low = isFlat ? Math.floor(height / leaf.rows) : usual;
  if (narrow * leaf.columns > width || (low * leaf.rows > height && !leaf.isLean)) height -= overviewOf(leaf);
  const nc = within(width / narrow, leaf.columns), nr = within(height / low, leaf.rows);
  const wide = Math.max(narrow, within(width / nc, Math.min(LARGEST, 1.5 * narrow)));
  const side = Math.max(low, within(height / nr, Math.min(LARGEST, Math.max(wide, 1.5 * low))));
  const ems = isShort ? leaf.short : leaf.ems, fitting = Math.min(font * MORE, wide / (ems + FREE), side / TALL * CLOSE);
  const larger = Math.max(size, fitting);
  return { side, wide, nr, nc, small: smallCell(leaf, width), font: leaf.isLean ? Math.min(larger, side / LOW) : larger, isShort };
}

/**
 * An image, and the small ones below it: these make room for its numbers, and take what it leaves.
 * @param {Leaf} leaf
 * @param {Size} room of all cells
 * @param {number} font
 * @param {number} smallest
 * @returns {Drawn}
 */
function imageOf(leaf, room, font, smallest) {
  const { small } = leaf, usual = smallCell(leaf, room.w);
  /** @param {number} cell */
  const beside = (cell) => {
    const height = room.h - smallHeight(leaf, room.w, cell);
    const side = Math.max(DOTS, within(Math.min(room.w / leaf.columns, height / leaf.rows), LARGEST));
    return { side, wide: side, nr: leaf.rows, nc: leaf.columns, small: cell, ...numbersOf(leaf, side, font, smallest) };
  };
  let fit = beside(usual);
  for (let cell = usual - 1; !fit.font && cell >= LEGIBLE; cell--) {
    const other = beside(cell);
    if (other.font) fit = other;
  }
  if (!small) return fit;
  /** @param {number} cell */
  const isIn = (cell) => cell * SMALLER <= fit.side && linesOfSmall(small, room.w, cell) <= MOST_LINES
    && smallHeight(leaf, room.w, cell) <= room.h - fit.side * leaf.rows;
  while (isIn(fit.small + 1)) fit.small++;
  return fit;
}

/**
 * px of the numbers of an image whose cells have so many, 0 for none, and whether a decimal is spared.
 * @param {Leaf} leaf
 * @param {number} side
 * @param {number} font
 * @param {number} smallest
 */
function numbersOf(leaf, side, font, smallest) {
  const fitting = Math.min(font * MORE, side / (leaf.ems + FREE), side / TALL * CLOSE);
  if (side >= cellOf(leaf, font).side) return { font: Math.max(font, fitting), isShort: false };
  if (fitting >= smallest) return { font: fitting, isShort: false };
  const isShort = side < leastCell(leaf, font, smallest, false);
  return { font: side < leastCell(leaf, font, smallest, isShort) ? 0 : smallest, isShort };
}

/**
 * Narrower cells with which all columns of a matrix are seen, where nearly all are: smaller numbers,
 * or, if need be, without a decimal that can be spared; nothing where that does not help.
 * @param {Leaf} leaf
 * @param {number} width px of all cells
 * @param {number} font
 * @param {number} least px of numbers
 */
function tightened(leaf, width, font, least) {
  const { wide: usual } = cellOf(leaf, font), wide = Math.floor(width / leaf.columns);
  if (wide >= usual || wide < NEARLY * usual) return null;
  const smallest = smallestOf(font, least);
  for (const ems of [leaf.ems, leaf.short]) {
    const size = Math.min(font, wide / (ems + AROUND));
    if (size >= smallest) return { wide, size, isShort: ems !== leaf.ems };
  }
  return null;
}
