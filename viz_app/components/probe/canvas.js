// What is drawn on, with mouse, finger, pen or keys.

import { rgbOf } from "../common/colours.js";
import { el, write } from "../common/elements.js";
import { Drawing } from "./brush.js";
import { paintBytes } from "./paint.js";

/** @import { Shape } from "./brush.js" */

// Of the rows of a picture; for few rows there is a least.
const WIDTHS = { thin: 0.022, medium: 0.036, thick: 0.07 };
const THINNEST = 0.45; // pixels
/** @type {Record<string, [down: number, right: number]>} */
const ARROWS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

export class Sheet {
  /**
   * @param {Shape} shape
   * @param {number[]} background
   * @param {() => void} onChange
   */
  constructor(shape, background, onChange) {
    this.drawing = new Drawing(shape, background);
    this.onChange = onChange;
    this.cursor = { row: shape[1] >> 1, column: shape[2] >> 1 };
    this.erases = this.isOff = false;
    /** @type {keyof typeof WIDTHS} */
    this.width = "medium";
    this.canvas = el("canvas", {
      tabIndex: 0, role: "application", "aria-roledescription": "drawing", className: "sheet",
      ariaLabel: `Drawing of ${shape[1]} rows and ${shape[2]} columns. Arrows move, space draws, Delete erases, Control and Z takes back`,
    });
    this.mark = el("i", { className: "mark", hidden: true });
    this.heard = el("span", { className: "heard", role: "status" });
    this.colour = el("input", { type: "color", ariaLabel: "Colour", title: "Colour", value: this.isDark() ? "#ffffff" : "#000000" });
    this.node = el("div", { className: "paper" }, this.canvas, this.mark, this.heard);
    this.node.style.setProperty("--ratio", String(shape[2] / shape[1]));
    this.listen();
    this.paint();
  }

  isDark() {
    const { background } = this.drawing;
    return background.reduce((sum, byte) => sum + byte, 0) < 128 * background.length;
  }

  /** What the brush leaves, of each channel. */
  ink() {
    const { background } = this.drawing;
    if (this.erases) return background;
    return background.length > 1 ? rgbOf(this.colour.value) : [this.isDark() ? 255 : 0];
  }

  /** @param {PointerEvent} event */
  at(event) {
    const box = this.canvas.getBoundingClientRect(), [, rows, columns] = this.drawing.shape;
    return { x: (event.clientX - box.left) / box.width * columns, y: (event.clientY - box.top) / box.height * rows };
  }

  listen() {
    const { canvas } = this;
    canvas.onpointerdown = (event) => {
      if (event.button > 0 || this.isOff) return;
      event.preventDefault();
      canvas.focus({ preventScroll: true });
      canvas.setPointerCapture(event.pointerId);
      this.mark.hidden = true;
      const radius = Math.max(THINNEST, WIDTHS[this.width] * this.drawing.shape[1]);
      this.drawing.begin(this.at(event), this.ink(), radius);
      this.changed();
    };
    canvas.onpointermove = (event) => {
      if (!this.drawing.stroke) return;
      // All points on the way, not only one for each time that the screen is drawn.
      const points = event.getCoalescedEvents?.() ?? [];
      for (const point of points.length ? points : [event]) this.drawing.to(this.at(point));
      this.changed();
    };
    canvas.onpointerup = canvas.onpointercancel = () => this.drawing.end();
    canvas.onfocus = () => { if (canvas.matches(":focus-visible")) this.showMark(); };
    canvas.onblur = () => { this.mark.hidden = true; };
    canvas.onkeydown = (event) => this.press(event);
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const { key } = event, arrow = ARROWS[key], isUndo = key === "z" && (event.ctrlKey || event.metaKey);
    const ink = key === " " || key === "Enter" ? this.ink() : key === "Delete" || key === "Backspace" ? this.drawing.background : null;
    if ((!arrow && !ink && !isUndo) || this.isOff) return;
    // For the page these keys mean something else.
    event.preventDefault();
    event.stopPropagation();
    const [, rows, columns] = this.drawing.shape, { row, column } = this.cursor;
    if (isUndo) { this.undo(); return; }
    if (arrow) {
      this.cursor = { row: Math.max(0, Math.min(rows - 1, row + arrow[0])), column: Math.max(0, Math.min(columns - 1, column + arrow[1])) };
    } else if (ink) {
      this.drawing.dot(row, column, ink);
      this.changed();
    }
    this.showMark();
  }

  showMark() {
    const [channels, rows, columns] = this.drawing.shape, { row, column } = this.cursor;
    this.mark.hidden = false;
    Object.assign(this.mark.style, {
      left: `${100 * column / columns}%`, top: `${100 * row / rows}%`, width: `${100 / columns}%`, height: `${100 / rows}%`,
    });
    const levels = Array.from({ length: channels }, (_, c) => (this.drawing.pixels[(c * rows + row) * columns + column] / 255).toFixed(2));
    write(this.heard, `row ${row}, column ${column}: ${levels.join(", ")}`);
  }

  /** @param {Uint8Array} pixels */
  take(pixels) {
    this.drawing.take(pixels);
    this.paint();
  }

  undo() {
    if (this.drawing.undo()) this.changed();
  }

  clear() {
    this.drawing.clear();
    this.changed();
  }

  changed() {
    this.paint();
    this.onChange();
  }

  paint() {
    paintBytes(this.canvas, this.drawing.pixels, this.drawing.shape);
  }

  /** @param {boolean} off */
  switch(off) {
    this.isOff = off;
    this.canvas.setAttribute("aria-disabled", String(off));
  }
}
