// Writes as SVG what is drawn on a canvas: whoever draws on one can draw on this, so that there is
// one drawing of a matrix and no second one. What is used of a canvas by the board is here.

import { contextOf, el } from "../common/elements.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const MOST_CELLS = 5000; // rectangles of one matrix: what has more of them is a picture in the drawing

/**
 * An element of a drawing.
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 */
export function svg(tag, attributes, ...children) {
  const node = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) {
    node.setAttribute(name, typeof value === "number" ? String(rounded(value)) : value);
  }
  node.append(...children);
  return node;
}

/** @param {number} value */
const rounded = (value) => Math.round(value * 100) / 100;

/** @type {CanvasRenderingContext2D | undefined} */
let measuring;

/**
 * Measures letters of a font, and knows no more of what is drawn.
 * @param {string} font
 */
function rulerOf(font) {
  measuring ??= contextOf(el("canvas", { width: 1, height: 1 }));
  measuring.font = font;
  return measuring;
}

/**
 * What `save` keeps.
 * @typedef {object} State
 * @property {string} fillStyle
 * @property {string} strokeStyle
 * @property {number} lineWidth
 * @property {string} font
 * @property {CanvasTextAlign} textAlign
 * @property {CanvasTextBaseline} textBaseline
 * @property {string} letterSpacing
 * @property {number} globalAlpha
 * @property {number[]} dash
 * @property {Place} at
 */

/** @typedef {{ scale: [number, number], shift: [number, number] }} Place */

/** @type {State} */
const START = {
  fillStyle: "black", strokeStyle: "black", lineWidth: 1, font: "10px sans-serif", textAlign: "start",
  textBaseline: "alphabetic", letterSpacing: "0px", globalAlpha: 1, dash: [],
  at: { scale: [1, 1], shift: [0, 0] },
};

/** @type {Map<string, Record<string, string>>} */
const FONTS = new Map();

/**
 * A font as attributes, which more programs understand than its short form.
 * @param {string} font
 */
function fontOf(font) {
  let found = FONTS.get(font);
  if (!found) {
    const { style } = el("span");
    style.font = font;
    found = { "font-family": style.fontFamily, "font-size": style.fontSize };
    if (!["", "400", "normal"].includes(style.fontWeight)) found["font-weight"] = style.fontWeight;
    if (!["", "normal"].includes(style.fontStyle)) found["font-style"] = style.fontStyle;
    FONTS.set(font, found);
  }
  return found;
}

/**
 * How far the line on which letters stand lies below the one that is given.
 * @param {string} font
 * @param {CanvasTextBaseline} baseline
 */
function drop(font, baseline) {
  const ruler = rulerOf(font);
  /** @param {CanvasTextBaseline} line */
  const above = (line) => {
    ruler.textBaseline = line;
    return ruler.measureText("0").actualBoundingBoxAscent;
  };
  const found = above("alphabetic") - above(baseline);
  ruler.textBaseline = "alphabetic";
  return found;
}

export class SvgContext {
  /** @param {Map<HTMLCanvasElement, SvgContext>} drawn what was drawn in place of canvases */
  constructor(drawn = new Map()) {
    this.node = svg("g", {});
    this.drawn = drawn;
    this.path = "";
    /** @type {State[]} */
    this.saved = [];
    /** Rectangles, in case they are too many: left, top, width, height, colour. */
    /** @type {[number, number, number, number, string][]} */
    this.cells = [];
    /** @type {State} */
    this.state = { ...START };
  }

  get fillStyle() { return this.state.fillStyle; }
  set fillStyle(style) { this.state.fillStyle = style; }
  get strokeStyle() { return this.state.strokeStyle; }
  set strokeStyle(style) { this.state.strokeStyle = style; }
  get lineWidth() { return this.state.lineWidth; }
  set lineWidth(width) { this.state.lineWidth = width; }
  get font() { return this.state.font; }
  set font(font) { this.state.font = font; }
  get textAlign() { return this.state.textAlign; }
  set textAlign(align) { this.state.textAlign = align; }
  get textBaseline() { return this.state.textBaseline; }
  set textBaseline(line) { this.state.textBaseline = line; }
  get letterSpacing() { return this.state.letterSpacing; }
  set letterSpacing(space) { this.state.letterSpacing = space; }
  get globalAlpha() { return this.state.globalAlpha; }
  set globalAlpha(alpha) { this.state.globalAlpha = alpha; }

  save() { this.saved.push({ ...this.state }); }
  restore() { this.state = this.saved.pop() ?? this.state; }

  /** @param {number[]} dash */
  setLineDash(dash) { this.state.dash = dash; }

  /**
   * @param {number} a
   * @param {number} b
   * @param {number} c
   * @param {number} d
   * @param {number} e
   * @param {number} f
   */
  setTransform(a, b, c, d, e, f) {
    if (b || c) throw new Error(`a drawing is moved and scaled, not turned: got ${[a, b, c, d, e, f]}`);
    this.state.at = { scale: [a, d], shift: [e, f] };
  }

  /**
   * @param {number} x
   * @param {number} y
   */
  translate(x, y) {
    const { scale } = this.state.at;
    this.state.at = { scale, shift: this.placed(x, y) };
  }

  /**
   * @param {number} x
   * @param {number} y
   * @returns {[number, number]}
   */
  placed(x, y) {
    const { scale, shift } = this.state.at;
    return [x * scale[0] + shift[0], y * scale[1] + shift[1]];
  }

