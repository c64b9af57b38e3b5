// The selected number in both runs, while two are compared.

import { el } from "../common/elements.js";
import { format, single } from "../common/format.js";

/** @import { Beside } from "./content.js" */

/**
 * @param {Beside | undefined} beside
 * @param {() => void} swap explains the other run
 */
export function besideLine(beside, swap) {
  if (!beside) return [];
  const { run, a, b, less } = beside;
  /** @param {string} name @param {number | null} value @param {string} none */
  const told = (name, value, none) => el("span", {}, `${name} `, el("b", {}, value === null ? none : format(single(value), 4)));
  const other = run === "a" ? "B" : "A";
  const line = el("p", { className: "runs" }, told("A", a, "–"), told("B", b, "none"),
    told("B − A", less, "none"));
  if (b !== null) {
    line.append(el("button", { type: "button", className: "link", onclick: swap,
      title: `This explains run ${run.toUpperCase()}` }, `explain ${other} instead`));
  }
  return [line];
}
