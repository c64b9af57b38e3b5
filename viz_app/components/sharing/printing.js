// Prints what is seen: one page, light, without controls, with the link as text. Or, while somebody
// has a sheet of its own open, that one.

import { el } from "../common/elements.js";
import { drawingOf, gathered } from "./picture.js";

// Nothing else is on paper.
const ALONE = `
@media screen { .cs-print { display: none; } }
@media print {
  :root { color-scheme: light !important; }
  html, body { background: none !important; height: auto !important; }
  body > :not(.cs-print) { display: none !important; }
}`;
const PICTURE = `
@page { size: A4 landscape; margin: 12mm; }
@media print { .cs-print svg { display: block; width: 100%; height: auto; max-height: 184mm; } }`;

/**
 * Makes what is printed in place of what is seen; null for nothing.
 * @type {(() => HTMLElement) | null}
 */
let insteadOfSeen = null;

/**
 * From now on, whoever prints the page gets another sheet, which says what paper it is for.
 * @param {(() => HTMLElement) | null} make null ends it
 */
export function printInstead(make) { insteadOfSeen = make; }

/**
 * What is seen, on one page.
 * @param {string} link
 */
function picture(link) {
  const seen = gathered();
  return seen ? [el("style", {}, PICTURE), drawingOf(seen, link, true)] : [];
}

/**
 * From now on, whoever prints the page gets that one page.
 * @param {() => string} link of the moment in sight
 * @returns {() => void} ends it
 */
export function printWhatIsSeen(link) {
  /** @type {HTMLElement | null} */
  let sheet = null;
  const lay = () => {
    if (sheet) return;
    const content = insteadOfSeen ? [insteadOfSeen()] : picture(link());
    if (!content.length) return;
    sheet = el("div", { className: "cs-print" }, el("style", {}, ALONE), ...content);
    document.body.append(sheet);
  };
  const clear = () => {
    sheet?.remove();
    sheet = null;
  };
  // Not every way of printing tells both.
  const media = window.matchMedia("print"), changed = () => (media.matches ? lay() : clear());
  window.addEventListener("beforeprint", lay);
  window.addEventListener("afterprint", clear);
  media.addEventListener("change", changed);
  return () => {
    clear();
    window.removeEventListener("beforeprint", lay);
    window.removeEventListener("afterprint", clear);
    media.removeEventListener("change", changed);
  };
}
