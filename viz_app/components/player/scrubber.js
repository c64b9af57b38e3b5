// The losses of the run on a logarithmic scale: click or drag to go to an iteration.

import { contextOf, el } from "../common/elements.js";
import { format } from "../common/format.js";
import { unpacked } from "../common/unpack.js";
import { Aim } from "./aim.js";

/** @import { Packed } from "../common/unpack.js" */

/** @typedef {ArrayLike<number>} Losses */

const FEWEST = 20; // iterations that the width stands for at least
const PAD = 6; // px
const LEAP = 10; // iterations that PageUp goes on

/** @param {(iteration: number) => void} goto */
export function makeScrubber(goto) {
  const canvas = el("canvas");
  // One loss makes no curve.
  const few = el("div", { className: "few" }, el("span", {}, "loss: its curve begins after this iteration"));
  const told = el("span", { className: "pointed" });
  const node = el("div", { className: "scrubber", role: "slider", tabIndex: 0, ariaLabel: "iteration" }, canvas, few, told);
  /** @type {number[]} */
  let losses = [];
  /** @type {number[]} of the run that is compared */
  let beside = [];
  let here = 1, last = FEWEST;
  // Of which iteration the loss is covered; 0 for none.
  let covered = 0;
  const aim = new Aim(goto);

  /** @param {number} iteration */
  const xOf = (iteration) => PAD + (iteration - 1) / (last - 1) * (node.clientWidth - 2 * PAD);

  /**
   * @param {Packed} past
   * @param {Packed} recent
   */
  function draw(past, recent) {
    const { losses: first, left, beside: second = [] } = unpacked(past);
    const { losses: rest, here: iteration, covered: hidden = 0, beside: more = [] } = unpacked(recent);
    covered = hidden;
    beside = [...second, ...more];
    losses = [...first, ...rest];
    const isAnswer = iteration !== here;
    here = iteration;
    if (isAnswer) aim.arrived();
    last = Math.max(FEWEST, losses.length, beside.length, ...left.map((/** @type {Losses} */ run) => run.length));
    node.setAttribute("aria-valuemin", "1");
    node.setAttribute("aria-valuemax", String(losses.length));
    node.setAttribute("aria-valuenow", String(here));
    node.setAttribute("aria-valuetext", words(here));
    few.hidden = last > FEWEST || losses.length > 1 || left.length > 0;
    paint([...left], losses);
  }

  /** @param {number} iteration */
  const words = (iteration) => {
    const of = beside.length ? " of A" : "", other = beside[iteration - 1];
    const second = other === undefined ? "" : `, of B ${format(other, 3)}`;
    return `iteration ${iteration}, loss${of} ${iteration === covered ? "?" : format(losses[iteration - 1], 3)}${second}`;
  };

  /**
   * @param {Losses[]} left
   * @param {number[]} run
   */
  function paint(left, run) {
    const width = node.clientWidth, height = node.clientHeight, scale = devicePixelRatio || 1;
    if (!width || !height) return;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const context = contextOf(canvas);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    let low = Infinity, high = 0;
    for (const one of [...left, beside, run]) {
      for (let k = 0; k < one.length; k++) {
        if (one[k] > 0 && Number.isFinite(one[k])) { low = Math.min(low, one[k]); high = Math.max(high, one[k]); }
      }
    }
    // Not of their quotient, which may be too large for a number.
    const range = Math.log(high) - Math.log(low) || 1;
    /** @param {number} loss zero and what is not finite lie at the edge */
    const yOf = (loss) => {
      const share = loss > 0 ? Math.min(1, (Math.log(loss) - Math.log(low)) / range) : 0;
      return height - PAD - (Number.isNaN(share) ? 1 : share) * (height - 2 * PAD);
    };
    const style = getComputedStyle(node);
    context.strokeStyle = style.color;
    context.globalAlpha = 0.6;
    context.setLineDash([3, 3]);
    for (const one of left) line(context, one, yOf);
    context.globalAlpha = 1;
    context.lineWidth = 1.5;
    // The other run has another colour and is dashed.
    context.setLineDash([6, 3]);
    context.strokeStyle = style.getPropertyValue("--cs-second");
    line(context, beside, yOf);
    context.setLineDash([]);
    context.strokeStyle = style.color;
    line(context, run, yOf);
    const x = xOf(here);
    context.fillStyle = style.getPropertyValue("--cs-ink");
    context.fillRect(x - 1, 0, 2, height);
    context.beginPath();
    context.arc(x, yOf(run[here - 1]), 5, 0, 2 * Math.PI);
    context.fill();
  }

  /**
   * A line through all of them; where several lie in one pixel, from their least to their most.
   * @param {CanvasRenderingContext2D} context
   * @param {Losses} run
   * @param {(loss: number) => number} yOf
   */
  function line(context, run, yOf) {
    context.beginPath();
    for (let k = 0; k < run.length; k++) context.lineTo(xOf(k + 1), yOf(run[k]));
    context.stroke();
  }

  /** @param {PointerEvent} event the iteration under it */
  function under(event) {
    const x = event.clientX - node.getBoundingClientRect().left - PAD;
    const share = x / (node.clientWidth - 2 * PAD);
    return Math.max(1, Math.min(losses.length, Math.round(1 + share * (last - 1))));
  }

  node.addEventListener("pointerdown", (event) => {
    node.setPointerCapture(event.pointerId);
    aim.at(under(event), true);
  });
  node.addEventListener("pointermove", (event) => {
    told.textContent = words(under(event));
    if (event.buttons && node.hasPointerCapture(event.pointerId)) aim.at(under(event));
  });
  node.addEventListener("pointerleave", () => { told.textContent = ""; });
  aim.follow(node, LEAP, () => ({ first: 1, here, last: losses.length }));
  return { node, draw };
}
