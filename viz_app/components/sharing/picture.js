// A picture of what is seen: the heading with its equation, the board as a whole, and the link.

import { contextOf, el } from "../common/elements.js";
import { paint } from "./paint.js";
import { SvgContext, svg } from "./svg.js";

/** @import { Context } from "./paint.js" */
/** @import { Seen } from "../common/panel.js" */

const EDGE = 16, BETWEEN = 14; // px round the parts, and between them
const SHARP = 2; // pixels of a picture for each one of the page

/** @typedef {{ left: number, top: number, right: number, bottom: number }} Box */

/** What stands on the page: each part that can be taken along says so; null until a run is drawn. */
export function gathered() {
  /** @type {Partial<Seen>} */
  const seen = {};
  document.dispatchEvent(new CustomEvent("cs-taking", { detail: seen }));
  const { head, board } = seen;
  return head && board && head.getClientRects().length ? { head, board } : null;
}

/**
 * The box of some elements together.
 * @param {Iterable<Element>} nodes
 * @returns {Box}
 */
function around(nodes) {
  const boxes = [...nodes].map((node) => node.getBoundingClientRect()).filter(({ width }) => width);
  /** @param {"left" | "top" | "right" | "bottom"} side */
  const all = (side) => boxes.map((box) => box[side]);
  return { left: Math.min(...all("left")), top: Math.min(...all("top")),
    right: Math.max(...all("right")), bottom: Math.max(...all("bottom")) };
}

/**
 * A link in lines.
 * @param {Context} context with its font
 * @param {string} link
 * @param {number} width px of a line
 */
function broken(context, link, width) {
  const lines = [""];
  for (const letter of link) {
    if (context.measureText(lines[lines.length - 1] + letter).width > width) lines.push("");
    lines[lines.length - 1] += letter;
  }
  return lines;
}

/**
 * How the picture is put together: its size, and what draws it.
 * @param {Seen} seen
 * @param {string} link
 * @param {Context} ruler
 */
function planned({ head, board: { node } }, link, ruler) {
  const top = around([head]), board = around(node.children);
  const width = Math.max(top.right - top.left, board.right - board.left);
  const style = getComputedStyle(head), small = parseFloat(style.getPropertyValue("--cs-small"));
  const font = `${small}px ${style.getPropertyValue("--cs-font")}`;
  ruler.font = font;
  const lines = broken(ruler, link, width);
  const boardTop = EDGE + top.bottom - top.top + BETWEEN, linkTop = boardTop + board.bottom - board.top + BETWEEN;
  const [wide, high] = [width + 2 * EDGE, linkTop + 1.4 * small * lines.length + EDGE].map(Math.ceil);
  /**
   * @param {Context} context
   * @param {boolean} ground whether it has the colour of the page
   */
  const draw = (context, ground) => {
    if (ground) {
      context.fillStyle = style.getPropertyValue("--cs-paper").trim();
      context.fillRect(0, 0, wide, high);
    }
    /** @type {[Element, number, number][]} */
    const parts = [[head, EDGE - top.left, EDGE - top.top],
      [node, EDGE + (width - board.right + board.left) / 2 - board.left, boardTop - board.top]];
    for (const [part, x, y] of parts) {
      context.save();
      context.translate(x, y);
      paint(part, context);
      context.restore();
    }
    context.fillStyle = style.getPropertyValue("--cs-soft").trim();
    context.font = font;
    lines.forEach((line, k) => context.fillText(line, EDGE, linkTop + small * (1.4 * k + 1)));
  };
  return { wide, high, draw };
}

/**
 * It has of a canvas what is needed here.
 * @param {SvgContext} context
 */
const asCanvas = (context) => /** @type {Context} */ (/** @type {unknown} */ (context));

/**
 * What is seen as SVG, in which text is text and a cell is a rectangle.
 * @param {Seen} seen
 * @param {string} link
 * @param {boolean} printed light, and without a ground, whatever the page is
 */
export function drawingOf(seen, link, printed = false) {
  /** @type {Map<HTMLCanvasElement, SvgContext>} */
  const drawn = new Map();
  /** @param {HTMLCanvasElement} canvas */
  const sketchOf = (canvas) => {
    const found = drawn.get(canvas) ?? new SvgContext();
    drawn.set(canvas, found);
    return asCanvas(found);
  };
  return seen.board.drawn({ contextOf: sketchOf, zoom: 1, printed }, () => {
    const context = new SvgContext(drawn), { wide, high, draw } = planned(seen, link, asCanvas(context));
    draw(asCanvas(context), !printed);
    const title = seen.head.querySelector("h2")?.textContent ?? "";
    return svg("svg", { xmlns: "http://www.w3.org/2000/svg", width: wide, height: high,
      viewBox: `0 0 ${wide} ${high}` }, svg("title", {}, title), context.finished());
  });
}

/**
 * What is seen as a picture.
 * @param {Seen} seen
 * @param {string} link
 * @returns {Promise<Blob>}
 */
export function pictureOf(seen, link) {
  const canvas = el("canvas");
  seen.board.drawn({ zoom: SHARP }, () => {
    const { wide, high, draw } = planned(seen, link, contextOf(canvas));
    canvas.width = SHARP * wide;
    canvas.height = SHARP * high;
    const context = contextOf(canvas);
    context.scale(SHARP, SHARP);
    draw(context, true);
  });
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the picture is too large"))));
  });
}

/** @param {SVGElement | Element} drawing */
export const asFile = (drawing) => new Blob(
  ['<?xml version="1.0" encoding="UTF-8"?>\n', new XMLSerializer().serializeToString(drawing)],
  { type: "image/svg+xml" });
