// Images that go into the network, as pictures: each cell is a pixel in its own colour.

import { el } from "../../common/elements.js";
import { format, single } from "../../common/format.js";

/** @import { Colour } from "../../common/colours.js" */
/** @import { Numbers, Panel } from "../scene.js" */

const PARTS = 3; // of a colour: red, green, blue

/**
 * The colour of a pixel.
 * @param {Numbers} colours
 * @param {number} pixel its number
 * @returns {Colour}
 */
export function pixelOf(colours, pixel) {
  /** @param {number} part */
  const level = (part) => Math.round(255 * colours[PARTS * pixel + part]);
  return [level(0), level(1), level(2)];
}

/**
 * The parts of a coloured pixel in words; nothing of a grey one, whose number is told anyway.
 * @param {Numbers} colours
 * @param {number} pixel
 */
export function partsOf(colours, pixel) {
  const parts = [...colours.subarray(PARTS * pixel, PARTS * (pixel + 1))];
  if (new Set(parts).size < 2) return "";
  return ["red", "green", "blue"].map((name, k) => `${name} ${format(single(parts[k]), 3)}`).join(", ");
}

/** What shows the numbers of an image as a picture, and the other way round. */
export class PictureSwitch {
  /** @param {(picture: boolean) => void} choose */
  constructor(choose) {
    this.isOn = false;
    this.node = el("button", { type: "button", className: "as-picture",
      onclick: () => choose(!this.isOn) }, "picture");
  }

  /** @param {Panel} panel */
  draw({ picture }) {
    this.isOn = Boolean(picture);
    this.node.hidden = picture === null;
    this.node.setAttribute("aria-pressed", String(this.isOn));
    this.node.title = this.isOn ? "show the numbers" : "show it as it looks, in grey or in its own colours";
  }

  /** Letters of it, where it stands beside a title. */
  get letters() { return this.node.hidden ? 0 : "picture".length + 3; }
}
