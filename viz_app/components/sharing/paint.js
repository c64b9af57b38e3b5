// Draws a part of the page, as it stands there, on a canvas or on what writes SVG: its texts, the
// lines and grounds of its boxes, its formulas, and its own canvases. Controls are left out.

/** Anything on which the page can be drawn. */
/** @typedef {CanvasRenderingContext2D} Context */

const CONTROLS = "button, select, input, [role=menu]";
const CLEAR = /^(transparent|rgba\(.*, 0\))$/;
const STRETCHED = 1.3; // times its usual height from which on a bracket or a sum is a larger one

// Where the slanted letters of mathematics begin, by the first and the last of the plain ones.
const SLANTED = [["A", "Z", 0x1d434], ["a", "z", 0x1d44e], ["Α", "Ω", 0x1d6e2], ["α", "ω", 0x1d6fc]];

/**
 * A variable as a browser writes it in a formula: by a letter of its own, not by a slanted font.
 * @param {string} letter
 */
function slanted(letter) {
  if (letter === "h") return "ℎ";
  if (letter === "∂") return "𝜕";
  for (const [first, last, start] of /** @type {[string, string, number][]} */ (SLANTED)) {
    if (letter >= first && letter <= last) {
      return String.fromCodePoint(start + letter.charCodeAt(0) - first.charCodeAt(0));
    }
  }
  return letter;
}

/**
 * @param {Element} node
 * @param {Context} context
 */
export function paint(node, context) {
  const style = getComputedStyle(node), box = node.getBoundingClientRect();
  if (style.display === "none" || style.visibility === "hidden" || node.matches(CONTROLS)) return;
  context.save();
  context.globalAlpha *= Number(style.opacity);
  paintBox(style, box, context);
  if (node instanceof HTMLCanvasElement) {
    context.imageSmoothingEnabled = style.imageRendering !== "pixelated";
    context.drawImage(node, box.left, box.top, box.width, box.height);
  }
  paintStrokes(node, box, style.color, context);
  for (const child of node.childNodes) {
    if (child instanceof Element) paint(child, context);
    else if (child instanceof Text) paintText(child, node, style, context);
  }
  context.restore();
}

/**
 * @param {CSSStyleDeclaration} style
 * @param {DOMRect} box
 * @param {Context} context
 */
function paintBox(style, { left, top, right, bottom, width, height }, context) {
  /** @type {[string, number, number, number, number][]} */
  const grounds = [[style.backgroundColor, left, top, width, height]];
  /** @param {"Left" | "Right" | "Top" | "Bottom"} side */
  const edge = (side) => (style[`border${side}Style`] === "none" ? 0 : parseFloat(style[`border${side}Width`]));
  const [l, r, t, b] = [edge("Left"), edge("Right"), edge("Top"), edge("Bottom")];
  grounds.push([style.borderLeftColor, left, top, l, height], [style.borderRightColor, right - r, top, r, height],
    [style.borderTopColor, left, top, width, t], [style.borderBottomColor, left, bottom - b, width, b]);
  for (const [colour, x, y, across, down] of grounds) {
    if (!across || !down || CLEAR.test(colour)) continue;
    context.fillStyle = colour;
    context.fillRect(x, y, across, down);
  }
}

/**
 * The lines of a formula: of a fraction, and of a root.
 * @param {Element} node
 * @param {DOMRect} box
 * @param {string} colour
 * @param {Context} context
 */
function paintStrokes(node, box, colour, context) {
  const [first, second] = [...node.children].map((child) => child.getBoundingClientRect());
  context.strokeStyle = colour;
  context.lineWidth = 1;
  if (node.localName === "mfrac") {
    const line = (first.bottom + second.top) / 2;
    context.beginPath();
    context.moveTo(box.left, line);
    context.lineTo(box.right, line);
    context.stroke();
  } else if (node.localName === "msqrt") {
    const sign = first.left - box.left;
    context.beginPath();
    context.moveTo(box.left, box.top + 0.6 * box.height);
    context.lineTo(box.left + 0.5 * sign, box.bottom);
    context.lineTo(box.left + sign, box.top + 0.5);
    context.lineTo(box.right, box.top + 0.5);
    context.stroke();
  }
}

/**
 * The lines of a text: words that stand beside each other, and where.
 * @param {Text} text
 */
function linesOf(text) {
  const range = document.createRange();
  /** @type {{ words: string, left: number, top: number, height: number }[]} */
  const lines = [];
  for (const { 0: word, index } of text.data.matchAll(/\S+/g)) {
    range.setStart(text, index);
    range.setEnd(text, index + word.length);
    const [box] = range.getClientRects(), last = lines.at(-1);
    if (!box) continue;
    if (last && Math.abs(last.top - box.top) < 2) last.words += ` ${word}`;
    else lines.push({ words: word, left: box.left, top: box.top, height: box.height });
  }
  return lines;
}

/**
 * @param {Text} text
 * @param {Element} parent
 * @param {CSSStyleDeclaration} style of the parent
 * @param {Context} context
 */
function paintText(text, parent, style, context) {
  const variable = parent.localName === "mi" && [...text.data].length === 1
    && parent.getAttribute("mathvariant") !== "normal";
  const size = parseFloat(style.fontSize);
  /** @param {number} px */
  const use = (px) => {
    context.font = `${style.fontStyle} ${style.fontWeight} ${px}px ${style.fontFamily}`;
    return context.measureText(text.data);
  };
  context.fillStyle = style.color;
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
  context.letterSpacing = style.letterSpacing === "normal" ? "0px" : style.letterSpacing;
  for (const { words, left, top, height } of linesOf(text)) {
    const usual = use(size), { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = usual;
    let line = top + (height - above - below) / 2 + above;
    if (parent.localName === "mo") {
      // Its box is that of what is inked; a sum, or a bracket round something high, is a larger one.
      const box = parent.getBoundingClientRect();
      const larger = box.height / (usual.actualBoundingBoxAscent + usual.actualBoundingBoxDescent);
      const used = larger > STRETCHED ? use(size * larger) : usual;
      line = box.top + used.actualBoundingBoxAscent;
    }
    context.fillText(variable ? slanted(words) : words, left, line);
  }
}
