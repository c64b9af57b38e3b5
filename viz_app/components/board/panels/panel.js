// One array: title, colour scale, its tiles, the whole of it in small, caption.

import { el, write, writeMarkup } from "../../common/elements.js";
import { Caption } from "./caption.js";
import { INDEX, Indices, LETTER } from "./indices.js";
import { Legend } from "./legend.js";
import { Overview } from "./overview.js";
import { PictureSwitch } from "./picture.js";
import { printOf, raised, shorter, timesOf } from "../sizes/numbers.js";
import { TileView } from "./tile.js";
import { MatrixMenu } from "../../matrix/menu.js";
import { nameOf } from "../../matrix/sheet.js";

/** @import { Board } from "../board.js" */
/** @import { Axis, Coordinates, Pair, Panel } from "../scene.js" */
/** @import { Fit, Heading, Leaf } from "../sizes/fit.js" */
/** @import { Print } from "../sizes/numbers.js" */
/** @import { Pointed } from "./tile.js" */

/**
 * Where a panel stands in a layout.
 * @typedef {object} Standing
 * @property {boolean} isRow whether it is a row of a table: its title stands beside it
 * @property {boolean} isLast whether it is the last row of a table
 * @property {boolean} isAbove whether it stands above a panel whose columns are the same
 * @property {boolean} isBelow whether it stands below a panel whose columns are the same
 */

// px: what a panel takes beside its cells, above and below them; of the bars of a histogram; above and
// below a row of a table.
const FRAME = 13, EDGES = 7, BARS = 56, ROW = 4;
const TABLE = 7; // heights of a line: the width of the title of a row of a table, and the gap
const UNIT = 7; // letters of a power of ten
const GAP_BEHIND = 8; // px between the parts beside a title
const TOOL = 30; // px of the menu behind them
const NARROW = 46; // px of a scale below the title

export class PanelView {
  /**
   * @param {Board} board
   * @param {Panel} panel
   */
  constructor(board, panel) {
    this.board = board;
    this.panel = panel;
    this.title = el("span", { className: "title" });
    this.times = el("span", { className: "times" });
    this.tiles = el("div", { className: "tiles" });
    this.caption = new Caption();
    this.legend = new Legend(board, panel);
    this.overview = new Overview(board, () => this.views[0]);
    this.indices = new Indices(this);
    this.menu = new MatrixMenu(() => this.seen(), board.frame, (saved) => board.model.send_msg({ saved }));
    this.picture = new PictureSwitch((picture) => board.model.send_msg({ picture }));
    this.top = el("div", { className: "top" }, this.title, this.times, this.picture.node, this.caption.node,
      this.menu.node, this.legend.node);
    this.node = el("figure", { className: "panel" }, this.top,
      el("div", { className: "body" }, this.indices.columns, this.indices.rows, this.tiles), this.overview.node);
    /** @type {TileView[]} */
    this.views = [];
    /** Its title as it is said. */
    this.name = "";
    /** px of the title, with the power of ten and the menu beside it; that of a row stands beside it. */
    this.titled = 0;
    /** Whether nothing stands round its cells that can be left out. */
    this.isLean = false;
    /** Power of ten by which its numbers are divided. */
    this.power = 0;
    /**
     * How its numbers are printed where there is room, and where there is little.
     * @type {Print[]}
     */
    this.prints = [];
    /** @type {Standing} */
    this.standing = { isRow: false, isLast: false, isAbove: false, isBelow: false };
  }

  /** @param {Panel} panel */
  update(panel) {
    this.panel = panel;
    if (writeMarkup(this.title, panel.title)) this.name = nameOf(panel);
    this.menu.describe(this.name);
    this.picture.draw(panel);
    this.node.dataset.key = panel.key;
    this.node.classList.toggle("now", panel.now);
    this.node.classList.toggle("bars", Boolean(panel.tiles[0].bins));
    if (this.views.length !== panel.tiles.length) {
      this.views = panel.tiles.map((tile) => new TileView(this.board, panel, tile));
      const [first, ...rest] = this.views.map((view) => view.node);
      this.tiles.replaceChildren(first, ...(rest.length ? [el("div", { className: "break" })] : []), ...rest);
    }
    panel.tiles.forEach((tile, k) => this.views[k].update(panel, tile, this.name));
  }

  /**
   * Take its place among the panels of a scene.
   * @param {number} common power of ten of the gradients of this scene
   * @param {Standing} standing
   */
  stand(common, standing) {
    const { panel } = this, [tile] = panel.tiles;
    const { letters } = this.board.filling;
    const print = printOf(tile.values, panel.rounding, panel.gradient ? common : null, letters);
    this.prints = [print, shorter(print, letters)];
    this.standing = standing;
    this.power = tile.bins || panel.picture ? 0 : print.power;
    write(this.times, timesOf(this.power));
    this.times.title = this.power ? `all numbers printed here, times 10${raised(this.power)}` : "";
    this.legend.describe(panel, this.power);
  }

