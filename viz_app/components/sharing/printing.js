// Prints what is seen: one page, light, without controls, with the link as text.

import { el } from "../common/elements.js";
import { drawingOf, gathered } from "./picture.js";

const SHEET = `
@page { size: A4 landscape; margin: 12mm; }
@media screen { .cs-print { display: none; } }
@media print {
  :root { color-scheme: light !important; }
  html, body { background: none !important; height: auto !important; }
  body > :not(.cs-print) { display: none !important; }
  .cs-print svg { display: block; width: 100%; height: auto; max-height: 184mm; }
}`;

/**
 * From now on, whoever prints the page gets that one page.
 * @param {() => string} link of the moment in sight
 * @returns {() => void} ends it
 */
export function printWhatIsSeen(link) {
  /** @type {HTMLElement | null} */
  let sheet = null;
  const lay = () => {
    const seen = sheet ? null : gathered();
    if (!seen) return;
    sheet = el("div", { className: "cs-print" }, el("style", {}, SHEET), drawingOf(seen, link(), true));
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
