// A page in a frame of another one: with `embed=1` in the address it shows one stage and its moves,
// and a link to the whole. That is a matter of the page: Python is not told.

import { el } from "../common/elements.js";

/** @import { Model } from "../common/panel.js" */

const WORD = "embed";

/** Whether the address asks for it. */
export const isEmbedded = () => new URLSearchParams(location.search).get(WORD) === "1";

/**
 * An address of a moment, for this page.
 * @param {string} address its query
 */
export const embedded = (address) => `${address}&${WORD}=1`;

/**
 * Say to the style sheets of all parts that they are in a frame.
 * @param {Element} root the dashboard
 */
export function markEmbedded(root) {
  root.toggleAttribute("data-embed", true);
  for (const part of root.shadowRoot?.children ?? []) if (part.shadowRoot) markEmbedded(part);
}

/**
 * The link to the moment in sight on a page of its own.
 * @param {Model<{ address: string }>} model
 */
export function makeOpening(model) {
  const link = el("a", { className: "full", target: "_blank", rel: "noopener" }, "Open in full ↗");
  const draw = () => { link.href = new URL(model.address + location.hash || ".", location.href).href; };
  // What the page carries is written into its address a moment later.
  link.addEventListener("pointerdown", draw);
  link.addEventListener("focus", draw);
  model.on("address", draw);
  draw();
  return link;
}
