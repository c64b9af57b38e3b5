// What a lesson points at: its cells keep their colours, those of all others are paler. The ink of a
// number follows the colour that it stands on, so that words and numbers are as easy to read as ever.

import { rgbOf } from "../common/colours.js";

/** @import { Colour } from "../common/colours.js" */
/** @import { Model } from "../common/panel.js" */
/** @import { Board, Properties } from "./board.js" */
/** @import { TileView } from "./panels/tile.js" */

/**
 * Cells of an array, all of them if null.
 * @typedef {{ key: string, cells: number[][] | null }} Lit
 */

/** @typedef {"chosen" | "right" | "wrong"} Kind of an answer that was given by clicking cells */

/**
 * What `Lessons.spotlight` says; nothing where no lesson is on.
 * @typedef {{ number?: number, points?: Lit[], asked?: Lit[], marks?: { key: string, kind: Kind, cells: number[][] }[] }} Says
 */

/** @typedef {{ row: number, column: number, kind: Kind }} Mark in sight, counted from what is in sight */

const PALE = 0.72; // how much of the paper there is in a dimmed colour
const CROSS = 10; // px
/** @type {Record<Kind, string>} */
const OF_KIND = { chosen: "--cs-select", right: "--cs-good", wrong: "--cs-bad" };

/**
 * @param {number[][] | null} cells
 * @returns {Set<string> | null}
 */
const namesOf = (cells) => cells && new Set(cells.map((index) => index.join()));

export class Spotlight {
  /**
   * @param {Board} board
   * @param {Model<Properties>} model
   */
  constructor(board, model) {
    this.board = board;
    this.model = model;
    /** @type {Says | null} */
    this.read = null;
    /**
     * By array, which cells are lit; null for all.
     * @type {Map<string, Set<string> | null>}
     */
    this.lit = new Map();
    /** @type {Map<string, Map<string, Kind>>} */
    this.marks = new Map();
    /** Of which question the first thing lit was brought into sight. */
    this.seen = 0;
    model.on("spotlight", () => {
      board.redraw();
      this.arrive();
    });
  }

  /** Take in what is said, once. */
  take() {
    const says = this.model.spotlight;
    if (says === this.read) return;
    this.read = says;
    this.lit = new Map();
    for (const { key, cells } of says.points ?? []) {
      const before = this.lit.get(key);
      this.lit.set(key, cells === null || before === null ? null
        : new Set([...before ?? [], ...cells.map((index) => index.join())]));
    }
    this.marks = new Map();
    for (const { key, kind, cells } of says.marks ?? []) {
      const marks = this.marks.get(key) ?? new Map();
      for (const index of cells) marks.set(index.join(), kind);
      this.marks.set(key, marks);
    }
  }

  /**
   * Mark the matrices that are lit. Once, bring the cells that are lit or asked into sight where a
   * matrix shows a part of them only, and on a long page the first matrix.
   * @param {Record<string, number>} [but] axes that are not scrolled for it
   */
  arrive(but = {}) {
    this.take();
    const { number = 0, asked = [] } = this.model.spotlight;
    const lit = [...this.board.panels.values()].filter((view) => {
      const isLit = this.lit.has(view.panel.key);
      view.node.classList.toggle("lit", isLit);
      return isLit;
    });
    const wanted = new Map([...asked.map(({ key, cells }) => /** @type {const} */ ([key, namesOf(cells)])), ...this.lit]);
    const here = [...this.board.panels.values()].filter(({ panel }) => wanted.has(panel.key));
    if (!here.length || number === this.seen || !this.board.room.clientWidth) return;
    this.seen = number;
    for (const view of here) view.revealCells(wanted.get(view.panel.key) ?? null, but);
    if (this.board.stacked) (lit[0] ?? here[0]).node.scrollIntoView({ block: "nearest" });
  }

  /**
   * The colour of a cell: paler where something else is lit.
   * @param {TileView} view
   * @param {number} r
   * @param {number} c
   * @param {Colour} colour
   * @returns {Colour}
   */
  dimmed(view, r, c, colour) {
    this.take();
    if (!this.lit.size || this.board.printed) return colour;
    const cells = this.lit.get(view.panel.key);
    if (cells === null || cells?.has(view.index(r, c).join())) return colour;
    const paper = rgbOf(this.board.colour("--cs-paper"));
    return /** @type {Colour} */ (colour.map((part, k) => Math.round(part + PALE * (paper[k] - part))));
  }

  /**
   * What of an answer is marked in a picture.
   * @param {TileView} view
   * @returns {Mark[]}
   */
  marksOf(view) {
    this.take();
    const marks = this.marks.get(view.panel.key);
    if (!marks?.size || view.tile.bins) return [];
    const { r, c, nr, nc } = view.shown;
    return Array.from({ length: nr * nc }, (_, k) => k).flatMap((k) => {
      const row = Math.floor(k / nc), column = k % nc;
      const kind = view.isPadding(r + row, c + column) ? undefined : marks.get(view.index(r + row, c + column).join());
      return kind ? [{ row, column, kind }] : [];
    });
  }

  /**
   * Frame cells of an answer; one that is wrong has a cross as well.
   * @param {TileView} view
   * @param {CanvasRenderingContext2D} context
   * @param {Mark[]} marks
   */
  draw({ wide, side }, context, marks) {
    const { board } = this;
    for (const { row, column, kind } of marks) {
      const x = column * wide + 1.5, y = row * side + 1.5, width = wide - 4, height = side - 4;
      for (const [colour, line] of /** @type {const} */ ([[board.halo, 5], [board.colour(OF_KIND[kind]), 3]])) {
        context.strokeStyle = colour;
        context.lineWidth = line;
        context.beginPath();
        context.rect(x, y, width, height);
        if (kind === "wrong") {
          // In a corner: the number stays to be read.
          const cross = Math.min(CROSS, width / 2, height / 2), left = x + width - cross;
          context.moveTo(left, y);
          context.lineTo(x + width, y + cross);
          context.moveTo(left, y + cross);
          context.lineTo(x + width, y);
        }
        context.stroke();
      }
    }
  }
}
