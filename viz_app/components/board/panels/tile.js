// One rectangle of cells on a canvas: colours, numbers, and outlines of what is selected.

import { inkOn } from "../../common/colours.js";
import { contextOf, el } from "../../common/elements.js";
import { coveredInside, drawCovered, hides } from "../covered.js";
import { onLongPress } from "../editing/press.js";
import { compatible, decode } from "../linking.js";
import { pixelOf } from "./picture.js";
import { printed } from "../sizes/numbers.js";
import { MatrixKeys } from "../../matrix/keyboard.js";

/** @import { Board } from "../board.js" */
/** @import { Axis, Coordinates, Geometry, Pair, Panel, Tile } from "../scene.js" */

/** @import { Fit } from "../sizes/fit.js" */
/** @import { Print } from "../sizes/numbers.js" */

/** @typedef {{ rows: number[], columns: number[], pairs: Pair[] }} Matches */
/** @typedef {{ r: number, c: number, nr: number, nc: number }} Sight */
/** @typedef {{ key: string, value: number }} Pointed */
/** Where one points, in px of the window: a mouse, or keys, at the middle of a cell. */
/** @typedef {{ readonly clientX: number, readonly clientY: number }} Spot */

const GAP = 1; // px between cells
const HATCH = 6; // px between the lines of padding
const HATCH_ALPHA = 0.2;
const MOST_MATCHES = 20_000;

export class TileView {
  /**
   * @param {Board} board
   * @param {Panel} panel
   * @param {Tile} tile
   */
  constructor(board, panel, tile) {
    this.board = board;
    this.panel = panel;
    this.tile = tile;
    /**
     * How it is drawn; see `layout.js`.
     * @type {Fit}
     */
    this.fit = { side: 1, wide: 1, nr: 1, nc: 1, font: 0, small: 0, width: 1, most: 1 };
    /**
     * How its numbers are printed.
     * @type {Print | null}
     */
    this.print = null;
    /** Whether anything is outlined. */
    this.lit = false;
    /** @type {{ coordinates: Coordinates, tile: Tile, found: Matches } | null} */
    this.asked = null;
    /** What was in sight when it was drawn. */
    this.shown = { r: 0, c: 0, nr: 0, nc: 0 };
    this.base = el("canvas", { className: "base" });
    this.over = el("canvas", { className: "over" });
    for (const canvas of [this.base, this.over]) canvas.ariaHidden = "true";
    this.node = el("div", { className: "tile" }, this.base, this.over);
    this.keys = new MatrixKeys(this);
    /**
     * @param {Spot} event
     * @param {(cell: Pair) => void} then
     */
    const handle = (event, then) => {
      const cell = this.cellAt(event);
      if (cell) then(cell);
      else board.leave();
    };
    this.over.addEventListener("pointermove", (e) => handle(e, (cell) => board.hover(this, cell, e)));
    this.over.addEventListener("pointerleave", () => board.leave());
    // A click tells its place in whole pixels: the cell that is pointed at is the one that is meant.
    this.over.addEventListener("click", (e) => handle(
      board.pointed?.view === this ? board.pointed.event : e, (cell) => board.choose(this, cell)));
    this.over.addEventListener("dblclick", (e) => handle(
      board.pointed?.view === this ? board.pointed.event : e, (cell) => board.field.ask(this, cell)));
    onLongPress(this.over, (e) => handle(e, (cell) => board.field.ask(this, cell)));
    this.over.addEventListener("wheel", (e) => this.wheel(e), { passive: false });
  }

  /** Height and width of a cell on the screen, in px. */
  get side() { return this.fit.side; }
  get wide() { return this.fit.wide; }
  /** px of the cells in sight. */
  get width() { return this.shown.nc * this.fit.wide; }

  /**
   * @param {Panel} panel
   * @param {Tile} tile
   * @param {string} name of the array
   */
  update(panel, tile, name) {
    this.panel = panel;
    this.tile = tile;
    this.keys.describe(name);
  }

  /** Take up the room of the cells in sight. */
  place() {
    const { nr, nc } = (this.shown = this.window());
    this.node.style.width = `${nc * this.wide}px`;
    this.node.style.height = `${nr * this.side}px`;
    this.keys.draw();
  }

