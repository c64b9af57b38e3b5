// Saves a file that Python has made.

import { el } from "../common/elements.js";

const KEPT = 60_000; // ms that the browser may take to begin

/** @import { Rendered } from "../common/panel.js" */

/** @param {Rendered<{}>} component */
export function render({ model }) {
  model.on("msg:custom", ({ name, content }) => {
    const href = URL.createObjectURL(new Blob([content]));
    el("a", { href, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(href), KEPT);
  });
}
