// Grain Cell: which cells of a result are computed, and what comes next. All of it happens here:
// Python hears of it when one stops, or when the last cell was played.

import { hear, say } from "../../common/together.js";
import { Flights } from "./flights.js";
import { orderOf } from "./order.js";
import { paceOf } from "./pace.js";
import { reveal } from "./reveal.js";
import { isStill } from "./still.js";

/** @import { Model } from "../../common/panel.js" */
/** @import { Board, Properties } from "../board.js" */
/** @import { CellsMessage, Panel, Progress } from "../scene.js" */
/** @import { TileView } from "../panels/tile.js" */
/** @import { Order } from "./order.js" */

const STOPPED = 300; // ms after which one has stopped
const MARKS = "mask"; // the array whose cells are marked in others

/** @type {CellsMessage} */
const NOTHING = { grain: "", at: [], count: null, result: "", name: "", operands: [], made: [], later: [], moment: -1 };

export class Cells {
  /**
   * @param {Board} board
   * @param {Model<Properties>} model
   * @param {HTMLElement} host
   */
  constructor(board, model, host) {
    this.board = board;
    this.model = model;
    this.host = host;
    this.said = NOTHING;
    /** @type {Order | null} */
    this.order = null;
    /** How many cells are computed, and how many of them have not arrived in the result yet. */
    this.count = 0;
    this.flying = 0;
    /** Whether it was moved, and Python has not answered yet. */
    this.isMoved = false;
    /** Whether Play goes on here: Pause stops it before Python hears of it. */
    this.playing = model.play.on;
    this.flights = new Flights(board);
    /**
     * Of the results of the step that was taken last.
     * @type {Animation[]}
     */
    this.appearing = [];
    /** The moment that was drawn last, and where it was. */
    this.moment = -1;
    /** @type {number[]} */
    this.at = [];
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.resting = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.ticking = undefined;
    hear(model, host, "press", (/** @type {string} */ press) => this.press(press));
    hear(model, host, "compute", (/** @type {number} */ count) => this.scrub(count));
    hear(model, host, "progress?", () => this.announce());
    model.on("play", () => {
      const played = this.playing;
      this.playing = model.play.on;
      this.play();
      if (played && !this.playing && this.isMoved) this.rest();
    });
    model.on("remove", () => {
      this.stop();
      clearTimeout(this.resting);
    });
  }

  /** The panel whose cells are computed. */
  get view() { return this.order ? this.board.panels.get(this.said.result) : undefined; }
  get total() { return this.order?.total ?? 0; }
  get isAtWork() { return this.said.grain === "Cell"; }
  /** Whether cells follow each other: nothing is told until one stops. */
  get isBusy() { return (this.isAtWork && this.playing) || this.resting !== undefined; }
  get isDone() { return this.count - this.flying >= this.total; }

  /** A new scene is about to be drawn. */
  arrive() {
    const { scene } = this.board, before = this.said;
    this.said = scene.cells ?? NOTHING;
    const panel = this.isAtWork ? scene.panels[this.said.result] : undefined;
    this.order = panel ? orderOf(panel, panel.tiles[0].shape) : null;
    if (this.said.moment !== before.moment) {
      this.stop();
      clearTimeout(this.resting);
      this.resting = undefined;
      this.flights.cancel();
      for (const animation of this.appearing) animation.cancel();
      this.flights.window = null;
      this.flying = 0;
      this.isMoved = false;
      this.count = this.said.count ?? Infinity;
    }
    this.count = Math.min(this.count, this.total);
  }

  /** The scene that has arrived is drawn. */
  drawn() {
    const { moment } = this.said;
    this.announce();
    if (moment === this.moment) return;
    const isOn = isBehind(this.at, this.said.at);
    this.moment = moment;
    this.at = this.said.at;
    if (isOn && this.said.grain === "Inside" && !isStill()) {
      this.appearing = reveal(this.board, this.said, this.flights.node);
    }
    this.play();
  }

  /**
   * Whether a cell is not computed yet.
   * @param {TileView} tile
   * @param {number} r
   * @param {number} c
   */
  covers(tile, r, c) {
    if (!this.isAtWork) return false;
    const { key } = tile.panel, first = this.view?.panel.tiles[0];
    if (this.said.later.includes(key)) return true;
    if (!this.order || this.isDone || !this.said.made.includes(key)) return false;
    // The same cells may stand there in small, too, and those of a run beside this one.
    const isResult = tile.tile === first || (first && this.view
      && isAlike(tile.panel, this.view.panel) && tile.tile.prefix.join() === first.prefix.join());
    return !isResult || this.order.rank(r, c) >= this.count - this.flying;
  }

  /** Whether it is known by now which cells are marked. */
  get marks() {
    const { later, made } = this.said;
    return !this.isAtWork || !(later.includes(MARKS) || (made.includes(MARKS) && !this.isDone));
  }

  /** The cell that was computed last, as long as it is not selected yet. */
  get lit() {
    const { view, order } = this;
    if (!this.isAtWork || !this.isMoved || !view || !order || !this.count) return undefined;
    const [r, c] = order.cell(this.count - 1);
    return { key: view.panel.key, coordinates: view.views[0].coordinates(r, c) };
  }

