// The list of the lessons, and the choice of a file that holds one.

import { openDialog } from "../common/dialog.js";
import { el } from "../common/elements.js";
import { keptOf } from "./kept.js";

/** @typedef {{ name: string, title: string, minutes: number, learns: string }} Listed see `listed.py` */
/** @typedef {{ name?: string, text?: string, kept: string }} Chosen */

const LONGEST = 100_000; // bytes of a file that is read at all

export class LessonList {
  /**
   * @param {HTMLElement} host of the component that has the style sheets of dialogs
   * @param {string} page on which a teacher reads files of answers, as HTML
   * @param {(chosen: Chosen) => void} choose
   * @param {(name: string) => void} print
   */
  constructor(host, page, choose, print) {
    this.host = host;
    this.page = page;
    /** Where it is found. */
    this.address = "";
    this.choose = choose;
    this.print = print;
    /** What is wrong with a file. */
    this.refused = el("p", { className: "refused", role: "alert" });
  }

  /** @param {Listed[]} lessons */
  open(lessons) {
    // Once only, whatever is pressed.
    if (this.host.querySelector("dialog")) return;
    this.refused.textContent = "";
    const file = el("input", { type: "file", accept: ".md,.txt,text/markdown", ariaLabel: "A lesson from a file",
      onchange: () => this.read(file) });
    // An address of its own, whether a server has given this page or nobody.
    this.address ||= URL.createObjectURL(new Blob([this.page], { type: "text/html" }));
    openDialog(this.host, "Lessons",
      el("ol", { className: "lessons" }, ...lessons.map((lesson) => el("li", {}, this.item(lesson), this.paper(lesson)))),
      el("label", { className: "own" }, "Your own, from a file: ", file), this.refused,
      el("a", { href: this.address, target: "_blank" }, "For a teacher: read the answers of a class"));
  }

  /**
   * Begin a lesson that comes along, or go on with it.
   * @param {string} name
   */
  begin(name) { this.choose({ name, kept: keptOf(name) }); }

  /** @param {Listed} lesson */
  item({ name, title, minutes, learns }) {
    const kept = keptOf(name), heading = el("b"), aim = el("span", { className: "learns" });
    heading.innerHTML = title;
    aim.innerHTML = learns;
    return el("button", { type: "button", onclick: () => this.begin(name) },
      el("span", { className: "line" }, heading,
        el("span", { className: "minutes" }, `${minutes} minutes${kept ? ` · at step ${stepOf(kept)}` : ""}`)), aim);
  }

  /** @param {Listed} lesson */
  paper({ name, title }) {
    const button = el("button", { type: "button", className: "paper", onclick: () => this.print(name) }, "Hand-out");
    const words = el("span");
    words.innerHTML = title;
    button.ariaLabel = `Hand-out: ${words.textContent}`;
    return button;
  }

  /** @param {HTMLInputElement} input */
  async read(input) {
    const file = input.files?.[0];
    if (!file) return;
    if (file.size > LONGEST) this.answer(`${file.name} has ${file.size.toLocaleString("en")} bytes; expected a lesson`);
    // What was answered before is found by the digest of the file, which Python knows.
    else this.choose({ text: await file.text(), kept: "" });
    // So that a mended file of the same name is taken again.
    input.value = "";
  }

  /**
   * Hear whether a lesson has begun.
   * @param {string} refused why not; empty if it has
   */
  answer(refused) {
    this.refused.textContent = refused;
    if (!refused) this.host.querySelector("dialog")?.close();
  }
}

/** @param {string} kept */
function stepOf(kept) {
  try {
    return Number(JSON.parse(kept).step);
  } catch {
    return 1;
  }
}
