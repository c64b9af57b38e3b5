// What can be done with a matrix as a whole: a small menu at its title.

import { copied } from "../common/clipboard.js";
import { el } from "../common/elements.js";
import { save } from "../common/saving.js";
import { sheetOf, textOf } from "./sheet.js";
import { showTable } from "./table.js";

/** @import { Panel } from "../board/scene.js" */

const SAID = 2000; // ms for which "Copied" stands there
const ROUND = 8; // px between the menu and the edge of the window

const statusOf = () => el("span", { className: "told", role: "status" });

export class MatrixMenu {
  /**
   * @param {() => Panel} panel the matrix as it is now
   * @param {HTMLElement} room where a table is put
   * @param {(name: string) => void} saved hears which file was saved
   */
  constructor(panel, room, saved) {
    this.panel = panel;
    this.room = room;
    const told = statusOf();
    this.button = el("button", { type: "button", ariaHasPopup: "menu", ariaExpanded: "false",
      onclick: () => this.list.togglePopover() }, "⋯");
    // In the top layer: the board, which scrolls, would cut it off.
    this.list = el("div", { className: "actions", role: "menu", popover: "auto" }, ...this.actions("menuitem", told, saved));
    this.list.addEventListener("keydown", (event) => this.press(event));
    this.list.addEventListener("toggle", (event) => this.toggled(/** @type {ToggleEvent} */ (event).newState));
    this.node = el("div", { className: "menu" }, this.button, told, this.list);
  }

  /** @param {string} name of the matrix */
  describe(name) {
    this.button.ariaLabel = this.list.ariaLabel = `numbers of ${name}`;
    this.button.title = `Table, copy, save: ${name}`;
  }

  /**
   * @param {"menuitem" | "button"} role
   * @param {HTMLElement} told where is said whether it was copied
   * @param {(name: string) => void} saved hears which file was saved
   */
  actions(role, told, saved) {
    const sheet = () => sheetOf(this.panel());
    /**
     * @param {string} name
     * @param {() => void} act
     */
    const action = (name, act) => el("button", { type: "button", role, tabIndex: role === "button" ? 0 : -1,
      onclick: () => {
        if (role === "menuitem") this.close();
        act();
      } }, name);
    const table = action("Show as table", () => {
      const inTable = statusOf();
      const dialog = showTable(this.room, sheet(), ...this.actions("button", inTable, (name) => {
        // What is said of a file stands on the page, which the table covers.
        dialog.close();
        saved(name);
      }), inTable);
    });
    return [
      ...(role === "menuitem" ? [table] : []),
      action("Copy as text", () => this.copy(textOf(sheet(), "\t"), told)),
      action("Copy as CSV", () => this.copy(textOf(sheet(), ","), told)),
      action("Save as CSV", () => {
        const name = `${this.panel().plain.replace(/\W+/g, "_")}.csv`;
        save(name, new Blob([textOf(sheet(), ",")]));
        saved(name);
      }),
    ];
  }

  /**
   * @param {string} text
   * @param {HTMLElement} told
   */
  async copy(text, told) {
    const isThere = await copied(text, this.room);
    this.say(isThere ? "Copied" : "Could not be copied: save it instead", told);
  }

  /**
   * @param {string} said
   * @param {HTMLElement} told
   */
  say(said, told) {
    told.textContent = said;
    setTimeout(() => { told.textContent = ""; }, SAID);
  }

  /** @param {string} state */
  toggled(state) {
    const isOpen = state === "open";
    this.button.ariaExpanded = String(isOpen);
    if (!isOpen) return;
    const box = this.button.getBoundingClientRect(), { style, offsetWidth, offsetHeight } = this.list;
    style.left = `${Math.max(ROUND, Math.min(box.left, window.innerWidth - offsetWidth - ROUND))}px`;
    style.top = `${Math.max(ROUND, Math.min(box.bottom, window.innerHeight - offsetHeight - ROUND))}px`;
    this.items[0].focus();
  }

  get items() { return /** @type {HTMLElement[]} */ ([...this.list.children]); }

  close() {
    this.list.hidePopover();
    this.button.focus();
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const all = this.items, at = all.findIndex((item) => item.matches(":focus"));
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowDown: () => all[(at + 1) % all.length].focus(),
      ArrowUp: () => all[(at - 1 + all.length) % all.length].focus(),
      Home: () => all[0].focus(), End: () => all[all.length - 1].focus(),
      Escape: () => this.close(), Tab: () => this.close(),
    };
    if (!(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  }
}
