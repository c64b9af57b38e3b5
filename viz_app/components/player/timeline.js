// All stages of the iteration in a row, the one at work opened into its inner steps: click or drag
// to go to one, arrow keys when it has the focus.

import { centre, el, write } from "../common/elements.js";
import { Aim } from "./aim.js";
import { makeCells } from "./cells.js";

/** @typedef {"forward" | "loss" | "backward" | "update"} Phase */
/** @typedef {{ phase: Phase, layer: string }} Stage */
/** @typedef {{ stage: number, inner: number, inners: string[] }} At */

const TREMOR = 4; // px that a press may move without being a drag
const PAGE = 5; // stages

/**
 * @param {(said: { stage: number } | { inner: number }) => void} send
 * @param {(count: number) => void} compute
 */
export function makeTimeline(send, compute) {
  const track = el("div", { className: "track" });
  // Beside what it moves: a slider holds nothing that could be pressed.
  const slider = el("div", { className: "slider", role: "slider", tabIndex: 0, ariaLabel: "stage" });
  const steps = el("div", { className: "steps", role: "tablist", ariaLabel: "inner stage" });
  const cells = makeCells(compute);
  const node = el("div", { className: "timeline" }, slider, track, cells.node);
  /** @type {HTMLElement[]} */
  let bars = [];
  /** @type {Stage[]} */
  let stages = [];
  /** @type {At} */
  let at = { stage: 0, inner: 0, inners: [] };
  const aim = new Aim((stage) => send({ stage }));
  /** Where the bars were when one was pressed: the one at work opens, and moves the others. */
  let boxes = /** @type {DOMRect[]} */ ([]);
  let from = 0;
  /** Whether a finger or the mouse holds it: what is pointed at stays there. */
  let held = false;

  /**
   * @param {Stage[]} newStages
   * @param {At} newAt
   */
  function draw(newStages, newAt) {
    if (newStages !== stages) build(newStages);
    const isAnswer = newAt !== at;
    at = newAt;
    if (isAnswer) aim.arrived();
    bars.forEach((bar, k) => {
      bar.classList.toggle("now", k === at.stage);
      bar.classList.toggle("done", k < at.stage);
    });
    const stage = stages[at.stage], bar = bars[at.stage];
    slider.setAttribute("aria-valuenow", String(at.stage + 1));
    if (!stage || !bar) return;
    slider.setAttribute("aria-valuetext", `${stage.phase} ${stage.layer}, stage ${at.stage + 1} of ${bars.length}`);
    drawSteps();
    if (steps.parentNode !== bar) bar.append(steps);
    bringToMiddle();
  }

  function bringToMiddle() {
    if (held) return;
    const step = steps.querySelector("[aria-selected=true]");
    if (step) centre(step, steps);
    if (bars[at.stage]) centre(bars[at.stage], track);
    cells.place(step, node);
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
    const hadFocus = steps.matches(":focus-within");
    if (steps.children.length !== at.inners.length) {
      steps.replaceChildren(...at.inners.map((_, k) => el("button", {
        type: "button", role: "tab", onclick: () => send({ inner: k }),
      })));
    }
    [...steps.children].forEach((button, k) => {
      write(button, at.inners[k]);
      button.setAttribute("aria-selected", String(k === at.inner));
      button.setAttribute("tabindex", k === at.inner ? "0" : "-1");
      if (hadFocus && k === at.inner && button instanceof HTMLElement) button.focus();
    });
  }

  /**
   * @param {PointerEvent} event
   * @param {boolean} [isNew]
   */
  function pick(event, isNew) {
    const k = boxes.findIndex((box) => event.clientX >= box.left && event.clientX < box.right + 3);
    if (k >= 0) aim.at(k, isNew);
  }

  track.addEventListener("pointerdown", (event) => {
    if (event.composedPath().some((target) => target instanceof HTMLButtonElement)) return;
    track.setPointerCapture(event.pointerId);
    held = true;
    boxes = bars.map((bar) => bar.getBoundingClientRect());
    from = event.clientX;
    pick(event, true);
  });
  track.addEventListener("pointermove", (event) => {
    const isDrag = event.buttons && track.hasPointerCapture(event.pointerId);
    if (isDrag && Math.abs(event.clientX - from) > TREMOR) pick(event);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    track.addEventListener(end, () => { held = false; bringToMiddle(); });
  }
  aim.follow(slider, PAGE, () => ({ first: 0, here: at.stage, last: bars.length - 1 }));
  steps.addEventListener("keydown", (event) => {
    const last = at.inners.length - 1;
    const to = { ArrowRight: at.inner + 1, ArrowLeft: at.inner - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (to >= 0 && to <= last) send({ inner: to });
  });
  return { node, draw, bringToMiddle, drawCells: cells.draw };
}
