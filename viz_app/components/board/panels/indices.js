// What stands beside the rows in sight and above the columns: their indices, or what they are called.

import { el } from "../../common/elements.js";

/** @import { PanelView } from "./panel.js" */

export const INDEX = 25; // px of the indices of rows
export const LETTER = 0.42; // of the height of a line, about, the width of a letter
const BESIDE_INDEX = 6; // px
const LEAST_LETTERS = 4; // that a name is cut to

export class Indices {
  /** @param {PanelView} view of whose cells */
  constructor(view) {
    this.view = view;
    this.rows = el("div", { className: "names" });
    this.columns = el("div", { className: "heads" });
  }

  /** What its rows are called, if they have names. */
  get words() {
    const { panel, board } = this.view;
    return panel.named ? board.scene.names?.[panel.rows[0][0]] : undefined;
  }

  /** What its columns are called, if they have names. */
  get heads() {
    const { panel, board } = this.view;
    return (panel.named && panel.columns.length && board.scene.names?.[panel.columns[0][0]]) || [];
  }

  /** Whether there are any. */
  get isIndexed() {
    const { panel: { square, tiles: [{ bins, shape: [rows, columns] }] }, standing } = this.view;
    return !square && !bins && !standing.isRow && rows * columns > 1;
  }

  /** Whether those of rows stand there: a row that is alone needs none. */
  get hasRows() {
    const { panel, standing: { isAbove, isBelow } } = this.view;
    return this.isIndexed && (panel.tiles[0].shape[0] > 1 || isAbove || isBelow);
  }

  /**
   * Whether those of columns stand there.
   * @param {boolean} isLean whether nothing stands round the cells that can be left out
   */
  hasColumns(isLean) {
    const { panel, standing } = this.view;
    return this.isIndexed && panel.tiles[0].shape[1] > 1 && !standing.isBelow && !isLean;
  }

  /** Write those of what is in sight. */
  place() {
    const { views: [{ shown: { r, c, nr, nc }, tile, side, wide }], isLean } = this.view, { words } = this;
    this.rows.hidden = !words && !this.hasRows;
    this.columns.hidden = !this.hasColumns(isLean);
    if (!this.rows.hidden) {
      const first = r + tile.row_start;
      this.rows.style.minWidth = words ? "" : `${INDEX - BESIDE_INDEX}px`;
      this.rows.replaceChildren(...Array.from({ length: nr }, (_, k) =>
        el("div", { style: `height:${side}px;line-height:${side}px` }, words?.[first + k] ?? String(first + k))));
    }
    if (!this.columns.hidden) {
      const first = c + tile.column_start;
      const letter = LETTER * this.view.board.filling.line, { heads } = this;
      // As many as there is room for.
      const each = Math.max(1, Math.ceil(String(first + nc).length * letter / wide));
      // A class without a name of its own is known by its number.
      const isCut = heads.some((name) => name.length * letter > wide);
      const names = wide < LEAST_LETTERS * letter ? [] : heads.map((name) => (isCut ? name.replace(/^class /, "") : name));
      this.columns.replaceChildren(...Array.from({ length: nc }, (_, k) =>
        el("span", { style: `width:${wide}px`, title: heads[first + k] ?? "" },
          names[first + k] ?? ((first + k) % each ? "" : String(first + k)))));
    }
  }
}
