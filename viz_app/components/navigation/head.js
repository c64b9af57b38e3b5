// What is happening now, in words and as an equation, and the inner stages to choose from.

import { el } from "../common/elements.js";

/** @import { Rendered } from "../common/panel.js" */

/**
 * What `head_of` of `head.py` gives; nothing until the run is computed.
 * @typedef {object} Content
 * @property {keyof typeof ARROW} phase
 * @property {string} layer
 * @property {string} text markup
 * @property {string} mathml
 * @property {string[]} [inners]
 * @property {number} inner
 */

const ARROW = { forward: "→ Forward", loss: "• Loss", backward: "← Backward", update: "↻ Update" };

/** @param {Rendered<{ content: Content }>} component */
export function render({ model, el: host }) {
  const heading = el("h2");
  const sentence = el("p", { className: "sentence" });
  const math = el("div", { className: "math" });
  const pills = el("div", { className: "pills", role: "tablist", ariaLabel: "inner stage" });
  const root = el("div", { className: "head" },
    el("div", { className: "line" }, heading, pills),
    el("div", { className: "line said" }, sentence, math));
  host.append(root);
  /** @type {HTMLButtonElement[]} */
  let buttons = [];

  function draw() {
    const { phase, layer, text, mathml, inners, inner } = model.content;
    // Nothing yet: the run is computed up to the moment that was asked for.
    root.hidden = !inners;
    if (!inners) return;
    root.dataset.phase = phase;
    heading.replaceChildren(el("i", {}, ARROW[phase]), phase === "loss" ? "" : ` · ${layer}`);
    sentence.innerHTML = text;
    if (math.dataset.source !== mathml) { math.innerHTML = mathml; math.dataset.source = mathml; }
    if (buttons.length !== inners.length) {
      buttons = inners.map((_, k) => el("button", {
        type: "button", role: "tab", onclick: () => model.send_msg(k),
      }));
      pills.replaceChildren(...buttons);
    }
    buttons.forEach((button, k) => {
      button.textContent = inners[k];
      button.setAttribute("aria-selected", String(k === inner));
    });
  }

  model.on("content", draw);
  draw();
}
