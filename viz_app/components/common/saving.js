// Files for a person to keep.

import { el } from "./elements.js";

const KEPT = 60_000; // ms that the browser may take to begin

/**
 * Hand a file to the browser, which saves it as it saves every download.
 * @param {string} name
 * @param {Blob} content
 */
export function save(name, content) {
  const href = URL.createObjectURL(content);
  el("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), KEPT);
}
