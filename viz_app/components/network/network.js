// The network as text, and the other texts of a run, each checked while one writes.

import { choice, el, write } from "../common/elements.js";
import { count, Editor, sayFault } from "./editor.js";

/** @import { Rendered } from "../common/panel.js" */
/** @import { Judged, Menus, Part, Report } from "./content.js" */

/**
 * What `network.py` says of itself.
 * @typedef {object} Properties
 * @property {Record<string, string>} shown
 * @property {Record<string, string>} explained
 * @property {number} basis
 * @property {string} refused
 * @property {string} preset
 * @property {boolean} free
 * @property {Menus} menus
 */

const PAUSE = 200; // ms after which what is typed is checked

/** @param {Rendered<Properties>} component */
export function render({ model, el: host }) {
  let number = 0, asked = "", inForce = "", basis = model.basis, folded = true;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Report | null} */
  let report = null;
  const editor = new Editor(() => { hint(); later(); buttons(); });
  const fault = el("p", { className: "fault", id: "network-fault", role: "status" });
  const total = el("p", { className: "total", id: "network-total" }), note = el("p", { className: "hint" }), knows = el("p", { className: "hint" });
  const train = el("button", { type: "button", className: "main", onclick: () => begin(editor.text) }, "Train this network");
  const back = el("button", { type: "button", onclick: () => { editor.replace(model.preset); begin(model.preset); } }, "Back to the preset");
  const drop = el("button", { type: "button", onclick: () => editor.replace(inForce) }, "Back to what is trained");
  const menu = choice({ ariaLabel: "Insert a layer" }, (word) => {
    const part = model.menus.layers.find((one) => one.word === word);
    menu.value = "";
    if (part) editor.insert(editor.isBehindVector && part.vector_text || part.text);
  }, el("option", { value: "" }, "Insert a layer…"), ...model.menus.layers.map(({ word }) => el("option", { value: word }, word)));
  const parts = Object.entries(model.menus.parts).map(([name, known]) => new PartField(name, model.menus.titles[name] ?? name, known, send));
  const summary = el("summary", {}, "Network and training");
  const root = el("details", { ontoggle: () => { folded = !root.open; model.send_msg({ opened: root.open }); if (root.open) check(); } }, summary,
    el("div", { className: "form" },
      el("div", { className: "row" }, menu, command("Undo", "undo"), command("Redo", "redo")),
      editor.node, fault, knows, total, note,
      el("div", { className: "row" }, train, back, drop),
      el("div", { className: "parts" }, ...parts.map((part) => part.node))));
  editor.area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !train.disabled) begin(editor.text);
    if (event.key !== "Escape") return;
    // What was typed stays, and the settings too.
    event.preventDefault();
    event.stopPropagation();
    editor.area.blur();
  });
  for (const name of ["keyup", "click", "focus"]) editor.area.addEventListener(name, hint);
  // The page has keys of its own.
  summary.addEventListener("keydown", (event) => { if (event.key === " ") event.stopPropagation(); });
  host.append(root);

  /** @param {Record<string, unknown>} what */
  function send(what) {
    model.send_msg(what);
  }

  /**
   * @param {string} title
   * @param {string} name of the command
   */
  function command(title, name) {
    return el("button", { type: "button", onclick: () => {
      editor.area.focus();
      document.execCommand(name);
    } }, title);
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(check, PAUSE);
  }

  function check() {
    clearTimeout(timer);
    number += 1;
    asked = editor.text;
    send({ check: asked, number });
  }

  /** @param {string} text */
  function begin(text) {
    clearTimeout(timer);
    number += 1;
    asked = text;
    send({ train: text, number });
  }

  /** Say what the layer in the line of the caret understands. */
  function hint() {
    const word = /^\s*([A-Za-z][\w]*)/.exec(editor.line)?.[1]?.toLowerCase();
    const part = model.menus.layers.find((one) => one.word === word);
    // What is wrong says the same.
    write(knows, part && !report?.fault ? `The layer ${part.word} takes ${part.knows || "no further words"}` : "");
  }

  function buttons() {
    // Spaces, commas and empty lines make no other network.
    const isKnown = report?.number === number && asked === editor.text;
    const isNew = ((isKnown && report?.written) || editor.text).trim() !== inForce.trim();
    train.disabled = !model.free || !isNew || Boolean(report?.fault);
    back.disabled = !model.free || !model.preset || inForce === model.preset && !isNew;
    drop.hidden = !isNew;
  }

  /** @param {Report} said */
  function tell(said) {
    // Of what has been typed over meanwhile nothing is known.
    if (said.number !== number || asked !== editor.text) return;
    report = said;
    editor.tell(said);
    sayFault(fault, editor.text, said.fault);
    const { params, of_image: image, adds, batch } = said.total;
    const sums = `${count(params)} params; ${count(image)} multiply-adds an image, ${count(adds)} for the forward pass of a batch of ${count(batch)}`;
    write(total, said.rows.length ? `${said.fault ? "So far" : "Total"}: ${sums}` : "");
    write(note, said.note);
    hint();
    buttons();
  }

  function draw() {
    const { network = "" } = model.shown, untouched = editor.text === inForce;
    if (network !== inForce && untouched) editor.begin(network);
    const isOther = network !== inForce || model.basis !== basis;
    inForce = network;
    basis = model.basis;
    if (isOther && !folded) check();
    for (const part of parts) part.show(model.shown[part.name] ?? "", model.free, model.explained[part.name] ?? "");
    buttons();
  }

  function mark() {
    for (const one of [editor, ...parts]) {
      one.refused = model.refused === ("name" in one ? one.name : "network");
      one.mark();
    }
  }

  model.on("shown", draw);
  model.on("basis", draw);
  model.on("explained", draw);
  model.on("refused", mark);
  model.on("preset", buttons);
  model.on("free", draw);
  model.on("msg:custom", (/** @type {Report | Judged} */ said) => {
    if ("name" in said) parts.find((part) => part.name === said.name)?.tell(said); else tell(said);
  });
  draw();
  mark();
}

