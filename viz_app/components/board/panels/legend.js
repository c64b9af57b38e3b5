// The colour scale of an array, beside its title or below it: its ends in the unit of the cells.

import { contextOf, el, write } from "../../common/elements.js";
import { format, inShort } from "../../common/format.js";

/** @import { Board } from "../board.js" */
/** @import { Pair, Panel } from "../scene.js" */

const BOTH_ENDS = 118, ONE_END = 96; // px, about, of a scale with words at both ends, and at one
const COLOURS = 64; // of the bar

export class Legend {
  /**
   * @param {Board} board
   * @param {Panel} panel
   */
  constructor(board, panel) {
    this.board = board;
    this.bar = el("canvas", { className: "bar", width: COLOURS, height: 1 });
    this.low = el("span"); this.high = el("span");
    this.unit = el("span", { className: "unit" });
    this.node = el("div", { className: "legend" }, this.low, this.bar, this.high, this.unit);
    this.panel = panel;
    /** What its numbers are divided by. */
    this.power = 0;
    /** Whether numbers lie beyond the lower end, and beyond the upper one. */
    this.isPassed = [false, false];
  }

  /**
   * What it tells of now.
   * @param {Panel} panel
   * @param {number} power of ten by which the numbers are divided
   */
  describe(panel, power) {
    this.panel = panel;
    this.power = power;
    this.node.hidden = panel.scale === "none";
    if (this.node.hidden) return;
    const [low, high] = this.range;
    this.isPassed = [this.passes(low, -1), this.passes(high, 1)];
    this.node.title = this.isPassed.some(Boolean)
      ? "the scale is kept from step to step: some numbers now lie beyond its ends" : "";
    write(this.unit, panel.unit);
  }

  /** @returns {Pair} */
  get range() { return this.panel.tiles[0].range || this.panel.range; }

  /**
   * Whether a number lies beyond an end of the scale, by more than a rounding.
   * @param {number} end
   * @param {1 | -1} side
   */
  passes(end, side) {
    const edge = side * end + 1e-6 * Math.abs(end);
    return this.panel.tiles[0].values.some((value) => side * value > edge);
  }

  /**
   * Where there is little room, one end has to do where the other is its mirror image.
   * @param {number} title px of it
   * @param {number} width px of the cells below
   */
  isShort(title, width) {
    const [low, high] = this.range;
    return low === -high || title + BOTH_ENDS > width;
  }

  /**
   * px that it takes beside the title; nothing if there is none.
   * @param {number} title px of it
   * @param {number} width px of the cells below
   */
  least(title, width) {
    if (this.panel.scale === "none") return 0;
    return this.isShort(title, width) ? ONE_END : BOTH_ENDS;
  }

  /**
   * @param {number} title px of it
   * @param {number} width px of the cells below
   * @param {boolean} isNarrow whether it stands below the title
   * @param {boolean} isLeftOut whether there is no room for it
   */
  place(title, width, isNarrow, isLeftOut) {
    this.node.hidden = isLeftOut || this.panel.scale === "none";
    if (this.node.hidden) return;
    const isShort = this.isShort(title, width), unit = 10 ** this.power;
    const [low, high] = this.range, [below, above] = this.isPassed;
    this.node.classList.toggle("narrow", isNarrow);
    this.low.hidden = isShort;
    write(this.low, (below ? "≤" : "") + format(low / unit, 2));
    write(this.high, isShort ? inShort(low / unit, high / unit) + (below || above ? "+" : "")
      : (above ? "≥" : "") + format(high / unit, 2));
  }

  draw() {
    if (this.node.hidden) return;
    const [low, high] = this.range, scale = this.board.scale(this.panel.scale, low, high);
    const context = contextOf(this.bar), image = context.createImageData(COLOURS, 1);
    for (let k = 0; k < COLOURS; k++) {
      image.data.set([...scale(low + (high - low) * k / (COLOURS - 1)), 255], 4 * k);
    }
    context.putImageData(image, 0, 0);
  }
}
