// One number explained: its name, formula, terms and result; each factor leads to its cell.

import { el } from "./common/elements.js";
import { format, single } from "./common/format.js";

/** @import { Rendered } from "./common/panel.js" */

/** @typedef {{ value: number, linked: boolean, symbol: string, title: string }} Factor */

/**
 * A term; `place` is its number among all of them.
 * @typedef {object} Term
 * @property {number} place
 * @property {string} note
 * @property {number} value
 * @property {Factor[]} factors
 * @property {Factor[]} because
 * @property {number} reasons
 */

/**
 * @typedef {object} Check
 * @property {number} analytic
 * @property {number} numeric
 * @property {number} error
 * @property {string} note
 * @property {boolean} zero
 * @property {boolean} small
 * @property {boolean} good
 */

/**
 * What `message` of `explanation.py` gives; nothing where nothing is selected.
 * @typedef {object} Content
 * @property {number} number
 * @property {string} [name]
 * @property {string} aside
 * @property {string} formula
 * @property {string} own
 * @property {Term[]} terms
 * @property {{ count: number, value: number }} rest
 * @property {number} sum
 * @property {number} total
 * @property {number} stored
 * @property {string} operation
 * @property {string} function
 * @property {boolean} gradient
 * @property {Check | null} check
 */

// What somebody can do who has just come.
const START = [
  "Press Step: what happens next inside the layer is shown. The timeline below says where you are.",
  "Point at a cell: what belongs to it lights up in the other matrices.",
  "Click it: here you read how its number was made, term by term.",
  "Choose Iteration and press Play: the network learns, and the curve of its loss falls.",
];

/** @type {Record<string, string>} */
const RESULT = { sum: "sum", max: "largest", argmax: "place of the largest" };

/** @param {Rendered<{ content: Content }>} component */
export function render({ model, el: host }) {
  const root = el("div", { className: "why" });
  host.append(root);
  let all = false;

  // Of which explanation it is asked: by the time it arrives there may be another one.
  /** @param {unknown} what */
  const ask = (what) => model.send_msg({ number: model.content.number, what });

  /**
   * @param {Factor} item
   * @param {number} k place of its term
   * @param {number} j its own place in that
   */
  const number = (item, k, j) => (item.linked
    ? el("button", { type: "button", className: "link", title: item.title,
      onclick: () => ask([k, j]) }, format(item.value, 4))
    : el("span", {}, format(item.value, 4)));

  /**
   * What a term is, and the recorded numbers from which its other factors follow.
   * @param {Term} item
   */
  function note(item) {
    const text = el("span");
    text.innerHTML = item.note;
    const shown = item.because.flatMap((reason, j) => {
      const name = el("span");
      name.innerHTML = reason.symbol;
      return [j ? ", " : "because ", name, " = ",
        number(reason, item.place, item.factors.length + j)];
    });
    if (item.reasons > item.because.length) shown.push(", …");
    return shown.length ? [text, el("div", { className: "because" }, ...shown)] : [text];
  }

  /** @param {Term} item */
  function term(item) {
    const factors = item.factors.map((part, j) => number(part, item.place, j));
    if (factors.length === 1) {
      return el("tr", {}, el("td", { colSpan: 2 }, ...note(item)),
        el("td", { className: "number" }, factors[0]));
    }
    const product = factors.flatMap((part, j) => (j ? [" × ", part] : [part]));
    // Two factors stay in one line.
    const className = factors.length > 2 ? "product" : "product pair";
    return el("tr", {}, el("td", {}, ...note(item)), el("td", { className }, ...product),
      el("td", { className: "number" }, format(item.value, 4)));
  }

  /**
   * @param {string | Node} label
   * @param {number} value
   */
  const result = (label, value, className = "total") => el("tr", { className },
    el("td", { colSpan: 2 }, label), el("td", { className: "number" }, format(single(value), 6)));

  /** @param {Check} found */
  const judgement = ({ zero, small, error }) => (zero ? "both are zero up to rounding"
    : `relative error ${format(error, 2)}${small ? " (to 1 % of the largest gradient)" : ""}`);

  /**
   * The stored number and, beside it, what the terms give; or how a check of it ended.
   * @param {string[]} beside
   */
  function check(beside) {
    const { gradient, check: found } = model.content;
    const stored = el("span", { className: "stored" }, "stored ",
      el("b", {}, format(single(model.content.stored), 6)), ...beside);
    if (!gradient) return [el("p", {}, stored)];
    const button = el("button", { type: "button", className: "check",
      onclick: () => ask("check") }, "Check this gradient");
    if (!found) return [el("p", { className: "line" }, stored, button)];
    // The analytic one is what is stored.
    return [el("p", { className: found.good ? "good" : "bad", role: "status" },
      `${found.good ? "✓" : "✗"} analytic ${format(single(found.analytic), 5)} · numeric ` +
      `${format(found.numeric, 5)} · ${judgement(found)}` +
      (found.note ? ` (${found.note})` : ""))];
  }

  function draw() {
    const content = model.content;
    root.classList.toggle("open", Boolean(content.name));
    if (!content.name) {
      root.replaceChildren(el("h3", {}, "Start here"),
        el("ol", { className: "hint" }, ...START.map((text) => el("li", {}, text))));
      return;
    }
    const shown = all ? content.terms : content.terms.slice(0, 8);
    const rest = content.terms.slice(shown.length).reduce((sum, item) => sum + item.value, content.rest.value);
    const hidden = content.terms.length - shown.length + content.rest.count;
    const rows = shown.map(term);
    if (hidden) {
      // A function is one of the sum of the terms.
      const added = ["sum", "function"].includes(content.operation);
      rows.push(el("tr", { className: "more" }, el("td", { colSpan: 2 }, all ? `${hidden} more`
        : el("button", { type: "button", className: "link",
          onclick: () => { all = true; draw(); } }, `${hidden} more`)),
      el("td", { className: "number" }, added ? format(rest, 4) : "")));
    }
    const name = el("h3", {});
    name.innerHTML = content.name;
    const formula = el("div", { className: "formula" });
    formula.innerHTML = [content.formula, content.own].filter(Boolean).map((text) => `<div>${text}</div>`).join("");
    const copied = content.operation === "sum" && content.terms.length + content.rest.count === 1;
    const made = el("span", {}, copied ? "value" : RESULT[content.operation] || "");
    const several = content.terms.length + content.rest.count > 1;
    if (content.operation === "function") {
      made.innerHTML = content.function;
      if (several) rows.push(result("x, their sum", content.sum, "part"));
    }
    const close = el("button", { type: "button", className: "close", title: "select nothing (Esc)",
      ariaLabel: "Select nothing", onclick: () => ask("close") }, "×");
    const aside = content.aside ? [el("p", { className: "aside" }, content.aside)] : [];
    const beside = copied ? [] : [` · ${RESULT[content.operation] || "by the formula"} ` +
      format(single(content.total), 6)];
    root.replaceChildren(el("div", { className: "top" }, name, close), ...aside, formula,
      ...check(beside),
      el("div", { className: "terms" }, el("table", {},
        el("tbody", {}, ...rows, result(made, content.total)))));
  }

  model.on("content", () => { all = false; draw(); });
  draw();
}
