// One array: title, colour scale, its tiles, the whole of it in small, caption.

import { contextOf, el } from "../common/elements.js";
import { format, inShort } from "../common/format.js";
import { hides } from "./covered.js";
import { overviewHeight } from "./sizes/layout.js";
import { printOf, raised, unitOf } from "./sizes/numbers.js";
import { TileView } from "./tile.js";
import { MatrixMenu } from "../matrix/menu.js";

/** @import { Colour } from "../common/colours.js" */
/** @import { Board } from "./board.js" */
/** @import { Axis, Coordinates, Pair, Panel, Tile } from "./scene.js" */
/** @import { Fit, Leaf } from "./sizes/layout.js" */
/** @import { Pointed } from "./tile.js" */

// px: what a panel takes beside its cells, above and below them, for the indices of rows, for the
// title of a row of a table; of the bars of a histogram.
const FRAME = 13, EDGES = 7, INDEX = 25, TABLE = 112, BARS = 56, ROW = 4;
const UNIT = 7; // letters of a power of ten
const LETTER = 7.5; // px, about, of a title's letter
const WORDS_OF_SCALE = 118, LEGEND = 96; // px, about, of a scale with both ends, and with one

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
    this.overview = el("canvas", { className: "overview" });
    this.bar = el("canvas", { className: "bar", width: 64, height: 1 });
    this.low = el("span"); this.high = el("span");
    this.unit = el("span", { className: "unit" });
    this.caption = el("span", { className: "caption" });
    this.legend = el("div", { className: "legend" }, this.low, this.bar, this.high, this.unit);
    this.names = el("div", { className: "names" });
    this.heads = el("div", { className: "heads" });
    this.menu = new MatrixMenu(() => this.seen(), board.frame);
    this.node = el("figure", { className: "panel" },
      el("div", { className: "top" }, this.title, this.times, this.menu.node, this.caption, this.legend),
      this.heads,
      el("div", { className: "body" }, this.names, this.tiles), this.overview);
    /** @type {TileView[]} */
    this.views = [];
    /** Power of ten by which its numbers are divided. */
    this.power = 0;
    /** Whether the indices of rows, and of columns, stand beside them. */
    this.isIndexed = false;
    this.hasHeads = false;
    /** Whether it is a row of a table: its title stands beside it. */
    this.isRow = false;
    /** Whether the scale stands below the title, as it did when it was drawn last. */
    this.isNarrow = false;
    /**
     * What the overview shows in small, and its picture.
     * @type {{ tile: Tile, image: ImageData } | null}
     */
    this.whole = null;
    this.overview.addEventListener("pointerdown", (e) => this.jump(e));
    this.overview.addEventListener("pointermove", (e) => { if (e.buttons) this.jump(e); });
    this.update(panel);
  }

  /** @param {Panel} panel */
  update(panel) {
    this.panel = panel;
    this.title.innerHTML = panel.title;
    this.menu.draw();
    this.node.dataset.key = panel.key;
    this.node.classList.toggle("now", panel.now);
    this.node.classList.toggle("bars", Boolean(panel.tiles[0].bins));
    if (this.views.length !== panel.tiles.length) {
      this.views = panel.tiles.map((tile) => new TileView(this.board, panel, tile));
      const [first, ...rest] = this.views.map((view) => view.node);
      this.tiles.replaceChildren(first, ...(rest.length ? [el("div", { className: "break" })] : []), ...rest);
    }
    panel.tiles.forEach((tile, k) => Object.assign(this.views[k], { panel, tile }));
  }

  /**
   * What the layout must know.
   * @param {number} common power of ten of the gradients of this scene
   * @param {boolean} isRow whether it is a row of a table
   * @param {boolean} isBelow whether it stands below a panel whose columns are the same
   * @param {boolean} isLast whether it is the last row of a table
   * @returns {Leaf}
   */
  leaf(common, isRow, isBelow, isLast) {
    const { panel, board } = this, [tile, ...small] = panel.tiles, [rows, columns] = tile.shape;
    const range = tile.range || panel.range;
    const print = printOf(tile.values, range, panel.rounding, panel.gradient ? common : null, board.filling.letters);
    this.views.forEach((view, k) => { view.print = k || tile.bins || panel.empty ? null : print; });
    this.power = tile.bins ? 0 : print.power;
    const [one] = small, { line } = board.filling;
    const words = panel.named ? board.scene.names?.[panel.rows[0][0]] ?? [] : [];
    const named = Math.max(0, ...words.map((word) => word.length)) * LETTER;
    this.isRow = isRow;
    this.isIndexed = !panel.square && !tile.bins && !isRow && rows * columns > 1;
    this.hasHeads = this.isIndexed && columns > 1 && !isBelow;
    const title = (this.title.textContent.length + (this.power ? UNIT : 0)) * LETTER;
    return {
      rows, columns, enough: Math.min(rows, panel.enough || rows), square: panel.square, ems: print.ems,
      across: FRAME + (named || (this.isIndexed ? INDEX : 0)) + (isRow ? TABLE : 0),
      down: isRow ? ROW + (isLast ? 2 * line : 0) : EDGES + line * (1 + (this.hasHeads ? 1 : 0) + (this.isNarrow ? 1 : 0)),
      least: isRow ? 0 : title + FRAME, bar: tile.bins ? BARS : 0,
      small: one ? { count: small.length, rows: one.shape[0], columns: one.shape[1] } : null,
      axis: board.scrollKey(panel.columns), lines: board.scrollKey(panel.rows),
    };
  }

  /** @param {Fit} fit */
  resize(fit) {
    const [first, ...rest] = this.views, { small } = fit;
    first.fit = fit;
    for (const view of rest) {
      const [nr, nc] = view.tile.shape;
      view.fit = { ...fit, side: small, wide: small, nr, nc, font: 0 };
    }
    this.tiles.style.maxWidth = `${Math.max(first.wide * fit.nc, rest.length ? fit.width : 0)}px`;
    this.draw();
    this.drawLegend();
  }

  /** Other cells are computed now. */
  redraw() {
    this.whole = null;
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
    for (const view of this.views) view.draw();
    const { panel } = this;
    const view = this.views[0];
    const [rows, columns] = view.tile.shape;
    const { r, c, nr, nc } = view.shown;
    /** @type {string[]} */
    const parts = [];
    /**
     * @param {string} what
     * @param {number} start
     * @param {number} count
     * @param {number} offset
     * @param {number} total
     */
    const part = (what, start, count, offset, total) => {
      if (count < total) parts.push(`${what} ${offset + start}–${offset + start + count - 1} of ${total.toLocaleString("en")}`);
    };
    part("rows", r, nr, view.tile.row_start, panel.row_total);
    part("columns", c, nc, view.tile.column_start, panel.column_total);
    // What is in sight matters more than the note where there is room for one of them only.
    this.caption.textContent = parts.length || this.isRow ? parts.join(", ") : panel.note;
    this.caption.title = [panel.note, ...parts].join(", ");
    this.drawOverview(rows, columns, nr, nc);
    this.drawNames(r + view.tile.row_start, nr, view.side);
    this.drawHeads(c + view.tile.column_start, nc, view.wide);
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

  /** The colour scale; its ends are written in the unit of the cells. */
  drawLegend() {
    const { panel, board, power } = this, view = this.views[0];
    this.times.textContent = unitOf(power);
    this.times.title = power ? `all numbers printed here, times 10${raised(power)}` : "";
    this.legend.hidden = panel.scale === "none";
    if (this.legend.hidden) return;
    const [low, high] = view.tile.range || panel.range;
    const unit = 10 ** power;
    this.unit.textContent = panel.unit;
    const width = parseInt(view.node.style.width) + (this.isIndexed ? INDEX : 0);
    const title = this.title.offsetWidth + this.times.offsetWidth;
    // Where there is little room, one end has to do where the other is its mirror image.
    const short = low === -high || title + WORDS_OF_SCALE > width;
    this.isNarrow = title + (short ? LEGEND : WORDS_OF_SCALE) > width;
    this.legend.classList.toggle("narrow", this.isNarrow);
    this.low.hidden = short;
    const below = this.beyond(low, -1), above = this.beyond(high, 1);
    this.low.textContent = (below ? "≤" : "") + format(low / unit, 2);
    this.high.textContent = short ? inShort(low / unit, high / unit) + (below || above ? "+" : "")
      : (above ? "≥" : "") + format(high / unit, 2);
    this.legend.title = below || above
      ? "the scale is kept from step to step: some numbers now lie beyond its ends" : "";
    const scale = board.scale(panel.scale, low, high);
    const context = contextOf(this.bar);
    const image = context.createImageData(64, 1);
    for (let k = 0; k < 64; k++) {
      image.data.set([...scale(low + (high - low) * k / 63), 255], 4 * k);
    }
    context.putImageData(image, 0, 0);
  }

  /**
   * Whether a number lies beyond an end of the scale, by more than a rounding.
   * @param {number} end
   * @param {1 | -1} side
   */
  beyond(end, side) {
    const { values } = this.views[0].tile, edge = side * end + 1e-6 * Math.abs(end);
    return values.some((value) => side * value > edge);
  }

  /**
   * What the rows in sight are called.
   * @param {number} first
   * @param {number} count
   * @param {number} height px of a row
   */
  drawNames(first, count, height) {
    const words = this.panel.named && this.board.scene.names?.[this.panel.rows[0][0]];
    this.names.hidden = !words && !this.isIndexed;
    if (this.names.hidden) return;
    /** @param {number} k */
    const said = (k) => (words ? words[first + k] ?? "" : String(first + k));
    const lines = Array.from({ length: count }, (_, k) => el("div", {}, said(k)));
    this.names.style.minWidth = words ? "" : `${INDEX - 6}px`;
    for (const line of lines) line.style.cssText = `height:${height}px;line-height:${height}px`;
    this.names.replaceChildren(...lines);
  }

  /**
   * The indices of the columns in sight, as many as there is room for.
   * @param {number} first
   * @param {number} count
   * @param {number} width px of a column
   */
  drawHeads(first, count, width) {
    this.heads.hidden = !this.hasHeads;
    if (this.heads.hidden) return;
    const each = Math.max(1, Math.ceil(String(first + count).length * LETTER / width));
    const heads = Array.from({ length: count }, (_, k) => el("span", {}, (first + k) % each ? "" : String(first + k)));
    for (const head of heads) head.style.width = `${width}px`;
    this.heads.style.marginLeft = `${this.names.hidden ? 0 : this.names.offsetWidth + 6}px`;
    this.heads.replaceChildren(...heads);
  }

  /**
   * The whole tile in small, with a frame round what is in sight.
   * @param {number} rows
   * @param {number} columns
   * @param {number} nr
   * @param {number} nc
   */
  drawOverview(rows, columns, nr, nc) {
    const windowed = nr < rows || nc < columns;
    this.overview.hidden = !windowed;
    if (!windowed) return;
    const view = this.views[0], { tile } = view, { panel, overview } = this;
    const width = parseInt(view.node.style.width), height = overviewHeight(rows);
    // While one scrolls, only the frame moves.
    if (this.whole?.tile !== tile || overview.width !== width) {
      overview.width = width; overview.height = height;
      overview.style.width = `${width}px`; overview.style.height = `${height}px`;
      overview.title =
        "the whole of it in small: each pixel shows the largest number under it; drag the frame";
      const image = this.inSmall(view, this.board.scale(panel.scale, ...(tile.range || panel.range)));
      this.whole = { tile, image };
    }
    this.drawFrame(null);
  }

  /**
   * A picture of a whole tile as large as the overview.
   * @param {TileView} view
   * @param {(value: number) => Colour} scale
   */
  inSmall(view, scale) {
    const { width, height } = this.overview, [rows, columns] = view.tile.shape;
    const image = contextOf(this.overview).createImageData(width, height);
    // Each pixel shows the largest number, in size, of the cells under it.
    for (let y = 0; y < height; y++) {
      const r0 = Math.floor(y * rows / height), r1 = Math.max(r0 + 1, Math.floor((y + 1) * rows / height));
      for (let x = 0; x < width; x++) {
        const c0 = Math.floor(x * columns / width), c1 = Math.max(c0 + 1, Math.floor((x + 1) * columns / width));
        let most = 0;
        for (let a = r0; a < r1; a++) {
          for (let b = c0; b < c1; b++) {
            const value = view.isCovered(a, b) || hides(view.tile, a, b) ? 0 : view.value(a, b);
            if (Math.abs(value) > Math.abs(most) || Number.isNaN(value)) most = value;
          }
        }
        image.data.set([...scale(most), 255], 4 * (y * width + x));
      }
    }
    return image;
  }

  /**
   * The frame round what is in sight, and where the cells lie that fit the coordinates.
   * @param {Coordinates | null | undefined} coordinates
   */
  drawFrame(coordinates) {
    const view = this.views[0], { width, height } = this.overview;
    const [rows, columns] = view.tile.shape, { r, c, nr, nc } = view.shown;
    const context = contextOf(this.overview);
    if (this.whole) context.putImageData(this.whole.image, 0, 0);
    context.strokeStyle = this.board.ink;
    context.lineWidth = 2;
    context.strokeRect(c * width / columns + 1, r * height / rows + 1,
      Math.max(3, nc * width / columns - 2), Math.max(3, nr * height / rows - 2));
    if (!coordinates) return;
    // Those in sight are outlined there.
    /** @param {Pair} cell */
    const outside = ([row, column]) => row < r || row >= r + nr || column < c || column >= c + nc;
    const { pairs: all } = view.matches(coordinates, this.board.scene.geometry);
    // What belongs to half of everything needs no pointing at.
    const pairs = all.length * 2 > rows * columns ? [] : all.filter(outside);
    const size = [Math.max(3, width / columns), Math.max(3, height / rows)];
    /** @param {Pair} cell */
    const place = ([row, column]) => [Math.floor(column * width / columns), Math.floor(row * height / rows)];
    for (const [colour, more] of /** @type {const} */ ([["halo", 1], ["ink", 0]])) {
      context.fillStyle = this.board[colour];
      for (const [x, y] of pairs.map(place)) {
        context.fillRect(x - more, y - more, size[0] + 2 * more, size[1] + 2 * more);
      }
    }
  }

  /**
   * Scroll to where one points in the overview.
   * @param {PointerEvent} event
   */
  jump(event) {
    const view = this.views[0], [rows, columns] = view.tile.shape, { nr, nc } = view.shown;
    const box = this.overview.getBoundingClientRect();
    const r = Math.round((event.clientY - box.top) / box.height * rows - nr / 2);
    const c = Math.round((event.clientX - box.left) / box.width * columns - nc / 2);
    if (nc < columns) this.board.scroll(this.panel.columns, Math.max(0, Math.min(columns - nc, c)));
    if (nr < rows) this.board.scroll(this.panel.rows, Math.max(0, Math.min(rows - nr, r)));
  }

  /**
   * Outline what belongs to the selection.
   * @param {((cell: Coordinates) => number) | null} test answers 0, 1 (window) or 2 (cell)
   * @param {Pointed | undefined} pointed
   * @param {Coordinates | null | undefined} coordinates
   */
  highlight(test, pointed, coordinates) {
    for (const view of this.views) view.highlight(test, pointed);
    if (!this.overview.hidden) this.drawFrame(coordinates);
  }

  /**
   * Bring the cells that fit the coordinates into sight, as many as there is room for.
   * @param {Coordinates} coordinates
   * @param {Record<string, number>} [but] axes that are not scrolled for it
   */
  reveal(coordinates, but = {}) {
    const view = this.views[0], { geometry } = this.board.scene;
    const [rows, columns] = view.tile.shape, { r, c, nr, nc } = view.shown;
    if (nr === rows && nc === columns) return;
    const found = view.matches(coordinates, geometry);
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
    look(this.panel.rows, r, nr, rows, found.rows);
    look(this.panel.columns, c, nc, columns, found.columns);
  }
}
