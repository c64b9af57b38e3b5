// The hand-out of a lesson: asked for step by step, shown as it will be printed, and printed.

import { openDialog } from "../common/dialog.js";
import { choice, el } from "../common/elements.js";
import { printInstead } from "../sharing/printing.js";
import { sheetOf } from "./sheet.js";

/** @import { Sheet } from "./content.js" */

const PAPERS = ["A4", "Letter"];
const MARGIN = "14mm";
// Where letter paper is in use.
const LETTER = /-(US|CA|MX)$/;
const LONGEST_LINK = 200; // characters of a link that anybody would type

/** What Python is asked for. @typedef {{ name: string, step: number, number: number }} Asked */

export class Handout {
  /**
   * @param {HTMLElement} host of the component that has the style sheets of dialogs
   * @param {(asked: Asked) => void} ask
   */
  constructor(host, ask) {
    this.host = host;
    this.ask = ask;
    this.number = 0;
    this.name = "";
    this.paper = LETTER.test(navigator.language) ? PAPERS[1] : PAPERS[0];
    /** @type {Sheet[]} */
    this.steps = [];
    this.how = el("p", { role: "status" });
    this.button = el("button", { type: "button", onclick: () => window.print() }, "Print");
    this.preview = el("div", { className: "preview", tabIndex: 0, role: "region", ariaLabel: "The hand-out" });
  }

  /** @param {string} name of a lesson that comes along, or of the one that is on */
  open(name) {
    this.host.querySelector("dialog")?.close();
    this.name = name;
    this.number += 1;
    this.steps = [];
    this.button.disabled = true;
    this.how.textContent = "The steps are computed …";
    this.preview.replaceChildren();
    const papers = choice({ ariaLabel: "Paper" }, (paper) => { this.paper = paper; },
      ...PAPERS.map((paper) => el("option", { value: paper }, paper)));
    papers.value = this.paper;
    const dialog = openDialog(this.host, "Hand-out", el("div", { className: "own" }, el("label", {}, "Paper ", papers), this.button, this.how), this.preview);
    const number = this.number;
    dialog.addEventListener("close", () => {
      // What is still on its way is for nobody, unless another one was opened.
      if (number !== this.number) return;
      this.number += 1;
      printInstead(null);
    });
    this.next();
  }

  next() { this.ask({ name: this.name, step: this.steps.length + 1, number: this.number }); }

  /**
   * Take one step, and ask for the next.
   * @param {Sheet} step
   */
  take(step) {
    if (step.number !== this.number) return;
    this.steps.push(step);
    if (step.step < step.count) {
      this.how.textContent = `Step ${step.step} of ${step.count} …`;
      this.next();
      return;
    }
    const link = new URL(`?lesson=${this.name}`, location.href.split(/[?#]/)[0]).href;
    const sheet = sheetOf(this.steps, link.length > LONGEST_LINK || this.name === "own" ? "" : link);
    this.preview.replaceChildren(sheet);
    this.button.disabled = false;
    this.how.textContent = "The answer key is on a page of its own, at the end.";
    printInstead(() => el("div", {}, el("style", {}, `@page { size: ${this.paper} portrait; margin: ${MARGIN}; }`),
      sheet.cloneNode(true)));
  }
}
