// What belongs to the stage but not to the inner stage at work: a press brings it beside the rest.

import { el } from "../common/elements.js";

/** @import { Offer } from "./scene.js" */

export class Pins {
  /** @param {(key: string) => void} choose */
  constructor(choose) {
    this.choose = choose;
    this.node = el("div", { className: "pins", role: "group", "aria-label": "more of this stage",
      "data-control": "pins" });
    this.drawn = "";
  }

  /** @param {Offer[]} offered */
  draw(offered) {
    const drawn = JSON.stringify(offered);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    this.node.hidden = !offered.length;
    this.node.replaceChildren("also here:", ...offered.map(({ key, title, pinned }) => {
      const button = el("button", { type: "button", title: pinned ? "take it away" : "show it beside the rest" });
      button.innerHTML = title;
      button.setAttribute("aria-pressed", String(pinned));
      button.addEventListener("click", () => this.choose(key));
      return button;
    }));
  }
}
