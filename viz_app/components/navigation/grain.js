// What a step moves by: buttons of which one is pressed, marked as such for screen readers.

import { el } from "../common/elements.js";

/** @import { Rendered } from "../common/panel.js" */

/** @param {Rendered<{ grains: string[], at: string }>} component */
export function render({ model, el: host }) {
  const root = el("div", { className: "grains", role: "group", ariaLabel: "Grain" });
  const buttons = model.grains.map((grain) => el("button", {
    type: "button", title: `Step by ${grain.toLowerCase()}`, onclick: () => model.send_msg(grain),
  }, grain));
  root.append(...buttons);
  host.append(root);

  function draw() {
    buttons.forEach((button, k) => {
      button.setAttribute("aria-pressed", String(model.grains[k] === model.at));
    });
  }

  model.on("at", draw);
  draw();
}
