// Lets the panels of a board fill its room: what `layout.js` must know of each, and what comes of it.

import { contextOf, el } from "../../common/elements.js";
import { arrange, isCrowded, kindOf, stack } from "./layout.js";
import { commonPower, lettersOf, sizesOf } from "./numbers.js";

/** @import { Board } from "../board.js" */
/** @import { Fit, Leaf } from "./fit.js" */
/** @import { Frame } from "./layout.js" */
/** @import { Letters } from "./numbers.js" */
/** @import { Item, Panel } from "../scene.js" */

const SPACE = { across: 12, down: 8 }; // px between panels; see `board.css`
const OPERATOR = 11; // px of a letter of an operator
const USUAL = { w: 892, h: 400 }; // px of the room in which numbers have their least size
const GROWTH = 1.9; // times that size, at most, where there is more room
const CELL_FONT = 13, TITLE_FONT = 13; // px of numbers and of titles, where the style sheet says nothing
const LEADING = 1.35; // sizes of type
const LEAST = 12; // px of numbers of an image that would have none otherwise
const CLASS = 16; // px: a larger size is for a class, and is the least
const TOUCHED = 40; // px of a cell of an image on a telephone, at most
const MOST_LAYOUTS = 200; // of which is remembered how they fit
const WHOLE = 16; // px within which the cells of a row or a column may stay as they are
const TRIES = 6; // until what is drawn fits

export class Filling {
  /** @param {Board} board */
  constructor(board) {
    this.board = board;
    /**
     * By how many px a layout is larger than it is computed to be.
     * @type {Map<string, [number, number]>}
     */
    this.excess = new Map();
    /** The room that was filled last. */
    this.filled = "";
    /** px of a line of titles and captions. */
    this.line = LEADING * TITLE_FONT;
    /** @type {{ font: string, letters: Letters } | null} */
    this.measured = null;
  }

  /** How wide the letters of numbers are. */
  get letters() {
    const { font } = this.board;
    if (this.measured?.font !== font) {
      this.measured = { font, letters: lettersOf(contextOf(el("canvas")), font) };
    }
    return this.measured.letters;
  }

  /** Whether the room is as large as when it was filled. */
  get isDone() { return this.filled === this.size; }
  get size() { return `${this.board.room.clientWidth} ${this.board.room.clientHeight}`; }

  /** Let the panels of a new scene know where they stand in it. */
  stand() {
    const { panels, layout } = this.board.scene;
    const sizes = Object.values(panels).filter((panel) => panel.gradient)
      .map(({ tiles: [{ values }], rounding }) => sizesOf(values, rounding));
    const common = commonPower(sizes), { rows, above, below, last } = standing(layout, panels);
    for (const [name, view] of this.board.panels) {
      view.stand(common, {
        isRow: rows.has(name), isAbove: above.has(name), isBelow: below.has(name), isLast: last.has(name),
      });
    }
  }