/** A setting that is written in a line, with a menu of what it may be. */
class PartField {
  /**
   * @param {string} name
   * @param {string} title
   * @param {Part[]} known
   * @param {(what: Record<string, unknown>) => void} send
   */
  constructor(name, title, known, send) {
    this.name = name;
    this.title = title.toLowerCase();
    this.known = known;
    this.send = send;
    this.number = 0;
    this.inForce = this.explained = "";
    this.refused = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.input = el("input", {
      type: "text", id: `part-${name}`, spellcheck: false, autocomplete: "off",
      oninput: () => this.typed(), onchange: () => this.enter(),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        this.input.blur();
      },
    });
    this.input.setAttribute("autocapitalize", "off");
    this.input.setAttribute("aria-describedby", `part-${name}-fault part-${name}-knows`);
    this.fault = el("p", { className: "fault", id: `part-${name}-fault`, role: "status" });
    this.knows = el("p", { className: "hint", id: `part-${name}-knows` });
    this.menu = choice({ ariaLabel: `Choose: ${title}` }, (word) => {
      const part = known.find((one) => one.word === word);
      this.menu.value = "";
      if (!part) return;
      this.input.value = part.text;
      this.typed();
      this.enter();
    }, el("option", { value: "" }, ""), ...known.map((part) => el("option", { value: part.word }, part.text)));
    this.node = el("div", { className: "field" }, el("label", { htmlFor: `part-${name}` }, title),
      el("div", { className: "row" }, this.input, this.menu), this.fault, this.knows);
  }

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.judge(), PAUSE);
    this.explained = "";
    this.hint();
  }

  judge() {
    this.number += 1;
    this.send({ judge: this.name, text: this.input.value, number: this.number });
  }

  enter() {
    clearTimeout(this.timer);
    this.judge();
    if (this.input.value.trim() !== this.inForce) this.send({ change: this.name, text: this.input.value });
  }

  /** Outline it while something is wrong with what is written, or with what was entered. */
  mark() {
    this.input.ariaInvalid = this.refused || this.fault.textContent ? "true" : null;
  }

  /** Say what is in force if that is something else, what all of it means, and what each word that is known understands. */
  hint() {
    const isSaid = this.inForce && this.input.value.trim() !== this.inForce;
    const inForce = isSaid ? `In force: ${this.inForce}.` : "";
    const words = new Set(this.input.value.toLowerCase().split(/[\s,]+/));
    const parts = [...words].flatMap((word) => this.known.filter((one) => one.word === word && one.knows));
    const takes = parts.map(({ word, knows }) => `${word} takes ${knows}`).join("; ");
    write(this.knows, [inForce, this.explained, takes && `The ${this.title} ${takes}`].filter(Boolean).join(" "));
  }

  /** @param {Judged} said */
  tell({ number, fault, explained }) {
    if (number !== this.number) return;
    this.explained = explained;
    this.hint();
    write(this.fault, fault);
    this.mark();
  }

  /**
   * @param {string} text in force
   * @param {boolean} free
   * @param {string} explained what the text in force means
   */
  show(text, free, explained) {
    if (text !== this.inForce) {
      this.inForce = text;
      this.input.value = text;
      this.number += 1;
      this.tell({ number: this.number, name: this.name, fault: "", explained });
    }
    this.input.disabled = this.menu.disabled = !free;
    if (this.input.value === text) this.explained = explained;
    this.hint();
  }
}
