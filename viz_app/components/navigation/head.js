// What is happening now, in words and as an equation.

import { el, writeMarkup } from "../common/elements.js";

/** @import { Rendered, Seen } from "../common/panel.js" */

/**
 * What `head_of` of `head.py` gives; nothing until the run is computed.
 * @typedef {object} Content
 * @property {keyof typeof ARROW} phase
 * @property {string} layer
 * @property {string} text markup
 * @property {string} mathml
 * @property {string[]} [inners]
 * @property {number} inner
 * @property {boolean} [probe] whether it is a picture that the network is asked about
 */

const ARROW = { forward: "→ Forward", loss: "• Loss", backward: "← Backward", update: "↻ Update" };

/** @param {Rendered<{ content: Content }>} component */
export function render({ model, el: host }) {
  const heading = el("h2");
  const sentence = el("p", { className: "sentence" });
  const math = el("div", { className: "math" });
  const root = el("div", { className: "head" },
    el("div", { className: "line" }, heading, math), sentence);
  host.append(root);

  function draw() {
    const { phase, layer, text, mathml, inners, inner, probe } = model.content;
    // Nothing yet: the run is computed up to the moment that was asked for.
    root.hidden = !inners;
    if (!inners) return;
    root.dataset.phase = phase;
    const place = phase === "loss" ? "" : ` · ${layer}`;
    const step = inners.length > 1 ? `${inner + 1} of ${inners.length}: ` : "";
    const asked = probe ? [" · probe", el("span", { className: "mode" }, ", eval mode")] : [];
    heading.replaceChildren(el("i", {}, ARROW[phase]), `${place} · ${step}${inners[inner]}`, ...asked);
    writeMarkup(sentence, text);
    writeMarkup(math, mathml);
  }

  /** @param {CustomEvent<Partial<Seen>>} event */
  const take = ({ detail }) => { detail.head = root; };
  document.addEventListener("cs-taking", take);
  model.on("remove", () => document.removeEventListener("cs-taking", take));
  model.on("content", draw);
  draw();
}
