// All stages of the iteration in a row: click or drag to go to one, arrow keys when it has focus.

import { centre, el } from "../common/elements.js";

/** @import { Rendered } from "../common/panel.js" */

/** @typedef {{ phase: keyof typeof SIGN, layer: string, label: string }} Stage */

const SIGN = { forward: "→", loss: "•", backward: "←", update: "↻" };

/** @param {Rendered<{ stages: Stage[], at: number }>} component */
export function render({ model, el: host }) {
  const root = el("div", { className: "track", role: "slider", tabIndex: 0, ariaLabel: "stage" });
  host.append(root);
  /** @type {{ node: HTMLElement, name: HTMLElement }[]} */
  let bars = [];
  let aimed = -1, asked = -1, waiting = false;

  function build() {
    bars = model.stages.map(({ phase, layer, label }) => {
      const name = el("span", {}, label);
      const title = `${phase} ${layer}`;
      return { name, node: el("div", { className: `bar ${phase}`, title }, name) };
    });
    root.replaceChildren(...bars.map(({ node }) => node));
    root.setAttribute("aria-valuemin", "1");
    root.setAttribute("aria-valuemax", String(bars.length));
    mark();
  }

  function mark() {
    bars.forEach(({ node, name }, k) => {
      const { phase, label } = model.stages[k];
      node.classList.toggle("now", k === model.at);
      node.classList.toggle("done", k < model.at);
      name.textContent = k === model.at ? `${SIGN[phase]} ${label}` : label;
    });
    root.setAttribute("aria-valuenow", String(model.at + 1));
    const stage = model.stages[model.at];
    if (stage) root.setAttribute("aria-valuetext", `${stage.phase} ${stage.layer}`);
    if (bars[model.at]) centre(bars[model.at].node);
  }

  /** @param {PointerEvent} event */
  function pick(event) {
    const k = bars.findIndex(({ node }) => {
      const box = node.getBoundingClientRect();
      return event.clientX >= box.left && event.clientX < box.right + 3;
    });
    if (k >= 0) { aimed = k; ask(); }
  }

  /** Ask for the stage under the pointer; while it is dragged, not more often than it can be drawn. */
  function ask() {
    if (waiting || aimed === asked) return;
    asked = aimed;
    model.send_msg(aimed);
    waiting = true;
    setTimeout(() => { waiting = false; ask(); }, 100);
  }

  root.addEventListener("pointerdown", (event) => {
    root.setPointerCapture(event.pointerId);
    asked = -1;
    pick(event);
  });
  root.addEventListener("pointermove", (event) => { if (event.buttons) pick(event); });
  root.addEventListener("keydown", (event) => {
    const last = bars.length - 1;
    /** @type {Record<string, number>} */
    const places = { ArrowRight: model.at + 1, ArrowUp: model.at + 1, ArrowLeft: model.at - 1,
      ArrowDown: model.at - 1, Home: 0, End: last };
    const to = places[event.key];
    if (to === undefined) return;
    event.preventDefault();
    asked = -1;
    aimed = Math.max(0, Math.min(last, to));
    ask();
  });
  model.on("stages", build);
  model.on("at", mark);
  // The first time there is no width yet.
  new ResizeObserver(mark).observe(host);
  build();
}
