// The words beside a panel's title: as many as there is room for. Half a word says nothing.

import { el } from "../../common/elements.js";

/** @import { Note } from "../scene.js" */

// Of the height of a line, about, the width of a letter; px beside the title.
const OF_LINE = 0.37, BESIDE = 8;

export class Caption {
  constructor() {
    this.node = el("span", { className: "caption" });
    /**
     * The same said in fewer and fewer words.
     * @type {Note[]}
     */
    this.said = [];
    /** px that it has, and those of a letter. */
    this.room = Infinity;
    this.letter = 0;
    this.html = "";
  }

  /**
   * @param {Note[]} notes of the panel, the longest first
   * @param {string[]} parts what is in sight of it, if that is not all
   * @param {boolean} isBare whether there is room for nothing else
   */
  say(notes, parts, isBare) {
    // What is in sight matters more than the note where there is room for one of them only.
    const words = [parts.join(", "), parts.map((part) => part.replace(/ of .*/, "")).join(", ")];
    this.said = parts.length || isBare ? words.map((plain) => ({ html: plain, plain })) : notes;
    this.node.title = [...notes.slice(0, 1).map(({ plain }) => plain), ...parts].filter(Boolean).join(", ");
    this.draw();
  }

  get isEmpty() { return !this.said.at(-1)?.plain; }

  /**
   * px that it takes at the least.
   * @param {number} line px of the height of a line
   */
  least(line) { return BESIDE + OF_LINE * line * (this.said.at(-1)?.plain.length ?? 0); }

  /**
   * @param {number} room px that it has now, with the space beside it
   * @param {number} line px of the height of a line
   */
  fit(room, line) {
    this.room = room - BESIDE;
    this.letter = OF_LINE * line;
    this.draw();
  }

  draw() {
    const html = this.said.find(({ plain }) => plain.length * this.letter <= this.room)?.html ?? "";
    if (html !== this.html) this.node.innerHTML = html;
    this.html = html;
  }
}
