// Controls of the page that a lesson points at: each component takes the names of those that are
// lit, and its style sheet (`lesson/spotlight.py`) knows its own by `data-control`.

import { hear, say } from "./together.js";

/** @import { Model } from "./panel.js" */

/**
 * Take on what is lit, now and whenever that changes.
 * @param {Model<object>} model
 * @param {HTMLElement} host
 */
export function takeSpotlight(model, host) {
  hear(model, host, "spotlight", (/** @type {string[]} */ names) => { host.dataset.lit = names.join(" "); });
  // The lesson may have been drawn before.
  say(host, "spotlight?");
}