  /** Titles are as wide as the page's font makes them; nothing is changed here. */
  measure() {
    const parts = [this.title, this.times, this.picture.node, this.menu.node];
    const widths = parts.map(({ offsetWidth }) => offsetWidth).filter(Boolean);
    this.titled = this.standing.isRow ? 0 : widths.reduce((sum, width) => sum + width + GAP_BEHIND, -GAP_BEHIND);
  }

  /**
   * What the layout must know.
   * @param {boolean} isNarrow whether its scale finds no room beside its title
   * @param {boolean} isLean whether nothing stands round the cells that can be left out
   * @returns {Leaf}
   */
  leaf(isNarrow, isLean) {
    const { panel, board, indices, standing: { isRow, isAbove, isLast } } = this, { line } = board.filling;
    const [tile, ...small] = panel.tiles, [rows, columns] = tile.shape, [one] = small, [print, short] = this.prints;
    const letter = LETTER * line, named = Math.max(0, ...(indices.words ?? []).map((word) => word.length)) * letter;
    const title = (this.title.textContent.length + (this.power ? UNIT : 0) + this.picture.letters) * letter;
    return {
      rows, columns, enough: Math.min(rows, panel.enough || rows), square: panel.square,
      ems: print.ems, short: short.ems, isLean, hasWhole: !isLean || !isAbove,
      across: FRAME + (named || (indices.hasRows ? INDEX : 0)) + (isRow ? TABLE * line : 0),
      down: isRow ? ROW + (isLast && panel.scale !== "none" ? line : 0) : EDGES + line * (1 + (indices.hasColumns(isLean) ? 1 : 0) + (isNarrow && !isLean ? 1 : 0)),
      least: isRow ? 0 : Math.max(title, this.titled) + TOOL + FRAME, bare: isRow ? 0 : this.titled + FRAME, bar: tile.bins ? BARS : 0,
      small: one ? { count: small.length, rows: one.shape[0], columns: one.shape[1] } : null,
      axis: board.scrollKey(panel.columns), lines: board.scrollKey(panel.rows), key: panel.key,
    };
  }

  /**
   * px that title and scale have side by side.
   * @param {Fit} fit
   */
  room({ wide, nc }) {
    return Math.min(nc, this.panel.tiles[0].shape[1]) * wide + (this.indices.hasRows ? INDEX : 0);
  }

  /**
   * How title, words and scale stand above its cells.
   * @param {Fit} fit
   * @returns {Heading}
   */
  heading(fit) {
    const { titled, caption } = this, width = this.room(fit), scale = this.legend.least(titled, width);
    if (!scale) return { width, scale, isNarrow: false, isCut: false };
    caption.say(this.panel.notes, this.partsOf({ r: 0, c: 0, ...fit }), this.standing.isRow);
    // Below the title the scale also leaves its room for words that would be cut off.
    const words = caption.least(this.board.filling.line), isCut = !caption.isEmpty && titled + words > width;
    return { width, scale, isNarrow: titled + scale > width || (titled + words + scale > width && !isCut), isCut };
  }

  /**
   * Take up its room, before it is drawn.
   * @param {Fit} fit
   */
  resize(fit) {
    const [first, ...rest] = this.views, { small, isNarrow = false, isLean = false } = fit, { titled } = this;
    this.isLean = isLean;
    first.fit = fit;
    first.print = first.tile.bins || this.panel.empty || this.panel.picture ? null : this.prints[fit.isShort ? 1 : 0];
    for (const view of rest) {
      const [nr, nc] = view.tile.shape;
      view.fit = { ...fit, side: small, wide: small, nr, nc, font: 0 };
    }
    this.tiles.style.maxWidth = `${Math.max(first.wide * fit.nc, rest.length ? fit.width : 0)}px`;
    const { width, scale, isCut } = /** @type {Heading} */ (fit.heading);
    // Words stand beside the title, or beside the scale below it.
    const isLow = isNarrow && isCut && !isLean, beside = isNarrow ? 0 : scale;
    this.legend.place(titled, width, isNarrow, isNarrow && isLean);
    this.top.classList.toggle("low", isLow);
    // Titles lie on no other panel, however few cells are below them.
    const { stacked, room } = this.board, least = titled + TOOL + FRAME;
    // In px: a share would be one of what stands round it, which is as narrow as its cells.
    const most = stacked ? room.clientWidth : Math.floor(fit.most);
    this.node.style.minWidth = this.standing.isRow ? "" : `${Math.min(most, least)}px`;
    this.caption.fit(isLow ? Math.max(width, titled) - NARROW : width - titled - beside, this.board.filling.line, isLow ? 0 : TOOL);
    this.place();
    this.node.classList.toggle("tight", !stacked && (least > fit.most || this.caption.isFull));
  }

  /** Other cells are computed now, or they have other colours. */
  redraw() {
    this.overview.forget();
    this.draw();
  }

  /**
   * The panel with the numbers that are there to be read: neither padding, nor what is not computed.
   * @returns {Panel}
   */
  seen() {
    const { panel } = this;
    return { ...panel, tiles: panel.tiles.map((tile, k) => this.views[k]?.seen(tile) ?? tile) };
  }