  /**
   * Which rows and columns are in sight: as many as fit, from where the shared scroll stands.
   * @returns {Sight}
   */
  window() {
    const { tile, panel, board } = this;
    const [rows, columns] = tile.shape;
    const nr = Math.min(rows, this.fit.nr), nc = Math.min(columns, this.fit.nc);
    const r = Math.min(board.scrollOf(panel.rows), rows - nr);
    const c = Math.min(board.scrollOf(panel.columns), columns - nc);
    return { r: Math.max(0, r), c: Math.max(0, c), nr, nc };
  }

  /**
   * @param {number} r
   * @param {number} c
   */
  value(r, c) { return this.tile.values[r * this.tile.shape[1] + c]; }

  /**
   * @param {number} r
   * @param {number} c
   */
  coordinates(r, c) {
    const into = { ...this.tile.fixed };
    decode(this.panel.rows, r + this.tile.row_start, into);
    decode(this.panel.columns, c + this.tile.column_start, into);
    return into;
  }

  /**
   * Which cells of the whole tile fit the coordinates: their rows and columns, and the pairs.
   * @param {Coordinates} coordinates
   * @param {Geometry | null} [geometry]
   */
  matches(coordinates, geometry) {
    // Asked for more than once while the pointer stays on a cell.
    const { tile, asked } = this;
    if (asked?.coordinates === coordinates && asked.tile === tile) return asked.found;
    const found = this.findMatches(coordinates, geometry);
    this.asked = { coordinates, tile, found };
    return found;
  }

  /**
   * @param {Coordinates} coordinates
   * @param {Geometry | null} [geometry]
   * @returns {Matches}
   */
  findMatches(coordinates, geometry) {
    const { panel, tile } = this, [height, width] = tile.shape;
    /**
     * @param {Axis} dims
     * @param {number} start
     * @param {number} count
     */
    const along = (dims, start, count) => Array.from({ length: count }, (_, k) => k).filter((k) =>
      compatible(coordinates, decode(dims, k + start, { ...tile.fixed }), geometry));
    const rows = along(panel.rows, tile.row_start, height);
    const columns = along(panel.columns, tile.column_start, width);
    // What fits nearly everywhere needs no pointing at.
    if (rows.length * columns.length > MOST_MATCHES) return { rows, columns, pairs: [] };
    const pairs = rows.flatMap((r) => columns.map((c) => /** @type {Pair} */ ([r, c])))
      .filter(([r, c]) => compatible(coordinates, this.coordinates(r, c), geometry));
    /** @param {0 | 1} axis */
    const only = (axis) => [...new Set(pairs.map((pair) => pair[axis]))].sort((a, b) => a - b);
    return { rows: only(0), columns: only(1), pairs };
  }

  /**
   * The index of a cell in the recorded array.
   * @param {number} r
   * @param {number} c
   */
  index(r, c) {
    const { panel, tile } = this;
    if (panel.index === "dims") {
      const coordinates = this.coordinates(r, c);
      return [...tile.prefix, ...[...panel.rows, ...panel.columns].map(([name]) => coordinates[name])];
    }
    const row = r + tile.row_start, column = c + tile.column_start;
    const pick = { rc: [row, column], cr: [column, row], r: [row], c: [column], "": [] }[panel.index];
    return [...tile.prefix, ...pick];
  }

