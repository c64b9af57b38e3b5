// What stands beside the board, to be chosen.

import { el } from "../common/elements.js";
import { takeSpotlight } from "../common/spotlight.js";

/** @import { Rendered } from "../common/panel.js" */

// What a lesson calls them.
/** @type {Record<string, string>} */
const CONTROLS = { Explain: "explanation", "Gradient flow": "gradient-flow" };

/**
 * What `side.py` says of itself.
 * @typedef {object} Properties
 * @property {string[]} titles
 * @property {string} front
 * @property {Record<string, string>} warned
 */

/** @param {Rendered<Properties>} component */
export function render({ model, el: host }) {
  const root = el("div", { className: "sides", role: "group", ariaLabel: "beside the board" });
  host.append(root);
  /** @type {HTMLButtonElement[]} */
  let buttons = [];

  function build() {
    buttons = model.titles.map((title) => el("button", {
      type: "button", ariaLabel: title, "data-control": CONTROLS[title] ?? "", onclick: () => model.send_msg(title),
    }, title));
    root.classList.toggle("many", buttons.length > 4);
    root.classList.toggle("most", buttons.length > 5);
    root.replaceChildren(...buttons);
    draw();
  }

  function draw() {
    buttons.forEach((button, k) => {
      const title = model.titles[k], warning = model.warned[title] ?? "";
      button.setAttribute("aria-pressed", String(title === model.front));
      button.classList.toggle("warned", Boolean(warning));
      button.title = warning;
    });
  }

  model.on("titles", build);
  model.on("front", draw);
  model.on("warned", draw);
  build();
  takeSpotlight(model, host);
}
