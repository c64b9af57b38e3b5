// The text of a network: a text area with what is wrong underlined, and what is known beside each line.

import { el, write } from "../common/elements.js";

/** @import { Report } from "./content.js" */

const LEAST_ROWS = 6, LEAST_SHAPE = 8; // of the text, and letters of a shape

/**
 * A count as it is printed.
 * @param {number} number
 */
export const count = (number) => number.toLocaleString("en");

/** A text area whose changes can all be undone, those by a button too. */
export class Editor {
  /** @param {() => void} changed called when the text is another one */
  constructor(changed) {
    this.faulty = this.refused = false;
    /** @type {[number, string][]} Lines, and the output shape of each. */
    this.shapes = [];
    this.area = el("textarea", {
      className: "code", spellcheck: false, autocomplete: "off", wrap: "off", ariaLabel: "Network, one layer a line",
      oninput: () => { this.fit(); changed(); },
    });
    this.area.setAttribute("autocapitalize", "off");
    this.area.setAttribute("aria-describedby", "network-fault network-total");
    this.under = el("pre", { ariaHidden: "true" });
    this.known = el("ol", { className: "known", ariaLabel: "Output shape, params and multiply-adds of each line" });
    this.node = el("div", { className: "lines" }, el("span", { className: "head" }, "one layer a line"),
      el("span", { className: "head known", ariaHidden: "true" }, el("span", {}, "output"), el("span", {}, "params"), el("span", { className: "adds" }, "multiply-adds")),
      el("div", { className: "text" }, this.under, this.area), this.known);
  }

  get text() { return this.area.value; }

  /** The line of the caret. */
  get line() {
    const { value, selectionStart } = this.area;
    return value.slice(value.lastIndexOf("\n", selectionStart - 1) + 1, this.lineEnd());
  }

  /** Whether what is inserted takes a vector, as far as the shapes are known. */
  get isBehindVector() {
    const line = this.text.slice(0, this.lineEnd()).split("\n").length - 1;
    const shape = this.shapes.findLast(([at]) => at <= line)?.[1];
    return shape !== undefined && !shape.includes("×");
  }

  lineEnd() {
    const end = this.area.value.indexOf("\n", this.area.selectionEnd);
    return end < 0 ? this.area.value.length : end;
  }

  /**
   * Put a text where the selection is.
   * @param {string} text
   */
  type(text) {
    this.area.focus();
    // It is the one way that the text area's own undo knows of.
    if (document.execCommand("insertText", false, text)) return;
    this.area.setRangeText(text, this.area.selectionStart, this.area.selectionEnd, "end");
    this.area.dispatchEvent(new Event("input"));
  }

  /**
   * Put layers below the line of the caret.
   * @param {string} text
   */
  insert(text) {
    const { line } = this, indent = line.slice(0, line.length - line.trimStart().length);
    // Behind what opens a branch one is inside of it.
    const inner = /[(|]\s*$/.test(line) ? `${indent}  ` : indent;
    const lines = text.split("\n").map((one) => inner + one).join("\n");
    const end = this.lineEnd();
    this.area.setSelectionRange(line.trim() ? end : end - line.length, end);
    this.type(line.trim() ? `\n${lines}` : lines);
  }

  /**
   * Put another text in place of all.
   * @param {string} text
   */
  replace(text) {
    if (text === this.text) return;
    this.area.focus();
    this.area.select();
    this.type(text);
  }

  /**
   * Begin with a text.
   * @param {string} text
   */
  begin(text) {
    this.area.value = text;
    this.fit();
  }

  /**
   * Make a column as wide as what stands in it.
   * @param {string} property
   * @param {number} least letters
   * @param {string[]} written
   */
  widen(property, least, written) {
    this.node.style.setProperty(property, `${Math.max(least, ...written.map(({ length }) => length))}ch`);
  }

  /** Outline it while something is wrong with what is written, or with what was to be trained. */
  mark() {
    const isWrong = this.faulty || this.refused;
    this.node.classList.toggle("wrong", isWrong);
    this.area.ariaInvalid = isWrong ? "true" : null;
  }

  fit() {
    const lines = this.text.split("\n"), rows = Math.max(LEAST_ROWS, lines.length);
    this.node.style.setProperty("--cs-rows", String(rows));
    // As wide as its longest line: what has no room is scrolled with what is underlined.
    this.node.style.setProperty("--cs-letters", String(Math.max(...lines.map((line) => line.length))));
    const { under } = this;
    under.replaceChildren();
  }

  /**
   * Show what is known of the text.
   * @param {Report} report
   */
  tell({ rows, fault }) {
    const { text } = this, lines = text.split("\n");
    const wrong = fault && fault.start >= 0 ? text.slice(0, fault.start).split("\n").length - 1 : -1;
    this.shapes = rows.map(({ line, shape }) => [line, shape]);
    const of = new Map(rows.map((row) => [row.line, row]));
    this.widen("--cs-shape", LEAST_SHAPE, rows.map(({ shape }) => `${shape} `));
    this.widen("--cs-params-written", 0, rows.map(({ params }) => count(params)));
    this.widen("--cs-adds-written", 0, rows.map(({ adds }) => count(adds)));
    this.known.replaceChildren(...lines.map((_, k) => {
      const row = of.get(k);
      const output = k === wrong ? el("span", { className: "wrong" }, "wrong") : el("span", { title: row?.shape }, row?.shape ?? "");
      // Layers in front of what is wrong count in the sum.
      if (!row) return el("li", {}, output);
      return el("li", {}, output,
        el("span", { title: "params" }, count(row.params)), el("span", { className: "adds", title: "multiply-adds of an image" }, count(row.adds)));
    }));
    this.faulty = Boolean(fault);
    this.mark();
    this.under.replaceChildren();
    if (!fault || fault.start < 0) return;
    // One letter at least, and no more than the line.
    const end = text.indexOf("\n", fault.start), most = end < 0 ? text.length : end;
    const stop = Math.max(Math.min(fault.stop, most), fault.start + 1);
    this.under.append(text.slice(0, fault.start), el("mark", {}, text.slice(fault.start, stop) || " "), text.slice(stop));
  }
}

/**
 * Say what is wrong in words, with the line and a mark below it.
 * @param {HTMLElement} place
 * @param {string} text
 * @param {Report["fault"]} fault
 */
export function sayFault(place, text, fault) {
  if (!fault) return write(place, "");
  const line = fault.start < 0 ? 0 : text.slice(0, fault.start).split("\n").length;
  return write(place, line ? `Line ${line}: ${fault.text}` : fault.text);
}
