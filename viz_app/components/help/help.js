// What keys do, and the switch for those that are a single one.

import { openDialog } from "../common/dialog.js";
import { el } from "../common/elements.js";
import { KEYS_OF_PLACES, SHORTCUTS } from "./shortcuts.js";

/** @param {[shown: string, does: string][]} keys */
const listOf = (keys) => el("dl", { className: "keys" },
  ...keys.map(([shown, does]) => el("div", {}, el("dt", {}, shown), el("dd", {}, does))));

/**
 * @param {HTMLElement} room where the dialog is put
 * @param {boolean} on whether single keys do something
 * @param {(on: boolean) => void} onSwitch
 */
export function showHelp(room, on, onSwitch) {
  const box = el("input", { type: "checkbox", checked: on, onchange: () => onSwitch(box.checked) });
  /** @param {boolean} always */
  const shortcuts = (always) => SHORTCUTS.filter((shortcut) => Boolean(shortcut.always) === always)
    .map(({ shown, does }) => /** @type {[string, string]} */ ([shown, does]));
  openDialog(room, "Keys", el("label", { className: "switch" }, box, "Single keys work anywhere on the page"),
    el("div", { className: "lists" },
      el("section", {}, el("h3", {}, "Anywhere"), listOf(shortcuts(false)),
        el("h3", {}, "Anywhere, always"), listOf(shortcuts(true))),
      ...KEYS_OF_PLACES.map(([place, keys]) => el("section", {}, el("h3", {}, place), listOf(keys)))));
}
