// All stages of the iteration in a row, the one at work opened into its inner steps: click or drag
// to go to one, arrow keys when it has the focus.

import { centre, el } from "../common/elements.js";
import { makeAim } from "./aim.js";

/** @typedef {"forward" | "loss" | "backward" | "update"} Phase */
/** @typedef {{ phase: Phase, layer: string, label: string }} Stage */
/** @typedef {{ stage: number, inner: number, inners: string[] }} At */

/** @param {(said: { stage: number } | { inner: number }) => void} send */
export function makeTimeline(send) {
  const track = el("div", { className: "track" });
  // Beside what it moves: a slider holds nothing that could be pressed.
  const slider = el("div", { className: "slider", role: "slider", tabIndex: 0, ariaLabel: "stage" });
  const steps = el("div", { className: "steps", role: "tablist", ariaLabel: "inner stage" });
  const node = el("div", { className: "timeline" }, slider, track);
  /** @type {HTMLElement[]} */
  let bars = [];
  /** @type {Stage[]} */
  let stages = [];
  /** @type {At} */
  let at = { stage: 0, inner: 0, inners: [] };
  const aim = makeAim((stage) => send({ stage }));

  /**
   * @param {Stage[]} newStages
   * @param {At} newAt
   */
  function draw(newStages, newAt) {
    if (newStages !== stages) build(newStages);
    at = newAt;
    bars.forEach((bar, k) => {
      bar.classList.toggle("now", k === at.stage);
      bar.classList.toggle("done", k < at.stage);
    });
    const stage = stages[at.stage], bar = bars[at.stage];
    slider.setAttribute("aria-valuenow", String(at.stage + 1));
    if (!stage || !bar) return;
    slider.setAttribute("aria-valuetext", `${stage.phase} ${stage.layer}`);
    drawSteps();
    if (steps.parentNode !== bar) bar.append(steps);
    bringToMiddle();
  }

  function bringToMiddle() {
    const step = steps.querySelector("[aria-selected=true]");
    if (step) centre(step, track);
  }

  /** @param {Stage[]} newStages */
  function build(newStages) {
    stages = newStages;
    bars = stages.map(({ phase, layer }) => el("div", { className: `bar ${phase}`, title: `${phase} ${layer}` }));
    const groups = /** @type {Phase[]} */ (["forward", "loss", "backward", "update"]);
    track.replaceChildren(...groups.filter((group) => stages.some(({ phase }) => phase === group)).map((group) => {
      const own = bars.filter((_, k) => stages[k].phase === group);
      return el("div", { className: `group ${group}`, style: `flex-grow: ${own.length}` },
        el("b", {}, group), el("div", { className: "bars" }, ...own));
    }));
    slider.setAttribute("aria-valuemin", "1");
    slider.setAttribute("aria-valuemax", String(bars.length));
  }

  function drawSteps() {
    if (steps.children.length !== at.inners.length) {
      steps.replaceChildren(...at.inners.map((_, k) => el("button", {
        type: "button", role: "tab", onclick: () => send({ inner: k }),
      })));
    }
    [...steps.children].forEach((button, k) => {
      button.textContent = at.inners[k];
      button.setAttribute("aria-selected", String(k === at.inner));
    });
  }

  /**
   * @param {PointerEvent} event
   * @param {boolean} [isNew]
   */
  function pick(event, isNew) {
    const k = bars.findIndex((bar) => {
      const box = bar.getBoundingClientRect();
      return event.clientX >= box.left && event.clientX < box.right + 3;
    });
    if (k >= 0) aim(k, isNew);
  }

  track.addEventListener("pointerdown", (event) => {
    if (event.composedPath().some((target) => target instanceof HTMLButtonElement)) return;
    track.setPointerCapture(event.pointerId);
    pick(event, true);
  });
  track.addEventListener("pointermove", (event) => {
    if (event.buttons && track.hasPointerCapture(event.pointerId)) pick(event);
  });
  slider.addEventListener("keydown", (event) => {
    const last = bars.length - 1;
    /** @type {Record<string, number>} */
    const places = { ArrowRight: at.stage + 1, ArrowUp: at.stage + 1, ArrowLeft: at.stage - 1,
      ArrowDown: at.stage - 1, Home: 0, End: last };
    const to = places[event.key];
    if (to === undefined) return;
    event.preventDefault();
    aim(Math.max(0, Math.min(last, to)), true);
  });
  return { node, draw, bringToMiddle };
}