  /** Whether another cell is lit than the one that is selected, and so explained. */
  get isAhead() {
    const { lit } = this, { key, coordinates } = this.model.selected;
    return lit !== undefined && (lit.key !== key || JSON.stringify(lit.coordinates) !== JSON.stringify(coordinates));
  }

  /** Something is selected: that is lit from now on, unless more is computed by now. */
  settle() {
    if (!this.isBusy) this.isMoved = false;
    this.announce();
  }

  /**
   * Step, Back or Pause was pressed.
   * @param {string} press
   * @returns {boolean} whether Python need not hear of it
   */
  press(press) {
    if (press === "pause") {
      this.playing = false;
      this.stop();
      if (this.isMoved) this.rest();
      return false;
    }
    const to = this.count + ({ step: 1, back: -1 }[press] ?? NaN);
    if (!this.order || !(to >= 0 && to <= this.total)) return false;
    this.go(to, press === "step");
    // Play goes on from there.
    if (this.playing) this.play();
    return true;
  }

  /**
   * The bar was dragged.
   * @param {number} count
   */
  scrub(count) {
    const to = Math.max(0, Math.min(this.total, Math.round(count)));
    if (this.order && to !== this.count) this.go(to, false);
    if (this.playing) this.play();
    return true;
  }

  /**
   * @param {number} count
   * @param {boolean} isSeen whether one sees where the numbers come from
   * @param {number} [time] ms for it
   */
  go(count, isSeen, time) {
    const { view, order } = this, from = this.count;
    if (!view || !order) return;
    this.flights.cancel();
    this.isMoved = true;
    this.count = count;
    this.flying = 0;
    const { lit } = this;
    const { panels, scene: { apart } } = this.board;
    if (lit && !apart) for (const other of panels.values()) other.reveal(lit.coordinates);
    if (isSeen) {
      const cells = Array.from({ length: count - from }, (_, k) => order.cell(from + k));
      this.flying = this.flights.start(this.said, view.views[0], cells, time, () => {
        this.flying = 0;
        this.draw();
      }) ? cells.length : 0;
    }
    this.draw();
    // Another number may lie under the pointer now.
    this.board.leave();
    this.announce();
    if (!this.playing) this.rest();
  }

  draw() {
    for (const view of this.board.panels.values()) {
      if (this.said.made.includes(view.panel.key)) view.redraw();
    }
    if (!this.board.pointed) this.board.showSelection(false);
  }

  /** Tell the other components how far it is. */
  announce() {
    /** @type {Progress} */
    const progress = { done: this.count, total: this.total, next: this.next(), ahead: this.isAhead };
    say(this.host, "progress", progress);
  }

  /** What the next press computes, in a few words. */
  next() {
    const { view, order } = this;
    if (!view || !order || this.count >= this.total) return "";
    const [r, c] = order.cell(this.count), { tile } = view.views[0];
    const row = view.panel.row_total > 1 ? `row ${r + tile.row_start}` : "";
    const column = view.panel.column_total > 1 ? `column ${c + tile.column_start}` : "";
    return `cell ${[row, column].filter(Boolean).join(", ")} of ${this.said.name}`.replace("  ", " ");
  }

  /** Tell Python once one has stopped. */
  rest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => {
      this.resting = undefined;
      const { lit, view } = this, { moment } = this.said;
      if (!view || !this.order) return;
      const cell = lit && { ...lit, index: view.views[0].index(...this.order.cell(this.count - 1)) };
      // What is under the pointer stays there.
      this.board.hold(view);
      this.model.send_msg({ moment, cells: this.count, ...cell });
      // What was brought into sight for it.
      this.board.rest();
    }, STOPPED + (this.flying ? this.flights.time : 0));
  }

  /** Go on by itself, as far as Play is on. */
  play() {
    this.stop();
    if (!this.playing || !this.isAtWork) return;
    const { total } = this, from = this.count, begun = performance.now();
    const { unit, period } = paceOf(total, this.order?.line ?? 1, this.model.play);
    const tick = () => {
      // By the clock: what is drawn slowly makes nothing longer.
      const steps = Math.floor((performance.now() - begun) / period);
      // From the beginning of the next line, where whole lines follow.
      const to = Math.min(total, (Math.floor(from / unit) + steps) * unit);
      if (this.count < total) {
        if (to > this.count) this.go(to, true, Math.min(this.flights.time, 0.8 * period));
      } else if (begun + period * Math.max(1, Math.ceil((total - from) / unit) + 1) <= performance.now()) {
        // Python says what comes then, and that begins anew.
        this.model.send_msg({ moment: this.said.moment, onward: true });
        return;
      }
      this.ticking = setTimeout(tick, period / 2);
    };
    this.ticking = setTimeout(tick, period / 2);
  }

  stop() {
    clearTimeout(this.ticking);
  }
}

/**
 * Whether two panels have the same cells in the same places.
 * @param {Panel} one
 * @param {Panel} other
 */
function isAlike(one, other) {
  /** @param {Panel} panel */
  const layout = ({ key, rows, columns }) => JSON.stringify([key, rows, columns]);
  return one === other || layout(one) === layout(other);
}

/**
 * Whether a place lies before another one.
 * @param {number[]} place
 * @param {number[]} other
 */
function isBehind(place, other) {
  const k = place.findIndex((at, i) => at !== other[i]);
  return k >= 0 && place[k] < other[k];
}