  /**
   * All cells, in sight or not, each with its index in one word.
   * @returns {Generator<[...Pair, string]>}
   */
  *cells() {
    const [rows, columns] = this.tile.shape;
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) yield [r, c, this.index(r, c).join()];
    }
  }

  /**
   * @param {Spot} event
   * @returns {Pair | null}
   */
  cellAt(event) {
    const box = this.over.getBoundingClientRect();
    const at = this.window();
    const c = at.c + Math.floor((event.clientX - box.left) / this.wide);
    const r = at.r + Math.floor((event.clientY - box.top) / this.side);
    const isIn = r >= 0 && c >= 0 && r < at.r + at.nr && c < at.c + at.nc;
    return isIn && !this.isCovered(r, c) ? [r, c] : null;
  }

  /**
   * Whether a cell is not computed yet: then nothing may tell its number.
   * @param {number} r
   * @param {number} c
   */
  isCovered(r, c) { return this.board.cells.covers(this, r, c); }

  /**
   * Where a cell is drawn, in px of the window; null if it is out of sight.
   * @param {number} r
   * @param {number} c
   */
  boxOf(r, c) {
    const at = this.shown, { wide, side } = this, box = this.over.getBoundingClientRect();
    const row = r - at.r, column = c - at.c;
    if (row < 0 || column < 0 || row >= at.nr || column >= at.nc) return null;
    return new DOMRect(box.left + column * wide, box.top + row * side, wide, side);
  }

  /**
   * A picture of a cell in sight, as it is printed.
   * @param {number} r
   * @param {number} c
   */
  pictureOf(r, c) {
    const { wide, side, shown, base } = this, { zoom } = this.board;
    const width = wide * zoom, height = side * zoom, picture = el("canvas", { width, height });
    contextOf(picture).drawImage(base, (c - shown.c) * width, (r - shown.r) * height, width, height, 0, 0, width, height);
    return picture;
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    const at = this.window(), [rows, columns] = this.tile.shape;
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey || at.nr === rows;
    if (sideways ? at.nc === columns : at.nr === rows) return;
    event.preventDefault();
    const step = Math.sign(event.deltaY || event.deltaX);
    this.board.scroll(sideways ? this.panel.columns : this.panel.rows, (sideways ? at.c : at.r) + step);
    this.board.point();
  }

  draw() {
    const { tile, panel, board, shown: at, side, wide } = this, { zoom } = board;
    const w = at.nc * wide, h = at.nr * side;
    for (const canvas of [this.base, this.over]) {
      if (canvas.width !== w * zoom || canvas.height !== h * zoom) {
        canvas.width = w * zoom; canvas.height = h * zoom;
        if (canvas === this.over) this.lit = false;
      }
    }
    const context = board.contextOf(this.base);
    context.setTransform(zoom, 0, 0, zoom, 0, 0);
    context.clearRect(0, 0, w, h);
    const [low, high] = tile.range || panel.range;
    const scale = board.scale(panel.scale, low, high);
    // A picture is whole.
    const gap = side >= 5 && !tile.colours ? GAP : 0;
    if (tile.bins) {
      if (this.isCovered(0, 0)) return;
      this.drawBars(context, at, side, wide, high, tile.bins);
      return;
    }
    if (panel.empty) {
      this.drawFrames(context, at, side, wide);
      return;
    }
    const { print, fit } = this;
    context.font = `${Math.floor(fit.font)}px ${board.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let r = 0; r < at.nr; r++) {
      for (let c = 0; c < at.nc; c++) {
        if (this.isCovered(at.r + r, at.c + c)) {
          context.strokeStyle = board.colour("--cs-line");
          context.strokeRect(c * wide + 0.5, r * side + 0.5, wide - gap - 1, side - gap - 1);
          continue;
        }
        if (hides(tile, at.r + r, at.c + c)) {
          drawCovered(this, context, c * wide, r * side, wide - gap, side - gap);
          continue;
        }
        const value = this.value(at.r + r, at.c + c);
        // What is rounding only looks like the zero that it stands for.
        const full = tile.colours ? pixelOf(tile.colours, (at.r + r) * tile.shape[1] + at.c + c)
          : scale(print && Math.abs(value) < print.rounding ? 0 : value);
        const colour = board.spotlight.dimmed(this, at.r + r, at.c + c, full);
        context.fillStyle = `rgb(${colour.join()})`;
        context.fillRect(c * wide, r * side, wide - gap, side - gap);
        if (this.isPadding(at.r + r, at.c + c)) this.hatch(context, c * wide, r * side, wide - gap, side - gap, inkOn(colour));
        if (print && fit.font) {
          context.fillStyle = inkOn(colour);
          context.fillText(printed(value, print), c * wide + wide / 2, r * side + side / 2 + 1);
        }
      }
    }
    if (tile.marks && board.cells.marks) this.mark(context, at, side, wide, tile.marks);
    this.separate(context, at, side, wide);
  }

  /**
   * A tile without its padding; what is not computed yet is NaN, and the tile says that it is partial.
   * @param {Tile} tile
   * @returns {Tile}
   */
  seen(tile) {
    const [above, below, left, right] = tile.ring, [height, width] = tile.shape;
    const rows = height - above - below, columns = width - left - right;
    const isWhole = rows === height && columns === width;
    if (isWhole && !this.panel.empty && !this.isCovered(height - 1, width - 1)) return tile;
    const values = new (tile.values instanceof Float32Array ? Float32Array : Float64Array)(rows * columns);
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) {
        const hidden = this.panel.empty || this.isCovered(r + above, c + left);
        values[r * columns + c] = hidden ? NaN : tile.values[(r + above) * width + c + left];
      }
    }
    return { ...tile, values, covered: coveredInside(tile), shape: [rows, columns], ring: [0, 0, 0, 0], partial: true,
      row_start: tile.row_start + above, column_start: tile.column_start + left };
  }

  /**
   * Whether a cell lies in the padding round an image: it has no index.
   * @param {number} r
   * @param {number} c
   */
  isPadding(r, c) {
    const [rows, columns] = this.tile.shape, [above, below, left, right] = this.tile.ring;
    return r < above || r >= rows - below || c < left || c >= columns - right;
  }

  /**
   * Lines over a cell of the padding.
   * @param {CanvasRenderingContext2D} context
   * @param {number} x
   * @param {number} y
   * @param {number} width
   * @param {number} height
   * @param {string} ink that is seen on the cell
   */
  hatch(context, x, y, width, height, ink) {
    context.save();
    // As faint on black as on white, in either theme: the number is read first.
    context.globalAlpha = HATCH_ALPHA;
    context.strokeStyle = ink;
    context.lineWidth = 1.5;
    context.beginPath();
    for (let at = HATCH / 2; at < width + height; at += HATCH) {
      const from = Math.max(0, at - height), to = Math.min(at, width);
      context.moveTo(x + from, y + at - from);
      context.lineTo(x + to, y + at - to);
    }
    context.stroke();
    context.restore();
  }

  /**
   * Places of numbers that are not computed yet.
   * @param {CanvasRenderingContext2D} context
   * @param {Sight} at
   * @param {number} side
   * @param {number} wide
   */
  drawFrames(context, at, side, wide) {
    context.strokeStyle = this.board.colour("--cs-line");
    context.lineWidth = 1;
    for (let r = 0; r < at.nr; r++) {
      for (let c = 0; c < at.nc; c++) context.strokeRect(c * wide + 0.5, r * side + 0.5, wide - 2, side - 2);
    }
  }

  /**
   * A histogram: a bar for each count, and a line where the numbers change sign.
   * @param {CanvasRenderingContext2D} context
   * @param {Sight} at
   * @param {number} height
   * @param {number} wide
   * @param {number} most
   * @param {Pair} bins
   */
  drawBars(context, at, height, wide, most, [start, step]) {
    context.fillStyle = this.board.colour("--phase");
    for (let c = 0; c < at.nc; c++) {
      const count = this.value(0, at.c + c);
      const long = count ? Math.max(1, count / most * (height - 1)) : 0;
      context.fillRect(c * wide, height - 1 - long, wide - 1, long);
    }
    context.fillStyle = this.board.colour("--cs-soft");
    context.fillRect(0, height - 1, at.nc * wide, 1);
    const zero = Math.round(-start / step) - at.c;
    if (zero > 0 && zero < at.nc) context.fillRect(zero * wide - 1, 0, 1, height);
  }

  /**
   * A line between groups of rows and of columns: between channels in X^(col), say.
   * @param {CanvasRenderingContext2D} context
   * @param {Sight} at
   * @param {number} side
   * @param {number} wide
   */
  separate(context, at, side, wide) {
    /** @param {Axis} dims */
    const inner = (dims) => dims.slice(1).reduce((size, dim) => size * dim[1], 1);
    const [height, width] = [at.nr * side, at.nc * wide];
    context.fillStyle = this.board.colour("--cs-soft");
    /**
     * @param {number} start
     * @param {number} k
     * @param {Axis} dims
     */
    const first = (start, k, dims) => dims.length > 1 && k > 0 && (start + k) % inner(dims) === 0;
    for (let r = 1; r < at.nr; r++) {
      if (first(this.tile.row_start + at.r, r, this.panel.rows)) context.fillRect(0, r * side - 1, width, 1);
    }
    for (let c = 1; c < at.nc; c++) {
      if (first(this.tile.column_start + at.c, c, this.panel.columns)) {
        context.fillRect(c * wide - 1, 0, 1, height);
      }
    }
  }

  /**
   * A dark corner on each marked cell: the winners of pooling windows. Outlines are selections.
   * @param {CanvasRenderingContext2D} context
   * @param {Sight} at
   * @param {number} side
   * @param {number} wide
   * @param {ArrayLike<number>} marks
   */
  mark(context, at, side, wide, marks) {
    const size = Math.max(4, Math.min(9, side / 2.5));
    for (let r = 0; r < at.nr; r++) {
      for (let c = 0; c < at.nc; c++) {
        if (!marks[(at.r + r) * this.tile.shape[1] + at.c + c]) continue;
        const right = (c + 1) * wide - 1, top = r * side;
        context.beginPath();
        context.moveTo(right - size, top);
        context.lineTo(right, top);
        context.lineTo(right, top + size);
        context.closePath();
        context.fillStyle = this.board.ink;
        context.fill();
        context.strokeStyle = this.board.halo;
        context.stroke();
      }
    }
  }

  /**
   * The test of a histogram: which bar counts the number that is pointed at.
   * @param {Pair} bins
   * @param {Pointed} [pointed]
   * @returns {(cell: Coordinates) => number}
   */
  holds([start, step], pointed) {
    const bar = pointed?.key === this.panel.key ? Math.floor((pointed.value - start) / step) : -1;
    return ({ b }) => (b === bar ? 2 : 0);
  }

  /**
   * Outline what belongs to the selection.
   * @param {((cell: Coordinates) => number) | null} test answers 0, 1 (window) or 2 (cell)
   * @param {Pointed} [pointed]
   */
  highlight(test, pointed) {
    const marks = this.board.spotlight.marksOf(this);
    // An overlay that nothing was ever drawn on needs no memory.
    if (!test && !this.lit && !marks.length) return;
    const context = this.board.contextOf(this.over);
    const { zoom } = this.board;
    context.setTransform(zoom, 0, 0, zoom, 0, 0);
    context.clearRect(0, 0, this.over.width, this.over.height);
    this.lit = Boolean(test) || marks.length > 0;
    this.board.spotlight.draw(this, context, marks);
    if (!test) return;
    if (this.tile.bins) test = this.holds(this.tile.bins, pointed);
    const at = this.shown, { side, wide } = this;
    /** @type {number[][]} */
    const levels = [];
    for (let r = 0; r < at.nr; r++) {
      levels.push([]);
      for (let c = 0; c < at.nc; c++) levels[r].push(
        this.isCovered(at.r + r, at.c + c) ? 0 : test(this.coordinates(at.r + r, at.c + c)));
    }
    // A light halo keeps the outline visible on dark cells.
    /** @type {[number, number, "halo" | "ink"][]} */
    const lines = [[1, 3, "halo"], [1, 1.5, "ink"], [2, 4, "halo"], [2, 2, "ink"]];
    for (const [level, width, colour] of lines) {
      if (side < 8 && colour === "halo") continue;
      context.strokeStyle = this.board[colour];
      context.lineWidth = side < 8 ? 1.25 : width;
      context.beginPath();
      /** @param {number} r @param {number} c */
      const lit = (r, c) => levels[r]?.[c] >= level;
      for (let r = 0; r < at.nr; r++) {
        for (let c = 0; c < at.nc; c++) {
          if (!lit(r, c)) continue;
          const x = c * wide, y = r * side, right = x + wide - 1, low = y + side - 1;
          const left = Math.max(x, 0.75), top = Math.max(y, 0.75);
          if (!lit(r - 1, c)) { context.moveTo(left, top); context.lineTo(right, top); }
          if (!lit(r + 1, c)) { context.moveTo(left, low); context.lineTo(right, low); }
          if (!lit(r, c - 1)) { context.moveTo(left, top); context.lineTo(left, low); }
          if (!lit(r, c + 1)) { context.moveTo(right, top); context.lineTo(right, low); }
        }
      }
      context.stroke();
    }
  }
}
