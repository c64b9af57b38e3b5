// The form of a step: what it says, where it is, what it asks, and what it points at.

import { choice, el, writeMarkup } from "../common/elements.js";
import { set } from "../explanation/terms.js";

/** @import { Composed, Form, Menus, Value } from "./content.js" */
/** @import { Fields } from "./fields.js" */

/**
 * What a form can do and know.
 * @typedef {object} Hands
 * @property {() => Composed} content
 * @property {() => Form} form as it is typed
 * @property {(key: string, value: Value) => void} enter
 * @property {(said: Record<string, unknown>) => void} send
 * @property {Menus} menus
 */

// Hints to the rule of each kind.
/** @type {Record<string, string>} */
const RULES = {
  cells: "the cells that are right", count: "cells to be counted, or a number", largest: "an array, or abs(…) of one",
  number: "a cell, or an expression", sign: "a cell, or an expression", terms: "one cell that is a sum", order: "a number of @layer",
};
/** @type {Record<string, Record<string, string>>} */
const EMPTY = { choose: { say: "", when: "no" }, mistakes: { if: "", why: "" } };

/**
 * The parts of the form, and what shows what they say as a student sees it.
 * @param {Hands} hands
 * @param {Fields} fields
 */
export function stepParts(hands, fields) {
  const { form, enter } = hands;
  const text = el("div", { className: "shown" }), ask = el("div", { className: "shown" });
  const answer = el("div", { className: "shown", role: "status" }), away = el("p", { className: "away" });
  const pickAsk = pickButton(hands, "ask"), pickPoint = pickButton(hands, "point");
  /** @param {string} key */
  const one = (key) => () => String(form().fields?.[key] ?? "");
  /** @type {HTMLElement[]} */
  const parts = [
    fields.text("Heading", "title", () => form().title ?? "", (value) => enter("title", value)),
    fields.text("Text", "text", () => form().text ?? "", (value) => enter("text", value), { rows: 3, hint: "one to four sentences" }), text,
  ];
  if (form().fields) parts.push(...moment(), ...question(), ...pointing());

  function moment() {
    return [fields.text("Moment", "moment", one("moment"), (value) => enter("moment", value), { hint: "besides the lesson's", code: true }),
      el("div", { className: "row" }, press(hands, "Capture again", "capture")), away];
  }

  function question() {
    const kind = form().kind ?? "";
    const select = choice({ id: "kind", name: "kind" }, (value) => hands.send({ kind: value }),
      el("option", { value: "" }, "nothing"),
      ...Object.entries(hands.menus.kinds).map(([key, title]) => el("option", { value: key }, `${key}: ${title}`)));
    select.value = kind;
    const asked = kind ? [
      fields.text("Question", "ask", one("ask"), (value) => enter("ask", value), { rows: 2 }), ask,
      ...(kind === "choose" ? [records("choose", "Sentence", "Another sentence")] : [
        fields.text("Rule", kind, one(kind), (value) => enter(kind, value), { hint: RULES[kind], code: true }),
        ...(form().clicks ? [el("div", { className: "row" }, pickAsk)] : [])]),
      ...(kind === "order" ? [lines("Layers in order", "among", "one a line")] : []),
      ...(kind === "terms" ? [lines("Blank terms", "blanks", "none, a number, or all; for fading several, one a line")] : []),
      ...(["number", "terms"].includes(kind)
        ? [fields.text("Tolerance", "tolerance", one("tolerance"), (value) => enter("tolerance", value), { hint: "5%, or 0.01; 2% if empty" })] : []),
      fields.text("Why", "why", one("why"), (value) => enter("why", value), { rows: 2, hint: "said after the answer; {X_out[0,0,1,2]} is a number" }),
      answer, records("mistakes", "Mistake", "Another mistake"),
    ] : [];
    return [el("fieldset", {}, el("legend", {}, "What is asked"), el("div", { className: "field" }, el("label", { htmlFor: "kind" }, "Kind"), select), ...asked)];
  }

  function pointing() {
    const lit = form().fields?.controls ?? [];
    const boxes = hands.menus.controls.map((name) => {
      const box = el("input", { type: "checkbox", checked: lit.includes(/** @type {never} */ (name)), onchange: () => {
        const before = /** @type {string[]} */ (form().fields?.controls ?? []);
        enter("controls", box.checked ? [...before, name] : before.filter((other) => other !== name));
      } });
      return el("label", {}, box, ` ${name}`);
    });
    return [el("fieldset", {}, el("legend", {}, "What is pointed at"), lines("Cells", "point", "one choice a line", true),
      el("div", { className: "row" }, pickPoint),
      el("details", {}, el("summary", {}, "Controls of the page"), el("div", { className: "boxes" }, ...boxes)), fields.fault("controls"))];
  }

  /**
   * Texts, one a line.
   * @param {string} label
   * @param {string} key
   * @param {string} hint
   */
  function lines(label, key, hint, code = false) {
    const now = () => /** @type {string[]} */ (form().fields?.[key] ?? []).join("\n");
    return fields.text(label, key, now, (value) => enter(key, value.split("\n").map((line) => line.trim()).filter(Boolean)),
      { rows: 2, hint, code });
  }

  /**
   * Entries of several texts each.
   * @param {string} key
   * @param {string} name of one
   * @param {string} more
   */
  function records(key, name, more) {
    const all = () => /** @type {Record<string, string>[]} */ (form().fields?.[key] ?? []);
    /** @param {Record<string, string>[]} now */
    const write = (now) => enter(key, now);
    const entries = all().map((_, k) => {
      /**
       * @param {string} label
       * @param {string} part
       */
      const part = (label, part, how = {}) => fields.text(`${label} ${k + 1}`, key, () => all()[k]?.[part] ?? "", (value) => {
        const other = { ...all()[k], [part]: value };
        if (!value && part === "why" && key === "choose") delete other.why;
        write(all().map((entry, at) => (at === k ? other : entry)));
      }, how);
      const remove = el("button", { type: "button", onclick: () => write(all().filter((_entry, at) => at !== k)) }, `Remove ${name.toLowerCase()} ${k + 1}`);
      return el("li", {}, ...(key === "choose"
        ? [part("Sentence", "say", { rows: 2 }), part("Right if", "when", { hint: "yes, no, or a condition", code: true }), part("Why not", "why", { rows: 2 })]
        : [part("Mistake", "if", { hint: "a rule, or a name", code: true }), part("What to say", "why", { rows: 2 })]), remove);
    });
    const add = key === "choose" ? el("button", { type: "button", onclick: () => write([...all(), EMPTY[key]]) }, more)
      : choice({ ariaLabel: more }, (value) => write([...all(), { ...EMPTY[key], if: value === "rule" ? "" : value }]),
        el("option", { value: "", hidden: true }, `${more} …`), el("option", { value: "rule" }, "a rule"),
        ...(hands.menus.named.includes(form().kind ?? "") ? hands.menus.mistakes : []).map((known) => el("option", { value: known }, known)));
    return el("div", { className: "records" }, el("ol", {}, ...entries), fields.fault(key), add);
  }

  function draw() {
    const { content } = hands, { away: isAway, pick, form: { shown, answer: found } } = content();
    writeMarkup(text, shown?.text ?? "");
    writeMarkup(ask, shown?.ask ?? "");
    const said = found ? [el("p", {}, el("b", {}, "The iteration answers: "), set(found.said)), el("p", {}, set(found.why)),
      ...(found.fair ? [] : [el("p", {}, "With these numbers that is not clear: ask something else, or take another seed.")])] : [];
    writeMarkup(answer, said.map((node) => node.outerHTML).join(""));
    away.replaceChildren(...(isAway ? ["The board shows something else. ", press(hands, "Back to this step", "here")] : []));
    for (const [button, what] of /** @type {const} */ ([[pickAsk, "ask"], [pickPoint, "point"]])) {
      button.setAttribute("aria-pressed", String(pick === what));
    }
  }

  return { parts, draw };
}

/**
 * @param {Hands} hands
 * @param {string} text
 * @param {string} what
 */
export const press = (hands, text, what, about = {}) => el("button", { type: "button", ...about, onclick: () => hands.send({ press: what }) }, text);

/**
 * @param {Hands} hands
 * @param {string} pick
 */
const pickButton = (hands, pick) => el("button", { type: "button", className: "pick", onclick: () => hands.send({ pick }) }, "Click cells on the board");
