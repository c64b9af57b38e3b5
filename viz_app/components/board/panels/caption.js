// The words beside a panel's title: as many as there is room for. Half a word says nothing.

import { el, writeMarkup } from "../../common/elements.js";

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
    /** px that it has, those of a letter, and those that are left free behind it where it can do with fewer words. */
    this.room = Infinity;
    this.letter = this.spare = 0;
    /** Whether its words take all of its room. */
    this.isFull = false;
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
   * @param {number} spare px that are better left free behind it
   */
  fit(room, line, spare) {
    this.room = room - BESIDE;
    this.spare = spare;
    this.letter = OF_LINE * line;
    this.draw();
  }

  draw() {
    /** @param {number} room */
    const fitting = (room) => this.said.find(({ plain }) => plain.length * this.letter <= room);
    const spared = fitting(this.room - this.spare), html = (spared ?? fitting(this.room))?.html ?? "";
    this.isFull = Boolean(html && !spared?.html);
    writeMarkup(this.node, html);
  }
}
