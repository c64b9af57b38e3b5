// The way to the number that is explained: the numbers that were visited before and behind it.

import { el } from "../common/elements.js";
import { set } from "./terms.js";

/** @import { Chip, Trail } from "./content.js" */

/**
 * The trail, or nothing while it leads nowhere.
 * @param {Trail} trail
 * @param {(away: number) => void} go
 */
export function trailOf(trail, go) {
  const chips = trail.chips ?? [];
  if (chips.length < 2) return [];
  /**
   * @param {string} sign
   * @param {string} name
   * @param {number} away
   * @param {boolean} there
   */
  const arrow = (sign, name, away, there) => el("button", { type: "button", className: "arrow",
    ariaLabel: name, title: name, disabled: !there, onclick: () => go(away) }, sign);
  /** @param {Chip} chip */
  const one = ({ symbol, title, elsewhere, away }) => {
    const button = el("button", { type: "button", title,
      className: ["chip", away ? "" : "now", elsewhere ? "elsewhere" : ""].join(" ").trim(),
      onclick: () => { if (away) go(away); } }, set(symbol));
    if (!away) button.setAttribute("aria-current", "true");
    return button;
  };
  return [el("nav", { className: "trail", ariaLabel: "Numbers visited" },
    arrow("←", "Number before", -1, trail.back),
    el("div", { className: "chips" }, ...chips.flatMap((chip, k) => [...(k ? ["›"] : []), one(chip)])),
    arrow("→", "Number behind", 1, trail.forward))];
}
