// A sheet beside the board that can be folded to its first lines.

import { el } from "../common/elements.js";

/**
 * The button that folds a sheet; its style sheet (`lesson.css`) shows it where there is one.
 * @param {string} name of what is unfolded
 * @param {() => HTMLElement} sheet
 */
export function makeFold(name, sheet) {
  const fold = el("button", { type: "button", className: "fold", ariaLabel: name,
    onclick: () => unfold(sheet().classList.contains("folded")) }, "▾");
  /** @param {boolean} isOpen */
  function unfold(isOpen) {
    sheet().classList.toggle("folded", !isOpen);
    fold.setAttribute("aria-expanded", String(isOpen));
  }
  fold.setAttribute("aria-expanded", "true");
  return { fold, unfold };
}
