// Lets the panels of a board fill its room: what `layout.js` must know of each, and what comes of it.

import { contextOf, el } from "../../common/elements.js";
import { arrange, stack } from "./layout.js";
import { commonPower, lettersOf } from "./numbers.js";

/** @import { Board } from "../board.js" */
/** @import { Fit, Frame, Leaf } from "./layout.js" */
/** @import { Letters } from "./numbers.js" */
/** @import { Item, Panel } from "../scene.js" */

const SPACE = { across: 12, down: 8 }; // px between panels; see `board.css`
const OPERATOR = 11; // px of a letter of an operator
const USUAL = { w: 892, h: 400 }; // px of the room in which numbers have their least size
const GROWTH = 1.9; // times that size, at most, where there is more room
const CELL_FONT = 13; // px of it, where the style sheet says nothing
const LEAST = 12; // px of numbers of an image that would have none otherwise
const CLASS = 16; // px: a larger size is for a class, and is the least
const TOUCHED = 40; // px of a cell of an image on a telephone, at most
const MOST_LAYOUTS = 200; // whose sizes are remembered
const TRIES = 6; // until what is drawn fits

export class Filling {
  /** @param {Board} board */
  constructor(board) {
    this.board = board;
    /**
     * Of each layout, what its panels were in the end, and by how many px it was too large at first.
     * @type {Map<string, { leaves: Map<string, Leaf>, excess: [number, number] }>}
     */
    this.laid = new Map();
    /** @type {{ font: string, letters: Letters } | null} */
    this.measured = null;
  }

  /** px of a line of titles and captions. */
  get line() { return Math.ceil(1.35 * (parseFloat(this.board.style.fontSize) || 13)); }

  /** How wide the letters of numbers are. */
  get letters() {
    const { font } = this.board;
    if (this.measured?.font !== font) {
      this.measured = { font, letters: lettersOf(contextOf(el("canvas")), font) };
    }
    return this.measured.letters;
  }

  /** Let panels fill the room; as long as they keep their shapes, so does the picture. */
  fill() {
    const { board } = this, { clientWidth, clientHeight } = board.room, { layout } = board.scene;
    if (!clientWidth) return;
    const font = parseFloat(board.colour("--cs-cell-font")) || CELL_FONT;
    /** @type {Frame} */
    const frame = { leaves: this.leaves(), gap: SPACE, least: font > CLASS ? font : LEAST,
      operator: (text) => OPERATOR * text.length };
    if (board.stacked) {
      this.resize(stack(frame, clientWidth - 2, font, TOUCHED));
      return;
    }
    const style = getComputedStyle(board.room);
    const room = {
      w: clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight),
      h: clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom) - board.pins.node.offsetHeight,
    };
    const least = font * Math.max(1, Math.min(GROWTH, room.w / USUAL.w, room.h / USUAL.h));
    const fonts = { least: Math.floor(least), most: Math.round(Math.max(least, font) * GROWTH) };
    /** @param {[number, number]} excess */
    const lay = ([w, h]) => this.resize(arrange(layout, { w: room.w - w, h: room.h - h }, fonts, frame));
    const key = JSON.stringify([room, fonts, board.layoutKey, [...frame.leaves]]);
    const known = this.laid.get(key);
    if (known) {
      frame.leaves = known.leaves;
      lay(known.excess);
      return;
    }
    /** @type {[number, number]} */
    let excess = [0, 0];
    for (let k = 0; k < TRIES; k++) {
      lay(excess);
      const wide = this.across() - room.w, high = board.node.scrollHeight - room.h;
      // Where a scale has come to stand below its title, or beside it again, the sizes are others.
      const leaves = this.leaves(), isSame = JSON.stringify([...leaves]) === JSON.stringify([...frame.leaves]);
      frame.leaves = leaves;
      if (!isSame) continue;
      if (wide <= 0 && high <= 0) break;
      excess = [excess[0] + Math.max(0, wide), excess[1] + Math.max(0, high)];
    }
    if (this.laid.size >= MOST_LAYOUTS) this.laid.clear();
    this.laid.set(key, { leaves: frame.leaves, excess });
  }

  /** How wide the panels are as they stand, in px. */
  across() {
    const boxes = [...this.board.node.children].map((node) => node.getBoundingClientRect());
    return boxes.reduce((sum, box) => sum + box.width, 0) + SPACE.across * Math.max(0, boxes.length - 1);
  }

  /** What the layout must know of each panel, by its key. */
  leaves() {
    const { panels, layout } = this.board.scene;
    const sizes = Object.values(panels).filter((panel) => panel.gradient)
      .map((panel) => Math.max(...panel.range.map(Math.abs)));
    const common = commonPower(sizes), { rows, below, last } = standing(layout, panels);
    return new Map([...this.board.panels].map(([name, view]) =>
      [name, view.leaf(common, rows.has(name), below.has(name), last.has(name))]));
  }

  /** @param {Map<string, Fit>} fits */
  resize(fits) {
    for (const [name, view] of this.board.panels) {
      const fit = fits.get(name);
      if (fit) view.resize(fit);
    }
  }
}

/**
 * The keys of the panels that are rows of tables, of the last row of each, and of those that stand
 * below a panel whose columns are the same.
 * @param {Item[]} layout
 * @param {Record<string, Panel>} panels
 */
function standing(layout, panels) {
  /** @type {Set<string>} */
  const rows = new Set(), below = new Set(), last = new Set();
  /** @param {Item | null} item @param {Item | null} [above] */
  const look = (item, above = null) => {
    if (item === null) return;
    if (typeof item === "string") {
      const own = panels[item]?.columns, other = typeof above === "string" && panels[above]?.columns;
      if (own?.length && other && JSON.stringify(own) === JSON.stringify(other)) below.add(item);
    } else if (Array.isArray(item)) {
      item.forEach((inner, k) => look(inner, item[k - 1]));
    } else if ("table" in item) {
      for (const inner of item.table) rows.add(/** @type {string} */ (inner));
      last.add(/** @type {string} */ (item.table[item.table.length - 1]));
    } else {
      item.grid.forEach((line, r) => line.forEach((inner, c) => look(inner, item.grid[r - 1]?.[c])));
    }
  };
  layout.forEach((item) => look(item));
  return { rows, below, last };
}
