// How a gradient and its check by differences agree.

import { el } from "../common/elements.js";
import { format, single } from "../common/format.js";
import { apart } from "./decimals.js";
import { set } from "./terms.js";

/** @import { Check } from "./content.js" */

/** @param {Check} found */
const judgement = ({ zero, small, error }) => (zero ? "both are zero up to rounding"
  : `relative error ${format(error, 2)}${small ? " (to 1 % of the largest gradient)" : ""}`);

/**
 * What a check found, and in one line how the numeric value was obtained.
 * @param {Check} found
 */
export function checkResult(found) {
  // Where the loss has a kink, a difference need not be the gradient: neither is wrong.
  const kind = found.good ? "good" : found.kink ? "note" : "bad";
  const mark = { good: "✓ ", note: "", bad: "✗ " }[kind];
  const [below, above] = apart(found.below, found.above);
  return [
    el("p", { className: kind, role: "status" }, `${mark}analytic ` +
      `${format(single(found.analytic), 5)} · numeric ${format(found.numeric, 5)} · ` +
      `${judgement(found)}${found.note ? ` (${found.note})` : ""}`),
    el("p", { className: "how" }, set(found.moved), ` moved by ±${format(found.step, 3)}: loss ` +
      `${below} → ${above}, slope ${format(found.numeric, 5)}`),
  ];
}
