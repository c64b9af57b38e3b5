// The controls of each kind of question, and what has been entered in them.

import { el } from "../common/elements.js";
import { set } from "../explanation/terms.js";

/** @import { Content, Given, Term } from "./content.js" */

const SIGNS = [["+", "+", "positive"], ["-", "−", "negative"], ["0", "0", "zero"]];

/** What was entered and not yet answered. */
export class Draft {
  constructor() {
    this.number = 0;
    /** @type {Given} */
    this.given = null;
  }

  /**
   * What stands in the controls of a question: its answer, what was entered, or nothing.
   * @param {Content} content
   */
  of(content) {
    if (this.number !== content.number) {
      this.number = content.number;
      this.given = null;
    }
    return content.told ? content.given ?? null : this.given;
  }
}

/**
 * The controls of a question.
 * @param {Content} content
 * @param {Draft} draft
 * @param {(index: number[]) => void} giveUp a chosen cell
 * @returns {Node[]}
 */
export function controlsOf(content, draft, giveUp) {
  const given = draft.of(content), done = Boolean(content.told);
  /** @param {Given} value */
  const enter = (value) => { draft.given = value; };
  switch (content.kind) {
    case "cells": case "largest": return [cells(content, done, giveUp)];
    case "sign": return [choices("sign", SIGNS.map(([value, sign, name]) => ({ value, label: el("span", {}, el("b", {}, sign), ` ${name}`) })),
      given, done, enter)];
    case "choose": return [choices("sentence", (content.options ?? []).map((option, k) => ({ value: String(k), label: set(option) })),
      given === null ? null : String(given), done, (value) => enter(Number(value)))];
    case "order": return [order(content.labels ?? [], given, done, enter)];
    case "terms": return content.terms?.length ? [terms(content, given, done, enter)] : [field("The sum", first(given), done, (text) => enter([text]))];
    default: return [field("Your answer", typeof given === "string" ? given : "", done, enter)];
  }
}

/** @param {Given} given */
const first = (given) => (Array.isArray(given) ? given[0] ?? "" : "");

/**
 * @param {string} name
 * @param {string} value
 * @param {boolean} done
 * @param {(text: string) => void} enter
 */
function field(name, value, done, enter) {
  const input = el("input", { type: "text", inputMode: "decimal", autocomplete: "off", value, readOnly: done, oninput: () => enter(input.value) });
  return el("label", { className: "field" }, `${name} `, input);
}

/**
 * @param {string} name
 * @param {{ value: string, label: Node }[]} options
 * @param {Given} given
 * @param {boolean} done
 * @param {(value: string) => void} enter
 */
function choices(name, options, given, done, enter) {
  return el("div", { className: `choices ${name}`, role: "radiogroup", ariaLabel: "Your answer" }, ...options.map(({ value, label }) => el("label", {},
    el("input", { type: "radio", name, value, checked: given === value, disabled: done && given !== value, onchange: () => enter(value) }), label)));
}

/**
 * @param {Content} content
 * @param {boolean} done
 * @param {(index: number[]) => void} giveUp
 */
function cells({ array = "", chosen = [], kind }, done, giveUp) {
  const list = chosen.map(({ index, words }) => el("li", {}, words, ...(done ? [] : [el("button", {
    type: "button", className: "give-up", ariaLabel: `Take back ${words}`, onclick: () => giveUp(index),
  }, "×")])));
  const hint = kind === "largest" ? "Click one cell of " : "Click the cells of ";
  const how = done ? [] : [el("p", { className: "hint" }, hint, set(array),
    " on the board", el("span", { className: "by-keys" }, ", or move there with Tab and the arrow keys and press Enter"), ".")];
  return el("div", { className: "cells" }, ...how, el("ul", { ariaLabel: "Chosen cells" }, ...list));
}

/**
 * @param {string[]} labels
 * @param {Given} given
 * @param {boolean} done
 * @param {(order: string[]) => void} enter
 */
function order(labels, given, done, enter) {
  let now = Array.isArray(given) ? given : labels;
  enter(now);
  const list = el("ol", { className: "order", ariaLabel: "Your order, the largest first" });
  /**
   * @param {number} k
   * @param {number} by
   */
  const move = (k, by) => {
    const moved = [...now];
    [moved[k], moved[k + by]] = [moved[k + by], moved[k]];
    now = moved;
    enter(now);
    draw();
    // The same label, which has moved, keeps the focus.
    const buttons = list.children[k + by]?.querySelectorAll("button");
    const wanted = buttons?.[by < 0 ? 0 : 1], other = buttons?.[by < 0 ? 1 : 0];
    (wanted?.disabled ? other : wanted)?.focus();
  };
  function draw() {
    /**
     * @param {number} k
     * @param {number} by
     */
    const button = (k, by) => el("button", { type: "button", disabled: done || !(k + by in now), onclick: () => move(k, by),
      ariaLabel: `${now[k]}: ${by < 0 ? "up" : "down"}` }, by < 0 ? "↑" : "↓");
    list.replaceChildren(...now.map((label, k) => el("li", {}, el("span", {}, label), button(k, -1), button(k, 1))));
  }
  draw();
  return list;
}

/**
 * @param {Content} content
 * @param {Given} given
 * @param {boolean} done
 * @param {(values: string[]) => void} enter
 */
function terms({ terms: all = [], heads = [], symbol = "", told, verdict, asks }, given, done, enter) {
  const values = all.filter(({ blank }) => blank).map((_, k) => (Array.isArray(given) ? given[k] ?? "" : ""));
  let blanks = -1;
  /** @param {Term} term */
  const cell = (term) => {
    if (!term.blank) return el("span", {}, term.value);
    blanks += 1;
    const k = blanks;
    const input = el("input", { type: "text", inputMode: "decimal", autocomplete: "off", value: values[k], readOnly: done,
      ariaLabel: `blank ${k + 1}`, oninput: () => { values[k] = input.value; enter(values); } });
    return el("span", {}, input, ...(verdict ? [` (${term.value})`] : []));
  };
  /** @param {Term} term */
  const row = (term) => el("tr", {}, el("th", { scope: "row" }, set(term.label)),
    el("td", { className: "number" }, term.factors.join(" × "), term.factors.length > 1 ? " =" : ""),
    el("td", { className: "number" }, cell(term)));
  const head = heads.length ? [el("tr", {}, el("td"), el("th", { className: "number", scope: "col" },
    ...heads.flatMap((name, k) => [k ? " × " : "", set(name)])), el("td"))] : [];
  // The result would tell a single blank.
  const total = told || !asks ? [] : [el("tr", {}, el("td"), el("td", { className: "number" }, set(symbol), " ="),
    el("td", { className: "number" }, "?"))];
  return el("table", {}, el("tbody", {}, ...head, ...all.map(row), ...total));
}