  /** Let panels fill the room; as long as they keep their shapes, so does the picture. */
  fill() {
    const { board } = this, { clientWidth, clientHeight } = board.room;
    if (!clientWidth) {
      // Out of sight while a run is replayed; it may come back as large as it was.
      this.filled = "";
      return;
    }
    const style = getComputedStyle(board.room);
    this.filled = this.size;
    // All that must be read of the page is read before anything is moved.
    const views = [...board.panels.values()];
    for (const view of views) view.measure();
    this.line = Math.ceil(LEADING * (parseFloat(board.style.fontSize) || TITLE_FONT));
    const font = parseFloat(board.colour("--cs-cell-font")) || CELL_FONT;
    const frame = { gap: SPACE, least: font > CLASS ? font : LEAST, operator: widthOf };
    if (board.stacked) {
      this.resize(this.arranged((leaves) => stack({ ...frame, leaves }, clientWidth - 2, font, TOUCHED), false));
      board.compared.stand(clientWidth);
    } else {
      board.compared.stand(Infinity);
      this.fit({
        w: clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight),
        h: clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom) - board.pins.node.offsetHeight,
      }, font, frame);
    }
    for (const view of views) view.paint();
  }

  /**
   * Make the panels as large as there is room for.
   * @param {{ w: number, h: number }} room px
   * @param {number} font px of a number in a small window
   * @param {Omit<Frame, "leaves">} frame
   */
  fit(room, font, frame) {
    const { board } = this, { layout } = board.scene;
    const least = font * Math.max(1, Math.min(GROWTH, room.w / USUAL.w, room.h / USUAL.h));
    const fonts = { least: Math.floor(least), most: Math.round(Math.max(least, font) * GROWTH) };
    /** @param {[number, number]} excess */
    const lay = ([w, h]) => {
      const left = { w: room.w - w, h: room.h - h };
      /** @param {Map<string, Leaf>} leaves */
      const how = (leaves) => arrange(layout, left, fonts, { ...frame, leaves });
      const fits = this.arranged(how, false);
      // What stands round the numbers gives way to them.
      const leaves = this.leaves(new Set([...fits].filter(([, fit]) => fit.isNarrow).map(([name]) => name)), false);
      this.resize(isCrowded(layout, left, fonts.least, { ...frame, leaves }) ? this.arranged(how, true) : fits);
    };
    const titles = [...board.panels.values()].map(({ titled }) => titled);
    const key = JSON.stringify([room, fonts, board.layoutKey, [...this.leaves(new Set(), false)], titles]);
    const known = this.excess.get(key);
    if (known) {
      lay(known);
      return;
    }
    /** @type {[number, number]} */
    const excess = [0, 0];
    const before = [0, 0], last = [Infinity, Infinity], tried = [0, 0];
    for (let k = 0, isOpen = true; isOpen; k++) {
      lay(excess);
      const over = [Math.ceil(this.across() - room.w), board.node.scrollHeight - room.h];
      isOpen = false;
      for (const axis of /** @type {const} */ ([0, 1])) {
        if (over[axis] <= 0 || last[axis] < 0 || k === TRIES) continue;
        const isLess = over[axis] < last[axis];
        tried[axis] = isLess ? 0 : tried[axis] + 1;
        if (isLess) before[axis] = excess[axis];
        // Cells have whole px: all of a row are smaller only where there is one less for each. What
        // gets no smaller then has its least size: the others shall not shrink for it.
        const isLeast = tried[axis] > 1;
        last[axis] = isLeast ? -1 : Math.min(over[axis], last[axis]);
        excess[axis] = isLeast ? before[axis] : excess[axis] + over[axis] + tried[axis] * WHOLE;
        isOpen = true;
      }
    }
    if (this.excess.size >= MOST_LAYOUTS) this.excess.clear();
    this.excess.set(key, excess);
  }

  /**
   * How panels are drawn: where a scale comes to stand below its title, that takes a line.
   * @param {(leaves: Map<string, Leaf>) => Map<string, Fit>} how
   * @param {boolean} isLean whether nothing stands round the cells that can be left out
   */
  arranged(how, isLean) {
    /** @type {Set<string>} */
    let narrow = new Set();
    for (let k = 0; ; k++) {
      const leaves = this.leaves(narrow, isLean), fits = how(leaves), before = narrow;
      narrow = this.narrowOf(leaves, fits);
      if (k < TRIES && [...narrow].join() !== [...before].join()) continue;
      for (const [name, fit] of fits) Object.assign(fit, { isNarrow: narrow.has(name), isLean });
      return fits;
    }
  }

  /**
   * The panels whose scales come to stand below their titles; of images that are compared all, or
   * none, so that they begin at the same height.
   * @param {Map<string, Leaf>} leaves
   * @param {Map<string, Fit>} fits
   */
  narrowOf(leaves, fits) {
    const { panels } = this.board, all = [...leaves];
    for (const [name, fit] of fits) fit.heading = panels.get(name)?.heading(fit);
    const one = new Set([...fits].filter(([, { heading }]) => heading?.isNarrow).map(([name]) => name));
    const kinds = new Set(all.filter(([name, { square }]) => square && one.has(name)).map(([, leaf]) => kindOf(leaf)));
    return new Set(all.filter(([name, leaf]) => one.has(name) || (leaf.square && kinds.has(kindOf(leaf)))).map(([name]) => name));
  }

  /** How wide the panels are as they stand, in px. */
  across() {
    const boxes = [...this.board.node.children].map((node) => node.getBoundingClientRect());
    return boxes.reduce((sum, box) => sum + box.width, 0) + SPACE.across * Math.max(0, boxes.length - 1);
  }

  /**
   * What the layout must know of each panel, by its key.
   * @param {Set<string>} narrow those whose scales stand below their titles
   * @param {boolean} isLean whether nothing stands round the cells that can be left out
   */
  leaves(narrow, isLean) {
    return new Map([...this.board.panels].map(([name, view]) => [name, view.leaf(narrow.has(name), isLean)]));
  }

  /** @param {Map<string, Fit>} fits */
  resize(fits) {
    for (const [name, view] of this.board.panels) {
      const fit = fits.get(name);
      if (fit) view.resize(fit);
    }
  }
}

/** @param {string} operator */
const widthOf = (operator) => OPERATOR * operator.length;

/**
 * The keys of the panels that are rows of tables, of the last row of each, and of those that stand
 * above and below a panel whose columns are the same.
 * @param {Item[]} layout
 * @param {Record<string, Panel>} panels
 */
function standing(layout, panels) {
  /** @type {Set<string>} */
  const rows = new Set(), above = new Set(), below = new Set(), last = new Set();
  /** @param {Item | null} item @param {Item | null} [upper] */
  const look = (item, upper = null) => {
    if (item === null) return;
    if (typeof item === "string") {
      if (typeof upper !== "string") return;
      const own = panels[item]?.columns, other = panels[upper]?.columns;
      if (!own?.length || JSON.stringify(own) !== JSON.stringify(other)) return;
      above.add(upper);
      below.add(item);
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
  return { rows, above, below, last };
}
