// What somebody has done in a lesson, kept by browsers that keep anything. Who has put the page
// together may keep it elsewhere: it answers "cs-kept", and takes "cs-keep" upon itself.

/** @import { Kept } from "./content.js" */

const PREFIX = "convscope-lesson ";

/**
 * @param {string} key of the lesson
 * @returns {string} empty if there is nothing
 */
export function keptOf(key) {
  const asked = { key, text: /** @type {string | null} */ (null) };
  document.dispatchEvent(new CustomEvent("cs-kept", { detail: asked }));
  if (asked.text !== null) return asked.text;
  try {
    return localStorage.getItem(PREFIX + key) ?? "";
  } catch {
    return "";
  }
}

/** @param {Kept} kept */
export function keepProgress(kept) {
  if (!document.dispatchEvent(new CustomEvent("cs-keep", { detail: kept, cancelable: true }))) return;
  try {
    localStorage.setItem(PREFIX + kept.key, kept.text);
  } catch {
    // Then for this visit.
  }
}
