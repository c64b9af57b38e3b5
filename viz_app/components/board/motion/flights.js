// Numbers on their way from the cells that a result is made of into the result. What flies is a
// picture of the cell, so its number is the one that is printed there.

import { el } from "../../common/elements.js";
import { sourcesOf, windowOf, winnerOf } from "./sources.js";
import { isStill } from "./still.js";

/** @import { Board } from "../board.js" */
/** @import { CellsMessage, Pair } from "../scene.js" */
/** @import { TileView } from "../panels/tile.js" */
/** @import { Source } from "./sources.js" */

const SLIDE = 300, FLIGHT = 400; // ms: of a window, of a number
const MOST_GHOSTS = 40;
const RISE = 28; // px that the way of a number is bent upwards

/** @typedef {{ source: Source, from: DOMRect, to: DOMRect, isLost: boolean }} Ghost */

export class Flights {
  /** @param {Board} board */
  constructor(board) {
    this.board = board;
    this.node = el("div", { className: "motion", ariaHidden: "true" });
    board.frame.append(this.node);
    /** How long the present flight takes, in ms. */
    this.time = SLIDE + FLIGHT;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.landing = undefined;
    /**
     * The window that was looked at last.
     * @type {DOMRect | null}
     */
    this.window = null;
  }

  /** What is on its way has arrived. */
  cancel() {
    clearTimeout(this.landing);
    this.node.replaceChildren();
  }

  /**
   * @param {CellsMessage} said
   * @param {TileView} result
   * @param {Pair[]} cells of it that are computed together
   * @param {number | undefined} time ms that there are for it
   * @param {() => void} then called when all have arrived
   * @returns {boolean} whether anything flies
   */
  start(said, result, cells, time = SLIDE + FLIGHT, then) {
    if (isStill() || this.board.scene.apart) return false;
    const { board } = this, frame = this.node.getBoundingClientRect();
    const ghosts = thinned(cells.flatMap((cell) => this.ghostsOf(said, result, cell)));
    const window = windowOf(board, said, result.coordinates(...cells[cells.length - 1]));
    const before = this.window;
    this.window = window;
    const slides = window && before && (window.x !== before.x || window.y !== before.y);
    // What comes from the padding comes from nowhere.
    if (!ghosts.length && !slides) return false;
    const slide = slides ? Math.min(SLIDE, 0.4 * time) : 0;
    const flight = ghosts.length ? Math.min(FLIGHT, time - slide) : 0;
    this.time = slide + flight;
    this.node.style.setProperty("--phase", board.colour("--phase"));
    if (window) this.node.append(slid(before ?? window, window, frame, slide));
    const slots = new Set(ghosts.map(({ to }) => to));
    this.node.append(...[...slots].map((box) => placed(el("i", { className: "slot" }), box, frame)),
      ...ghosts.map((ghost) => flown(ghost, frame, slide, flight)));
    this.landing = setTimeout(() => {
      this.node.replaceChildren();
      then();
    }, this.time);
    return true;
  }

  /**
   * @param {CellsMessage} said
   * @param {TileView} result
   * @param {Pair} cell
   * @returns {Ghost[]}
   */
  ghostsOf(said, result, cell) {
    const to = result.boxOf(...cell), coordinates = result.coordinates(...cell);
    if (!to) return [];
    const wins = winnerOf(this.board, coordinates);
    return sourcesOf(this.board, said, coordinates).flatMap((source) => {
      const from = source.tile.boxOf(...source.cell);
      return from ? [{ source, from, to, isLost: wins !== null && !wins(source) }] : [];
    });
  }
}

/**
 * So many that they can be followed; winners stay.
 * @param {Ghost[]} ghosts
 */
function thinned(ghosts) {
  const every = ghosts.length / MOST_GHOSTS;
  if (every <= 1) return ghosts;
  return Array.from({ length: MOST_GHOSTS }, (_, k) => ghosts[Math.floor(k * every)]);
}

/**
 * @template {HTMLElement} Node
 * @param {Node} node
 * @param {DOMRect} box in px of the window
 * @param {DOMRect} frame
 */
function placed(node, box, frame) {
  node.style.cssText += `;left:${box.x - frame.x}px;top:${box.y - frame.y}px`
    + `;width:${box.width}px;height:${box.height}px`;
  return node;
}

/**
 * The window on its way to its next place.
 * @param {DOMRect} from
 * @param {DOMRect} to
 * @param {DOMRect} frame
 * @param {number} time
 */
function slid(from, to, frame, time) {
  const node = placed(el("i", { className: "window" }), to, frame);
  if (time) {
    node.animate([{ transform: `translate(${from.x - to.x}px, ${from.y - to.y}px)` }, { transform: "none" }],
      { duration: time, easing: "cubic-bezier(.3, .7, .2, 1)" });
  }
  return node;
}

/**
 * A number on its way, along an arc; what does not get there fades.
 * @param {Ghost} ghost
 * @param {DOMRect} frame
 * @param {number} delay
 * @param {number} duration
 */
function flown({ source, from, to, isLost }, frame, delay, duration) {
  const node = placed(source.tile.pictureOf(...source.cell), from, frame);
  node.className = isLost ? "ghost lost" : "ghost";
  const dx = to.x + to.width / 2 - from.x - from.width / 2, dy = to.y + to.height / 2 - from.y - from.height / 2;
  const size = Math.min(to.width / from.width, to.height / from.height);
  const way = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const rise = 4 * RISE * part * (1 - part);
    const opacity = isLost ? Math.max(0, 1 - 1.6 * part) : 1;
    const transform = `translate(${dx * part}px, ${dy * part - rise}px) scale(${1 + (size - 1) * part})`;
    return { transform, opacity };
  });
  node.animate(way, { delay, duration, easing: "ease-in-out", fill: "both" });
  return node;
}
