// What stands beside the board, to be chosen.

import { el } from "../common/elements.js";

/** @import { Rendered } from "../common/panel.js" */

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
  const buttons = model.titles.map((title) => el("button", {
    type: "button", ariaLabel: title, onclick: () => model.send_msg(title),
  }, title));
  root.append(...buttons);

  function draw() {
    buttons.forEach((button, k) => {
      const title = model.titles[k], warning = model.warned[title] ?? "";
      button.setAttribute("aria-pressed", String(title === model.front));
      button.classList.toggle("warned", Boolean(warning));
      button.title = warning;
    });
  }

  model.on("front", draw);
  model.on("warned", draw);
  draw();
}
