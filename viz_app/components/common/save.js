// Files that somebody takes along.

import { el } from "./elements.js";

const KEPT = 60_000; // ms that the browser may take to begin

/**
 * @param {string} name of the file
 * @param {BlobPart} content
 */
export function save(name, content) {
  const href = URL.createObjectURL(new Blob([content]));
  el("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), KEPT);
}
