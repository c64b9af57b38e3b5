// The list of the lessons, and the choice of a file that holds one.

import { openDialog } from "../common/dialog.js";
import { el } from "../common/elements.js";
import { say } from "../common/together.js";
import { forgetDraft, keptDrafts } from "../compose/drafts.js";
import { keptOf } from "./kept.js";

/** @import { Kept } from "../compose/content.js" */

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
      el("ol", { className: "lessons" }, ...lessons.map((lesson) => {
        const item = this.item(lesson), name = item.querySelector("b")?.textContent;
        return el("li", {}, item, this.paper(lesson),
          this.button("Edit a copy", `Edit a copy of ${name}`, () => this.compose({ copy: lesson.name })));
      })),
      el("div", { className: "own" }, el("label", {}, "Your own, from a file: ", file),
        this.button("New lesson", "New lesson", () => this.compose({}))), this.refused,
      el("div", { className: "drafts" }, ...keptDrafts().map((draft) => this.draft(draft))),
      el("a", { href: this.address, target: "_blank" }, "For a teacher: read the answers of a class"));
  }

  /**
   * @param {string} text
   * @param {string} name
   * @param {() => void} onclick
   */
  button(text, name, onclick) {
    return el("button", { type: "button", className: "compose", ariaLabel: name, onclick }, text);
  }

  /**
   * Compose a new lesson, a copy of one, or go on with a draft.
   * @param {{ copy?: string, draft?: Kept }} what
   */
  compose(what) {
    say(this.host, "compose", what);
    this.host.querySelector("dialog")?.close();
  }

  /** @param {Kept} draft that the browser keeps */
  draft(draft) {
    const row = el("div", { className: "own" }, el("span", {}, `Your draft “${draft.title}”: `),
      this.button("Go on", `Go on with ${draft.title}`, () => this.compose({ draft })),
      this.button("Delete", `Delete ${draft.title}`, () => {
        forgetDraft(draft.key);
        row.remove();
      }));
    return row;
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
