// The numbers of a matrix as comma-separated values. One line says what it is; it begins with #, so
// that programs that read numbers can leave it out.

/** @import { PanelView } from "./panel.js" */
/** @import { Axis, Tile } from "./scene.js" */

const MOST_DIGITS = 9; // that tell any two numbers in single precision apart

/** By the tag of an element, how plain notation writes each part of it behind the first one. */
const SCRIPTS = new Map([["msup", "^"], ["msub", "_"], ["msubsup", "_^"]]);

/**
 * A title in plain notation: `X^(in)` for `X<sup>(in)</sup>`, or for the same in MathML.
 * @param {Node} node
 * @returns {string}
 */
function plain(node) {
  if (!(node instanceof Element)) return node.textContent ?? "";
  if (node.matches(".axes, annotation")) return "";
  const parts = [...node.childNodes].map(plain), marks = SCRIPTS.get(node.localName);
  if (marks) return parts.map((part, k) => (k ? scripted(marks[k - 1], part) : part)).join("");
  const text = parts.join("");
  return node.localName === "sup" ? scripted("^", text) : node.localName === "sub" ? scripted("_", text) : text;
}

/**
 * @param {string} mark
 * @param {string} text
 */
const scripted = (mark, text) => mark + (/^(.|\(.*\))$/u.test(text) ? text : `{${text}}`);

/** @param {string} text */
const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/**
 * A number with as many digits as tell it from all others: of single precision where the array is.
 * @param {number} value
 * @param {boolean} single
 */
export function inFull(value, single) {
  if (!single || !Number.isFinite(value)) return String(value);
  for (let digits = 1; digits < MOST_DIGITS; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(MOST_DIGITS)));
}

/**
 * @param {PanelView} view
 * @param {Tile} tile
 */
function csvOfTile({ panel, title, board }, tile) {
  const { scene, model } = board, [height, width] = tile.shape;
  /** @param {string} name */
  const words = (name) => model.axes[name] ?? name;
  /**
   * @param {string} what
   * @param {Axis} dims
   * @param {number} start
   * @param {number} count
   * @param {number} total
   */
  const axis = (what, dims, start, count, total) => {
    const named = dims.map(([name, size]) => `${words(name)} (${size})`).join(" × ") || "one";
    return `${what}: ${named}${count < total ? `, ${start} to ${start + count - 1} of ${total}` : ""}`;
  };
  const said = [
    `# ${plain(title).trim() || panel.plain}`,
    ...Object.entries(tile.fixed).map(([name, at]) => `${words(name)} ${at}`),
    ...(tile.bins ? [`counts in bins from ${tile.bins[0]}, each ${tile.bins[1]} wide`] : [
      axis("rows", panel.rows, tile.row_start, height, panel.row_total),
      axis("columns", panel.columns, tile.column_start, width, panel.column_total),
    ]),
    `iteration ${scene.iteration}`,
    `stage ${(scene.stage ?? 0) + 1}, ${scene.phase} ${scene.layer}`,
  ];
  const single = tile.values instanceof Float32Array;
  const rows = Array.from({ length: height }, (_, r) => Array.from(
    tile.values.subarray(r * width, (r + 1) * width), (value) => inFull(value, single)).join());
  return [quoted(said.join(" · ")), ...rows, ""].join("\n");
}

/**
 * The numbers of one panel. Of an image whose channels all stand there, each once.
 * @param {PanelView} view
 */
export function csvOf(view) {
  const [first, ...small] = view.seen().tiles;
  return (small.length ? small : [first]).map((tile) => csvOfTile(view, tile)).join("\n");
}
