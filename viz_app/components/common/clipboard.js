// Text for other programs.

import { el } from "./elements.js";

/**
 * Put text into the clipboard.
 * @param {string} text
 * @param {HTMLElement} room an element of the page in which nothing is in the way
 * @returns {Promise<boolean>} whether it is there
 */
export async function copied(text, room) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Not permitted, as on a page that came without TLS: as people do it by hand.
    const field = el("textarea", { value: text, readOnly: true, style: "position: fixed; opacity: 0" });
    const before = /** @type {ShadowRoot | Document} */ (room.getRootNode()).activeElement;
    (before?.closest("dialog") ?? room).append(field);
    field.select();
    const isThere = document.execCommand("copy");
    field.remove();
    if (before instanceof HTMLElement) before.focus();
    return isThere;
  }
}