  /** What changes while one scrolls. */
  draw() {
    this.place();
    this.paint();
  }

  /**
   * Which rows and columns would be in sight, where these are not all.
   * @param {{ r: number, c: number, nr: number, nc: number }} shown
   */
  partsOf({ r, c, nr, nc }) {
    const { panel } = this, [{ row_start: top, column_start: left }] = panel.tiles;
    /** @type {[what: string, start: number, count: number, total: number][]} */
    const parts = [["rows", top + r, nr, panel.row_total], ["columns", left + c, nc, panel.column_total]];
    return parts.filter(([, , count, total]) => count < total)
      .map(([what, start, count, total]) => `${what} ${start}–${start + count - 1} of ${total.toLocaleString("en")}`);
  }

  /** Write what stands round the cells in sight. */
  place() {
    for (const view of this.views) view.place();
    const [{ shown }] = this.views;
    this.caption.say(this.panel.notes, this.partsOf(shown), this.standing.isRow);
    // Columns are scrolled by that of the panel below; of rows it shows little.
    this.overview.place(!this.isLean || (!this.standing.isAbove && shown.nc < this.panel.tiles[0].shape[1]));
    this.indices.place();
  }

  /** Draw its cells, once it stands where it is to stand. */
  paint() {
    for (const view of this.views) view.draw();
    this.overview.draw();
    this.legend.draw();
  }

  /**
   * The axes that are in sight in part only, and how many of their rows or columns are not.
   * @returns {Record<string, number>}
   */
  hidden() {
    const [view] = this.views, [rows, columns] = view.tile.shape, { nr, nc } = view.shown;
    /** @type {[Axis, number][]} */
    const axes = [[this.panel.rows, rows - nr], [this.panel.columns, columns - nc]];
    return Object.fromEntries(axes.filter(([, count]) => count > 0)
      .map(([dims, count]) => [this.board.scrollKey(dims), count]));
  }

  /**
   * Outline what belongs to the selection.
   * @param {((cell: Coordinates) => number) | null} test answers 0, 1 (window) or 2 (cell)
   * @param {Pointed | undefined} pointed
   * @param {Coordinates | null | undefined} coordinates
   */
  highlight(test, pointed, coordinates) {
    for (const view of this.views) view.highlight(test, pointed);
    this.overview.drawFrame(coordinates);
  }

  /**
   * Bring the cells that fit the coordinates into sight, as many as there is room for.
   * @param {Coordinates} coordinates
   * @param {Record<string, number>} [but] axes that are not scrolled for it
   */
  reveal(coordinates, but = {}) {
    if (!this.isPart) return;
    const { rows, columns } = this.views[0].matches(coordinates, this.board.scene.geometry);
    this.scrollTo(rows, columns, but);
  }

  /**
   * Bring cells of the array into sight, as many as there is room for.
   * @param {Set<string> | null} cells by their joined indices; null for none
   * @param {Record<string, number>} but axes that are not scrolled for it
   */
  revealCells(cells, but) {
    if (!cells || !this.isPart) return;
    /** @type {Set<number>} */
    const r = new Set(), c = new Set();
    for (const [row, column, index] of this.views[0].cells()) {
      if (!cells.has(index)) continue;
      r.add(row);
      c.add(column);
    }
    const sorted = (/** @type {Set<number>} */ at) => [...at].sort((one, other) => one - other);
    this.scrollTo(sorted(r), sorted(c), but);
  }

  /**
   * The cell of the array that has an index; null if there is none here.
   * @param {number[]} index
   * @returns {{ view: TileView, cell: Pair } | null}
   */
  find(index) {
    const wanted = index.join();
    for (const view of this.views) {
      for (const [row, column, one] of view.cells()) {
        if (one === wanted && !view.isPadding(row, column)) return { view, cell: [row, column] };
      }
    }
    return null;
  }

  /** Whether some rows or columns are out of sight. */
  get isPart() {
    const { tile: { shape: [rows, columns] }, shown: { nr, nc } } = this.views[0];
    return nr < rows || nc < columns;
  }

  /**
   * @param {number[]} inRows rows that are wanted
   * @param {number[]} inColumns columns that are wanted
   * @param {Record<string, number>} [but] axes that are not scrolled for it
   */
  scrollTo(inRows, inColumns, but = {}) {
    const { tile: { shape: [rows, columns] }, shown: { r, c, nr, nc } } = this.views[0];
    /**
     * @param {Axis} dims
     * @param {number} at
     * @param {number} count
     * @param {number} total
     * @param {number[]} fitting
     */
    const look = (dims, at, count, total, fitting) => {
      if (!fitting.length || fitting.length === total || this.board.scrollKey(dims) in but) return;
      const first = fitting[0], last = fitting[fitting.length - 1], span = last - first + 1;
      if (first >= at && last < at + count) return;
      const start = span <= count ? first - Math.floor((count - span + 1) / 2) : first;
      this.board.scroll(dims, Math.max(0, Math.min(total - count, start)));
    };
    look(this.panel.rows, r, nr, rows, inRows);
    look(this.panel.columns, c, nc, columns, inColumns);
  }
}
