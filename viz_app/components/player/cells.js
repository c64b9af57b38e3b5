// How far the result of the inner step at work is, below its name: drag to compute more or fewer of
// its cells. The board computes them; see `board/motion/cells.js`.

import { el } from "../common/elements.js";

/** @import { Progress } from "../board/scene.js" */

const FAR = 10; // cells

/** @param {(count: number) => void} compute */
export function makeCells(compute) {
  const done = el("i");
  const node = el("div", { className: "cells", role: "slider", tabIndex: 0, ariaLabel: "computed cells", hidden: true }, done);
  /** @type {Progress} */
  let progress = { done: 0, total: 0, next: "", ahead: false };

  /** @param {Progress} now */
  function draw(now) {
    progress = now;
    node.hidden = !now.total;
    done.style.width = `${100 * now.done / (now.total || 1)}%`;
    node.setAttribute("aria-valuemin", "0");
    node.setAttribute("aria-valuemax", String(now.total));
    node.setAttribute("aria-valuenow", String(now.done));
    node.setAttribute("aria-valuetext", `${now.done} of ${now.total} cells`);
  }

  /**
   * Stand below the name of the step at work.
   * @param {Element | null} tab
   * @param {Element} timeline
   */
  function place(tab, timeline) {
    const box = tab?.getBoundingClientRect(), frame = timeline.getBoundingClientRect();
    if (!box) return;
    node.style.left = `${box.left - frame.left}px`;
    node.style.width = `${box.width}px`;
  }

  /** @param {PointerEvent} event */
  function pick(event) {
    const box = node.getBoundingClientRect();
    compute(Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * progress.total);
  }
  node.addEventListener("pointerdown", (event) => {
    node.setPointerCapture(event.pointerId);
    pick(event);
  });
  node.addEventListener("pointermove", (event) => {
    if (event.buttons && node.hasPointerCapture(event.pointerId)) pick(event);
  });
  node.addEventListener("keydown", (event) => {
    const here = progress.done;
    /** @type {Record<string, number>} */
    const places = { ArrowRight: here + 1, ArrowUp: here + 1, ArrowLeft: here - 1, ArrowDown: here - 1,
      PageUp: here + FAR, PageDown: here - FAR, Home: 0, End: progress.total };
    const to = places[event.key];
    if (to === undefined) return;
    event.preventDefault();
    compute(to);
  });
  return { node, draw, place };
}
