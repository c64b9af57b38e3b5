// Arrays that are compared, as of two runs. Where they find no room side by side they stand one over
// the other, so that the same cell is at the same place in all, and a switch says which is in sight;
// it also tells the number of the chosen cell in each.

import { el, write } from "../common/elements.js";
import { format, single } from "../common/format.js";
import { hides } from "./covered.js";

/** @import { Board, Properties } from "./board.js" */
/** @import { Pair } from "./scene.js" */
/** @import { TileView } from "./panels/tile.js" */
/** @typedef {{ key: string | null, node: HTMLElement }} Place of a panel, or of nothing */

const COMPARED_DIGITS = 4;

export class Compared {
  /** @param {Board} board */
  constructor(board) {
    this.board = board;
    this.node = el("div", { className: "compared", role: "group", ariaLabel: "compared, in sight" });
    /** Which is in sight. */
    this.at = 0;
    /** @type {string[]} */
    this.heads = [];
    /**
     * The grid, and in each of its lines the panels of one array.
     * @type {HTMLElement | null}
     */
    this.grid = null;
    /** @type {Place[][]} */
    this.lines = [];
    /** @type {HTMLElement[]} */
    this.numbers = [];
    /** @type {HTMLElement[]} */
    this.buttons = [];
  }

  /** px of the window that the switch takes from above. */
  get height() { return this.node.offsetHeight; }

  /** A layout is built in which nothing is compared yet. */
  clear() {
    this.lines = [];
    this.grid = null;
    this.node.classList.remove("piled");
  }

  /**
   * Take panels that stand side by side where there is room.
   * @param {HTMLElement} grid
   * @param {string[]} heads what they are called
   * @param {Place[][]} lines
   */
  take(grid, heads, lines) {
    this.grid = grid;
    this.lines = lines;
    lines.forEach((line, k) => line.forEach(({ node }) => node.style.setProperty("--line", String(k + 1))));
    if (heads.join() !== this.heads.join()) {
      this.heads = heads;
      this.at = 0;
      this.numbers = heads.map(() => el("span", { className: "number" }));
      this.buttons = heads.map((head, k) => el("button", { type: "button", onclick: () => this.show(k) },
        el("span", {}, head), this.numbers[k]));
      this.node.replaceChildren(...this.buttons);
    }
    this.show(this.at);
  }

  /**
   * Stand side by side, or one over the other where that is wider than the page.
   * @param {number} width px of a page that is as long as it needs; Infinity for a board that is scrolled
   */
  stand(width) {
    const { grid, node } = this;
    if (!grid) return;
    for (const part of [grid, node]) part.classList.remove("piled");
    const { gridTemplateColumns: columns, columnGap } = getComputedStyle(grid), sizes = columns.split(" ").map(parseFloat);
    const wide = sizes.reduce((sum, size) => sum + size + parseFloat(columnGap), -parseFloat(columnGap));
    // On a telephone grids have one column.
    const isPiled = width < Infinity && (sizes.length < this.heads.length || wide > width);
    for (const part of [grid, node]) part.classList.toggle("piled", isPiled);
  }

  /**
   * Bring one into sight; of an array that has none there, its last one.
   * @param {number} at
   */
  show(at) {
    this.at = at;
    this.buttons.forEach((button, k) => button.setAttribute("aria-pressed", String(k === at)));
    for (const line of this.lines) {
      const last = line.findLastIndex(({ key }) => key !== null), shown = Math.min(at, last);
      line.forEach(({ node }, k) => node.classList.toggle("behind", k !== shown));
    }
  }

  /**
   * Tell the number of a cell in each.
   * @param {Partial<Properties["selected"]> | undefined} selected
   */
  tell(selected) {
    const { key, index } = selected ?? {}, { panels } = this.board;
    const line = this.lines.find((panelsOf) => panelsOf.some((one) => panels.get(one.key ?? "")?.panel.key === key));
    this.numbers.forEach((node, k) => {
      const found = key && index && panels.get(line?.[k]?.key ?? "")?.find(index);
      write(node, found ? numberOf(found.view, found.cell) : "");
    });
  }
}

/**
 * @param {TileView} view
 * @param {Pair} cell
 */
const numberOf = (view, cell) =>
  (view.isCovered(...cell) || hides(view.tile, ...cell) ? "" : format(single(view.value(...cell)), COMPARED_DIGITS));
