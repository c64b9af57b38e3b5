// A lesson that is composed: its steps, the form of the one in hand, and what is kept of it.

import { whenDrawn } from "../common/bokeh.js";
import { el, write, writeMarkup } from "../common/elements.js";
import { save } from "../common/saving.js";
import { hear } from "../common/together.js";
import { makeFold } from "../lesson/fold.js";
import { forgetDraft, keepDraft, keptDrafts } from "./drafts.js";
import { Fields } from "./fields.js";
import { press, stepParts } from "./step.js";

/** @import { Rendered } from "../common/panel.js" */
/** @import { Composed, Entry, Form, Kept, Menus, Value } from "./content.js" */

/**
 * What `compose.py` says of itself.
 * @typedef {object} Properties
 * @property {Composed | { waits?: boolean }} content
 * @property {Partial<Kept>} kept
 * @property {Menus} menus
 */

const TYPING = 250; // ms after which what is typed is sent
const LONGEST_DRAFT = 100_000; // bytes of a file that is read at all

/** @param {Rendered<Properties>} component */
export function render({ model, el: host }) {
  /** @type {Map<string, Omit<Entry, "count">>} */
  const pending = new Map();
  /** @type {Entry[]} */
  let late = [];
  /** @type {Form} */
  let form = { block: "", fields: {}, more: [], fault: null };
  let count = 0, shape = "", listed = "", shown = "";
  /** Whether what begins is new, and the key of a draft that is and that nobody has changed. */
  let begins = false, untouched = "";
  /** Whether the step that comes next was added here: then the focus follows it. */
  let adds = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let fields = new Fields(), drawParts = () => {};

  const hands = {
    content: () => /** @type {Composed} */ (model.content), form: () => form, enter, send,
    menus: model.menus,
  };
  const title = el("span"), said = el("p", { className: "said", role: "status" });
  const { fold, unfold } = makeFold("The whole form", () => root);
  const list = el("ol", { className: "steps", ariaLabel: "Steps" }), body = el("div", { className: "form" });
  const file = el("input", { type: "file", accept: ".md,.txt,text/markdown", hidden: true, onchange: open });
  const undo = press(hands, "Undo", "undo"), tries = press(hands, "Try", "try", { className: "check" });
  const close = press(hands, "×", "close", { className: "close", ariaLabel: "Stop composing" });
  const up = press(hands, "↑", "up", { ariaLabel: "Move the step up" }), down = press(hands, "↓", "down", { ariaLabel: "Move the step down" });
  const remove = press(hands, "Remove", "remove");
  const root = el("section", { className: "step compose", ariaLabel: "Compose", hidden: true },
    el("div", { className: "bar" },
      el("div", { className: "top" }, el("p", {}, "Compose · ", title), fold, close),
      el("div", { className: "row" }, tries, press(hands, "Save the file", "save"),
        el("button", { type: "button", onclick: () => file.click() }, "Open a file"), undo, file), said),
    el("div", { className: "rest" }, list,
      el("div", { className: "row" }, press(hands, "Add this moment", "add"), up, down, remove), body));
  root.addEventListener("keydown", (event) => {
    const { key, target } = event;
    // The page has keys of its own.
    if (key === " " && target instanceof HTMLElement && target.matches("summary")) event.stopPropagation();
    if (key !== "Escape" || !(target instanceof HTMLElement) || !target.matches("input, textarea, select")) return;
    // What was typed stays.
    event.preventDefault();
    target.blur();
  });
  host.append(root);

  /** @param {Record<string, unknown>} what */
  function send(what) {
    flush();
    adds = what.press === "add";
    model.send_msg({ key: hands.content().key, ...what });
  }

  /**
   * Hear that something is typed.
   * @param {string} key
   * @param {Value} value
   */
  function enter(key, value) {
    const { chosen } = hands.content();
    if (key === "title" || key === "text" || key === "block") form = { ...form, [key]: value };
    if (form.fields && key !== "text" && key !== "block") form = { ...form, fields: { ...form.fields, [key]: value } };
    pending.set(key, { number: chosen, key, value });
    clearTimeout(timer);
    timer = setTimeout(flush, TYPING);
    if (shapeOf() !== shape) build();
  }

  function flush() {
    clearTimeout(timer);
    for (const entry of pending.values()) sendEntry(entry);
    pending.clear();
    keep();
  }

  /** @param {Omit<Entry, "count">} entry */
  function sendEntry({ number, key, value }) {
    count += 1;
    late.push({ number, key, value, count });
    model.send_msg({ key: hands.content().key, enter: { number, key, value }, count });
  }

  /** @param {Record<string, unknown>} what */
  function begin(what) {
    begins = !what.draft;
    model.send_msg({ begin: what });
  }

  /**
   * Hear which draft is shown; of one that nobody has changed nothing is kept.
   * @param {string} key
   */
  function show(key) {
    if (key === shown) return;
    if (untouched) forgetDraft(untouched);
    untouched = begins ? key : "";
    shown = key;
  }

  /** @param {Kept} kept */
  function goOn({ late: before, ...draft }) {
    begin({ draft });
    for (const { number, key, value } of before ?? []) {
      count += 1;
      model.send_msg({ key: draft.key, enter: { number, key, value }, count });
    }
  }

  async function open() {
    const chosen = file.files?.[0];
    if (!chosen) return;
    if (chosen.size > LONGEST_DRAFT) said.textContent = `${chosen.name} has ${chosen.size.toLocaleString("en")} bytes; expected a lesson`;
    else begin({ file: await chosen.text() });
    file.value = "";
  }

  // What tells one form from another: fields are made anew only then.
  function shapeOf() {
    const { key, chosen } = hands.content(), { fields: now, kind } = form;
    return JSON.stringify([key, chosen, kind, now === null, now?.choose?.length, now?.mistakes?.length]);
  }

  function build() {
    shape = shapeOf();
    const active = /** @type {ShadowRoot} */ (host.getRootNode()).activeElement;
    const at = active && body.contains(active) ? [...body.querySelectorAll("input, textarea, select")].indexOf(active) : -1;
    fields = new Fields();
    drawParts = () => {};
    /** @param {string} key */
    const one = (key) => () => String(form.fields?.[key] ?? "");
    const { chosen } = hands.content();
    const parts = [];
    if (chosen) {
      const { parts: ofStep, draw: ofParts } = stepParts(hands, fields);
      parts.push(...ofStep);
      drawParts = ofParts;
    } else if (form.fields) {
      parts.push(fields.text("Title", "title", one("title"), (value) => enter("title", value)),
        fields.text("Minutes", "minutes", one("minutes"), (value) => enter("minutes", value), { inputMode: "numeric" }),
        fields.text("What one can say at the end", "learns", one("learns"), (value) => enter("learns", value), { rows: 2 }),
        fields.text("The run of all steps", "moment", one("moment"), (value) => enter("moment", value), { rows: 2, code: true }),
        fields.text("Where it is derived", "mathematics", one("mathematics"), (value) => enter("mathematics", value), { hint: "a heading; may be empty" }));
    }
    const none = form.fields ? [] : [el("p", { className: "hint" }, "The form has no fields for all of this; edit it as text.")];
    const more = form.more.length ? [el("p", { className: "hint" }, `Only as text: ${form.more.join(", ")}.`)] : [];
    const raw = el("details", { open: !form.fields }, el("summary", {}, "As text"),
      fields.text("As in the file", "block", () => form.block, (value) => enter("block", value), { rows: 8, code: true }));
    body.replaceChildren(fields.rest, ...parts, ...none, ...more, raw);
    if (at >= 0) {
      const controls = body.querySelectorAll("input, textarea, select");
      /** @type {HTMLElement | undefined} */ (controls[Math.min(at, controls.length - 1)])?.focus();
    }
  }

  function drawList() {
    const { steps, chosen, faulty } = hands.content(), now = JSON.stringify([steps, chosen, faulty]);
    if (now === listed) return;
    listed = now;
    const hadFocus = list.matches(":focus-within");
    const all = [{ title: "The lesson", kind: "", faulty }, ...steps];
    list.replaceChildren(...all.map((step, k) => {
      const name = el("span", { className: "name" });
      name.innerHTML = step.title || "…";
      const button = el("button", { type: "button", onclick: () => send({ choose: k }), onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (!event.altKey || k !== chosen || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
        event.preventDefault();
        send({ press: event.key === "ArrowUp" ? "up" : "down" });
      } }, k ? el("span", { className: "number" }, `${k} `) : "", name, ...(step.kind ? [el("small", {}, step.kind)] : []),
      ...(step.faulty ? [el("b", { className: "bad", ariaLabel: "something is wrong", role: "img" }, "!")] : []));
      if (k === chosen) button.setAttribute("aria-current", "step");
      return el("li", {}, button);
    }));
    const current = /** @type {HTMLElement} */ (list.querySelector("[aria-current]"));
    if (hadFocus) current.focus();
    // Only the list is scrolled, and not what it stands in.
    const box = current.getBoundingClientRect(), room = list.getBoundingClientRect();
    list.scrollTop += Math.max(0, box.bottom - room.bottom) - Math.max(0, room.top - box.top);
  }

  function draw() {
    if (!("key" in model.content)) {
      root.hidden = true;
      show("");
      if ("waits" in model.content) whenDrawn(wake);
      return;
    }
    const content = hands.content();
    root.hidden = false;
    show(content.key);
    if (content.undo) untouched = "";
    late = late.filter((entry) => entry.count > content.count);
    if (!pending.size && content.count >= count) form = structuredClone(content.form);
    writeMarkup(title, content.title);
    write(said, content.said);
    undo.disabled = !content.undo;
    up.disabled = content.chosen < 2;
    down.disabled = !content.chosen || content.chosen === content.steps.length;
    remove.disabled = !content.chosen;
    drawList();
    if (shapeOf() !== shape) {
      build();
      unfold(true);
      if (adds) body.querySelector("input")?.select();
      adds = false;
    }
    fields.write();
    fields.say(content.form.fault);
    drawParts();
  }

  /** Go on with the newest draft, or begin one. */
  function wake() {
    const [newest] = keptDrafts();
    if (newest) goOn(newest); else begin({});
  }

  function keep() {
    const { key, text = "", step = 0, title: name = "" } = model.kept;
    if (key) keepDraft({ key, text, step, title: name, at: Date.now(), late });
  }

  // What is still being typed is kept too.
  window.addEventListener("pagehide", flush);
  model.on("remove", () => window.removeEventListener("pagehide", flush));
  model.on("content", draw);
  model.on("kept", keep);
  model.on("msg:custom", ({ name, text }) => save(name, new Blob([text], { type: "text/markdown" })));
  hear(model, host, "compose", (/** @type {{ copy?: string, draft?: Kept }} */ { copy, draft }) => {
    if (draft) goOn(draft); else begin(copy ? { copy } : {});
  });
  draw();
}