  /**
   * @param {string} tag
   * @param {Record<string, string | number>} attributes
   * @param {...(Node | string)} children
   */
  add(tag, attributes, ...children) {
    const { globalAlpha: opacity } = this.state;
    this.node.append(svg(tag, opacity < 1 ? { ...attributes, opacity } : attributes, ...children));
  }

  /** Only a whole canvas is cleared, before it is drawn anew. */
  clearRect() {
    this.node.replaceChildren();
    this.cells = [];
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} width
   * @param {number} height
   */
  fillRect(x, y, width, height) {
    const [left, top] = this.placed(x, y), [across, down] = this.state.at.scale;
    /** @type {[number, number, number, number, string]} */
    const cell = [left, top, width * across, height * down, this.fillStyle];
    this.cells.push(cell);
    if (this.cells.length > MOST_CELLS) {
      this.pictureOfCells();
      return;
    }
    this.add("rect", { x: cell[0], y: cell[1], width: cell[2], height: cell[3], fill: cell[4] });
  }

  /** So many cells as one picture; further ones are drawn into it. */
  pictureOfCells() {
    if (this.cells.length === MOST_CELLS + 1) {
      for (const node of [...this.node.querySelectorAll("rect")]) node.remove();
      this.node.prepend(svg("image", { "data-cells": "" }));
    }
  }

  /** The drawing, once all is drawn. */
  finished() {
    const image = this.node.querySelector("image[data-cells]");
    if (!image) return this.node;
    const right = Math.max(...this.cells.map(([x, , width]) => x + width));
    const low = Math.max(...this.cells.map(([, y, , height]) => y + height));
    const canvas = el("canvas", { width: Math.ceil(right), height: Math.ceil(low) }), context = contextOf(canvas);
    for (const [x, y, width, height, colour] of this.cells) {
      context.fillStyle = colour;
      context.fillRect(x, y, width, height);
    }
    image.replaceWith(this.image(canvas, 0, 0, canvas.width, canvas.height));
    return this.node;
  }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} width
   * @param {number} height
   */
  strokeRect(x, y, width, height) {
    this.beginPath();
    this.rect(x, y, width, height);
    this.stroke();
  }

  beginPath() { this.path = ""; }
  closePath() { this.path += "Z"; }

  /**
   * @param {string} command
   * @param {...[number, number]} points
   */
  go(command, ...points) {
    this.path += command + points.map(([x, y]) => this.placed(x, y).map(rounded).join()).join(" ");
  }

  /** @param {number} x @param {number} y */
  moveTo(x, y) { this.go("M", [x, y]); }
  /** @param {number} x @param {number} y */
  lineTo(x, y) { this.go("L", [x, y]); }
  /** @param {number} a @param {number} b @param {number} x @param {number} y */
  quadraticCurveTo(a, b, x, y) { this.go("Q", [a, b], [x, y]); }

  /**
   * @param {number} x
   * @param {number} y
   * @param {number} width
   * @param {number} height
   */
  rect(x, y, width, height) {
    this.go("M", [x, y]);
    this.go("L", [x + width, y], [x + width, y + height], [x, y + height]);
    this.closePath();
  }

  stroke() {
    const { strokeStyle, lineWidth, at, dash } = this.state;
    this.add("path", { d: this.path, fill: "none", stroke: strokeStyle, "stroke-width": lineWidth * at.scale[0],
      "stroke-dasharray": dash.join(" ") || "none" });
  }

  fill() { this.add("path", { d: this.path, fill: this.fillStyle }); }

  /** @param {string} text */
  measureText(text) { return rulerOf(this.font).measureText(text); }

  /**
   * @param {string} text
   * @param {number} x
   * @param {number} y
   * @param {number} [most] px that it may be wide
   */
  fillText(text, x, y, most = Infinity) {
    const { textAlign, textBaseline, letterSpacing } = this.state;
    const [left, line] = this.placed(x, textBaseline === "alphabetic" ? y : y + drop(this.font, textBaseline));
    /** @type {Record<string, string | number>} */
    const attributes = { x: left, y: line, fill: this.fillStyle, ...fontOf(this.font) };
    if (textAlign === "center") attributes["text-anchor"] = "middle";
    if (textAlign === "right" || textAlign === "end") attributes["text-anchor"] = "end";
    if (parseFloat(letterSpacing)) attributes["letter-spacing"] = letterSpacing;
    if (this.measureText(text).width > most) {
      attributes.textLength = most;
      attributes.lengthAdjust = "spacingAndGlyphs";
    }
    // Other programs may lack the slanted letters of mathematics.
    const plain = /^[\u{1d400}-\u{1d7ff}ℎ]$/u.test(text);
    if (plain) attributes["font-style"] = "italic";
    this.add("text", attributes, plain ? text.normalize("NFKC") : text);
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {number} x
   * @param {number} y
   * @param {number} width
   * @param {number} height
   */
  drawImage(canvas, x, y, width, height) {
    const inner = this.drawn.get(canvas)?.finished(), [left, top] = this.placed(x, y);
    if (inner) {
      inner.setAttribute("transform", `translate(${rounded(left)} ${rounded(top)})`);
      if (inner.hasChildNodes()) this.node.append(inner);
    } else if (canvas.width && canvas.height) {
      this.node.append(this.image(canvas, left, top, width, height));
    }
  }

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {number} x
   * @param {number} y
   * @param {number} width
   * @param {number} height
   */
  image(canvas, x, y, width, height) {
    return svg("image", { x, y, width, height, href: canvas.toDataURL(), preserveAspectRatio: "none",
      style: "image-rendering: pixelated" });
  }
}
