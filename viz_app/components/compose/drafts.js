// Lessons that somebody composes, kept by browsers that keep anything.

/** @import { Kept } from "./content.js" */

const DRAFT = "convscope-draft ";
const MOST_DRAFTS = 20; // the oldest ones go

/**
 * All drafts, the newest first.
 * @returns {Kept[]}
 */
export function keptDrafts() {
  try {
    return Object.keys(localStorage).filter((name) => name.startsWith(DRAFT))
      .flatMap((name) => read(localStorage.getItem(name) ?? "")).sort((one, other) => other.at - one.at);
  } catch {
    return [];
  }
}

/**
 * @param {string} text
 * @returns {Kept[]}
 */
function read(text) {
  try {
    return [JSON.parse(text)];
  } catch {
    return [];
  }
}

/** @param {Kept} draft */
export function keepDraft(draft) {
  try {
    localStorage.setItem(DRAFT + draft.key, JSON.stringify(draft));
    for (const { key } of keptDrafts().slice(MOST_DRAFTS)) forgetDraft(key);
  } catch {
    // Then for this visit.
  }
}

/** @param {string} key */
export function forgetDraft(key) {
  try {
    localStorage.removeItem(DRAFT + key);
  } catch {
    // There is none.
  }
}
