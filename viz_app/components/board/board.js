// Matrices and images of one stage; see `linking.js` for what is selected with what.

import { colourScale } from "../common/colours.js";
import { contextOf, el, hostOf } from "../common/elements.js";
import { format, single } from "../common/format.js";
import { takeSpotlight } from "../common/spotlight.js";
import { unpacked } from "../common/unpack.js";
import { Filling } from "./sizes/filling.js";
import { Compared } from "./compared.js";
import { COVERED_WORDS, hides } from "./covered.js";
import { tester } from "./linking.js";
import { NumberField } from "./editing/field.js";
import { Cells } from "./motion/cells.js";
import { PanelView } from "./panels/panel.js";
import { partsOf } from "./panels/picture.js";
import { Pins } from "./pins.js";
import { Spotlight } from "./spotlight.js";
import { bringIntoSight } from "./sight.js";
import { keepingFocus } from "../matrix/keyboard.js";
import { nameOf, sheetOf, textOf } from "../matrix/sheet.js";

/** @import { Model, Rendered, Seen } from "../common/panel.js" */
/** @import { Packed } from "../common/unpack.js" */
/** @import { Axis, Coordinates, Item, Pair, Panel, Scene } from "./scene.js" */
/** @import { Edited } from "./editing/field.js" */
/** @import { Pointed, Spot, TileView } from "./panels/tile.js" */
/** @import { Says } from "./spotlight.js" */

/**
 * What `board.py` says of itself.
 * @typedef {object} Properties
 * @property {Packed} scene
 * @property {{ key?: string, index?: number[], coordinates?: Coordinates }} selected
 * @property {Says} spotlight
 * @property {{ arrival: number, first: Record<string, number> }} scrolled
 * @property {{ on: boolean, cell: number, most: number }} play
 * @property {Partial<Edited>} editing
 * @property {Record<string, string[]>} palettes
 * @property {Record<string, string[]>} printed
 * @property {Record<string, string>} axes
 */

const REST = 250; // ms after which a scroll is at rest

export class Board {
  /**
   * @param {Model<Properties>} model
   * @param {HTMLElement} host
   */
  constructor(model, host) {
    this.model = model;
    this.zoom = Math.max(1, Math.min(2, Math.round(window.devicePixelRatio || 1)));
    /** While it is taken along: what is drawn on in place of a canvas, and whether for paper. */
    this.contextOf = contextOf;
    this.printed = false;
    this.node = el("div", { className: "panels" });
    this.tip = el("div", { className: "tip", hidden: true });
    this.pins = new Pins((key) => model.send_msg({ pin: key }));
    /** What is compared, and which of it is in sight. */
    this.compared = new Compared(this);
    this.frame = el("div", { className: "frame" }, this.compared.node, this.node, this.pins.node, this.tip);
    host.append(this.frame);
    /** @type {Scene} */
    this.scene = { panels: {}, layout: [] };
    /** @type {Map<string, PanelView>} */
    this.panels = new Map();
    /** @type {Record<string, number>} */
    this.scrolls = {};
    /** @type {Record<string, number>} */
    this.asked = {};
    /**
     * Axes of the panel in which a cell was chosen: it stays under the pointer.
     * @type {Record<string, number>}
     */
    this.held = {};
    /** Which selection was brought into sight last. */
    this.revealed = "";
    this.arrival = -1;
    /** @type {number | undefined} */
    this.moving = undefined;
    /**
     * Where the board itself is to be scrolled to, once it has a size.
     * @type {[number, number] | null}
     */
    this.aimed = null;
    /** @type {{ view: TileView, event: Spot } | null} */
    this.pointed = null;
    /**
     * The cell for which all is lit; null if something else is lit.
     * @type {{ view: TileView, cell: string } | null}
     */
    this.hovered = null;
    /** @type {string | null} */
    this.layoutKey = null;
    // The part of the page that the board may fill.
    this.room = hostOf(hostOf(host));
    this.style = getComputedStyle(this.node);
    /** @type {Map<string, string>} */
    this.colours = new Map();
    /** How large the panels are. */
    this.filling = new Filling(this);
    /** What a lesson points at. */
    this.spotlight = new Spotlight(this, model);
    /** Which cells are computed. */
    this.cells = new Cells(this, model, host);
    this.build();
    this.arrive();
    model.on("scene", () => this.build());
    /** Where a number is changed. Behind what draws the scene: it stands beside a cell of it. */
    this.field = new NumberField(this, model);
    model.on("palettes", () => this.build());
    model.on("selected", () => {
      this.cells.settle();
      this.showSelection(true, this.held);
      this.held = {};
      this.rest();
    });
    model.on("scrolled", () => this.arrive());
    /** @param {CustomEvent<Partial<Seen>>} event */
    const take = ({ detail }) => { detail.board = this; };
    document.addEventListener("cs-taking", take);
    const scrolled = () => this.rest();
    this.room.addEventListener("scroll", scrolled);
    model.on("remove", () => {
      clearTimeout(this.moving);
      this.room.removeEventListener("scroll", scrolled);
      document.removeEventListener("cs-taking", take);
    });
    new ResizeObserver(() => {
      if (!this.filling.isDone) {
        this.filling.fill();
        this.showSelection(false);
      }
      this.aim();
      this.spotlight.arrive();
      this.rest();
    }).observe(this.room);
  }

  /** Whether panels stand below each other and the page scrolls. */
  get stacked() { return getComputedStyle(this.room).overflowY === "visible"; }

  /** @type {Seen["board"]["drawn"]} */
  drawn(how, then) {
    const { contextOf: usual, zoom, printed } = this;
    const page = document.documentElement.classList, dark = page.contains("cs-dark");
    if (how.printed) page.remove("cs-dark");
    Object.assign(this, how);
    this.redraw();
    try {
      return then();
    } finally {
      page.toggle("cs-dark", dark);
      Object.assign(this, { contextOf: usual, zoom, printed });
      this.redraw();
    }
  }

  redraw() {
    this.colours.clear();
    for (const view of this.panels.values()) view.redraw();
    this.showSelection(false);
  }

  /** The numbers of all matrices, one after the other. */
  csv() {
    const { iteration, stage = 0, phase, layer } = this.scene;
    const when = `iteration ${iteration} · stage ${stage + 1}, ${phase} ${layer}`;
    const sheets = [...this.panels.values()].filter(({ panel }) => !panel.empty).map((view) => sheetOf(view.seen()));
    return sheets.map((sheet) => textOf({ ...sheet, part: `${sheet.part} · ${when}` }, ",")).join("\n");
  }

  get ink() { return this.colour("--cs-select"); }
  get halo() { return this.colour("--cs-halo"); }
  get font() { return this.colour("--cs-font"); }

  /**
   * What the style sheet says. Asked once a frame: before it answers, all that changed is styled.
   * @param {string} name
   */
  colour(name) {
    if (!this.colours.size) requestAnimationFrame(() => this.colours.clear());
    let colour = this.colours.get(name);
    if (colour === undefined) {
      colour = this.style.getPropertyValue(name).trim();
      this.colours.set(name, colour);
    }
    return colour;
  }

  /**
   * @param {string} kind
   * @param {number} low
   * @param {number} high
   */
  scale(kind, low, high) {
    const palettes = this.printed ? this.model.printed : this.model.palettes;
    return colourScale(palettes[kind] || palettes.sequential, low, high);
  }

  /** @param {Axis} dims */
  scrollKey(dims) { return dims.map(([name]) => name).join(); }

  /** @param {Axis} dims */
  scrollOf(dims) {
    const key = this.scrollKey(dims);
    return this.scrolls[key] ?? this.scene.start?.[key] ?? 0;
  }

  /**
   * @param {Axis} dims
   * @param {number} to
   */
  scroll(dims, to) {
    const key = this.scrollKey(dims);
    if (this.scrollOf(dims) === to) return;
    this.scrolls[key] = Math.max(0, to);
    for (const view of this.panels.values()) {
      const axes = [view.panel.rows, view.panel.columns];
      if (axes.some((axis) => this.scrollKey(axis) === key)) view.draw();
    }
    this.showSelection(false);
    clearTimeout(this.moving);
    this.moving = undefined;
    this.rest();
  }

  /** Tell what is in sight, once it stays there. */
  rest() {
    if (this.cells.isBusy) return;
    this.moving ??= setTimeout(() => {
      this.moving = undefined;
      // Nothing is in sight while a run is replayed.
      if (!this.room.clientWidth) return;
      const { arrival, first } = this.model.scrolled, now = this.first();
      const keys = new Set([...Object.keys(first), ...Object.keys(now)]);
      if ([...keys].every((key) => first[key] === now[key])) return;
      this.model.send_msg({ stage: this.scene.stage, arrival, scroll: now });
    }, REST);
  }

  /**
   * The first row or column in sight of each axis that is in sight in part only, left out where the
   * scene puts it there, unless a selection would bring something else into sight; and the px by
   * which the board itself is scrolled.
   */
  first() {
    /** @type {Record<string, number>} */
    const most = {};
    for (const view of this.panels.values()) {
      for (const [key, count] of Object.entries(view.hidden())) most[key] = Math.max(count, most[key] ?? 0);
    }
    const { scroll, start } = this.scene, { key: selected } = this.model.selected ?? {};
    /** @type {Record<string, number>} */
    const found = {};
    for (const [key, last] of Object.entries(most)) {
      const usual = scroll?.[key] ?? start?.[key] ?? 0;
      const now = Math.min(this.scrolls[key] ?? usual, last);
      if (selected || now !== Math.min(usual, last)) found[key] = now;
    }
    const { scrollLeft, scrollTop } = this.room;
    if (!this.stacked && scrollLeft) found.across = Math.round(scrollLeft);
    if (!this.stacked && scrollTop) found.down = Math.round(scrollTop);
    return found;
  }

  /** Go to what an address brings into sight; of a scroll that was made here it is only told. */
  arrive() {
    const { arrival, first } = this.model.scrolled;
    if (arrival === this.arrival) return;
    this.arrival = arrival;
    const { across = 0, down = 0, ...axes } = first;
    this.scrolls = { ...this.scene.scroll, ...axes };
    this.aimed = [across, down];
    this.aim();
    for (const view of this.panels.values()) view.draw();
    this.revealed = "";
    this.spotlight.seen = 0;
    this.spotlight.arrive(first);
    this.showSelection(true, first);
    this.rest();
  }

  aim() {
    if (!this.aimed || !this.room.clientWidth) return;
    if (!this.stacked) this.room.scrollTo(...this.aimed);
    this.aimed = null;
  }

  build() {
    /** @type {Scene} */
    const scene = unpacked(this.model.scene);
    this.scene = scene;
    this.cells.arrive();
    this.node.dataset.phase = scene.phase;
    this.colours.clear();
    this.pins.draw(scene.offered ?? []);
    const key = JSON.stringify(scene.layout);
    // What the view brings into sight: when that changes, not at every step.
    for (const [axis, to] of Object.entries(scene.scroll || {})) {
      if (this.asked[axis] !== to && !(axis in this.held)) this.scrolls[axis] = to;
    }
    this.asked = scene.scroll || {};
    if (key !== this.layoutKey) {
      this.layoutKey = key;
      this.tip.hidden = true;
      keepingFocus(this, () => {
        const before = this.panels;
        this.panels = new Map();
        this.compared.clear();
        this.node.replaceChildren(...scene.layout.map((item) => this.place(item, scene.panels, before)));
      });
    } else {
      for (const [name, view] of this.panels) view.update(scene.panels[name]);
    }
    this.filling.stand();
    this.filling.fill();
    this.spotlight.arrive();
    this.showSelection(true);
    this.point();
    this.rest();
    this.cells.drawn();
  }

  /** Another number may lie under the pointer now. */
  point() {
    if (!this.pointed) return;
    const { view, event } = this.pointed;
    const cell = view.node.isConnected && view.cellAt(event);
    if (cell) this.hover(view, cell, event);
    else this.leave();
  }

  /**
   * An item of the layout: a panel's key, an operator, a column (list), or a grid.
   * @param {Item} item
   * @param {Record<string, Panel>} panels
   * @param {Map<string, PanelView>} before of the scene before: an array that is there again is drawn
   *   where it was
   * @returns {HTMLElement}
   */
  place(item, panels, before) {
    if (typeof item === "string") {
      if (!(item in panels)) return el("span", { className: "operator" }, item);
      const view = before.get(item) ?? new PanelView(this, panels[item]);
      view.update(panels[item]);
      this.panels.set(item, view);
      return view.node;
    }
    /** @param {Item[]} items */
    const all = (items) => items.map((inner) => this.place(inner, panels, before));
    if (Array.isArray(item)) return el("div", { className: "column" }, ...all(item));
    if ("table" in item) return el("div", { className: "table" }, ...all(item.table));
    const node = el("div", { className: "grid" }), { grid, heads } = item;
    node.style.gridTemplateColumns = `repeat(${grid[0].length}, max-content)`;
    const lines = grid.map((line) => line.map((inner) => (inner ? all([inner])[0] : el("span"))));
    node.append(...lines.flat());
    /** @param {Item | null} inner */
    const keyOf = (inner) => (typeof inner === "string" && inner ? inner : null);
    if (heads) this.compared.take(node, heads, lines.map((line, r) => line.map((part, c) => ({ key: keyOf(grid[r][c]), node: part }))));
    return node;
  }

  /**
   * Outline what belongs to a cell of the array `key`; a number that is alone only itself.
   * @param {Coordinates | undefined} coordinates
   * @param {string} [key]
   * @param {Pointed} [pointed]
   */
  light(coordinates, key, pointed) {
    this.hovered = null;
    const alone = coordinates && !Object.keys(coordinates).length;
    const test = alone ? () => 2 : tester(coordinates, this.scene.geometry);
    for (const view of this.panels.values()) {
      const own = (!alone && !this.scene.apart) || view.panel.key === key;
      view.highlight(own ? test : null, pointed, alone || !own ? null : coordinates);
    }
  }

  /**
   * What is in sight of a panel in part stays there at the next answer.
   * @param {PanelView} view
   */
  hold(view) { this.held = view.hidden(); }

  /** Nothing is pointed at any more. */
  leave() {
    this.pointed = null;
    this.tip.hidden = true;
    this.showSelection(false);
  }

  /**
   * The axes of the panel of a tile that are in sight in part: to scroll them would move what is
   * under the pointer.
   * @param {TileView} tile
   */
  ownAxes(tile) {
    return [...this.panels.values()].find((view) => view.panel === tile.panel)?.hidden() ?? {};
  }

  /**
   * A cell is pointed at.
   * @param {TileView} view
   * @param {Pair} cell
   * @param {Spot} event
   */
  hover(view, cell, event) {
    if (cell[0] >= view.tile.shape[0] || cell[1] >= view.tile.shape[1]) {
      this.leave();
      return;
    }
    this.pointed = { view, event };
    // A mouse moves many times within a cell.
    if (this.hovered?.view === view && this.hovered.cell === cell.join()) return;
    const coordinates = view.coordinates(...cell);
    if (!view.tile.bins) {
      const own = this.ownAxes(view);
      for (const other of this.panels.values()) {
        if (other.panel !== view.panel && !this.scene.apart) other.reveal(coordinates, own);
      }
      this.light(coordinates, view.panel.key, { key: view.panel.key, value: view.value(...cell) });
    }
    this.tip.innerHTML = "";
    const name = el("b"); name.innerHTML = view.panel.title;
    this.tip.append(name, ` ${this.where(view, cell)}: `, el("b", {}, this.told(view, cell)));
    this.tip.hidden = false;
    this.hovered = { view, cell: cell.join() };
    this.placeTip(view.boxOf(...cell) ?? new DOMRect(event.clientX, event.clientY, 0, 0));
  }

  /**
   * Put the tooltip below the cell that it tells of, or above it: never over it.
   * @param {DOMRect} box
   */
  placeTip(box) {
    const frame = this.frame.getBoundingClientRect(), { offsetWidth, offsetHeight } = this.tip;
    const left = Math.min(box.left - frame.left, frame.width - offsetWidth - 4);
    const below = box.bottom - frame.top + 4, above = box.top - frame.top - offsetHeight - 4;
    this.tip.style.left = `${Math.max(0, left)}px`;
    this.tip.style.top = `${below + offsetHeight > frame.height ? above : below}px`;
  }

  /**
   * What is told of a cell: its number, if it has one yet.
   * @param {TileView} view
   * @param {Pair} cell
   */
  told(view, cell) {
    if (view.panel.empty || view.isCovered(...cell)) return "not computed yet";
    if (hides(view.tile, ...cell)) return COVERED_WORDS;
    if (view.isPadding(...cell)) return "0, padding";
    const { colours, shape } = view.tile, parts = colours && partsOf(colours, cell[0] * shape[1] + cell[1]);
    return [format(single(view.value(...cell)), 6), parts].filter(Boolean).join(" · ");
  }

  /**
   * A cell in words: of which array, where, and its number.
   * @param {TileView} view
   * @param {Pair} cell
   */
  words(view, cell) {
    return `${nameOf(view.panel)} ${this.where(view, cell)}: ${this.told(view, cell)}`;
  }

  /**
   * Where a cell lies: its index, in the words of the explanation; behind that its coordinates,
   * where these are other numbers. Of a bar, which numbers it counts.
   * @param {TileView} view
   * @param {Pair} cell
   */
  where(view, cell) {
    const { bins } = view.tile;
    if (bins) {
      const from = bins[0] + cell[1] * bins[1];
      return `from ${format(from, 4)} to ${format(from + bins[1], 4)}`;
    }
    const index = view.index(...cell), coordinates = view.coordinates(...cell);
    const said = index.map((at, k) => `${view.panel.axes[k]} ${at}`);
    const isIndex = Object.values(coordinates).join() === index.join();
    const more = Object.entries(coordinates).flatMap(([name, at]) => {
      const names = this.scene.names?.[name];
      return names ? [names[at]] : isIndex ? [] : [`${this.model.axes[name] || name} ${at}`];
    }).filter((words) => !said.includes(words));
    return [said.join(", "), more.join(", ")].filter(Boolean).join(" · ");
  }

  /**
   * A cell is clicked.
   * @param {TileView} view
   * @param {Pair} cell
   */
  choose(view, cell) {
    if (view.tile.bins || view.panel.empty || view.isPadding(...cell)) return;
    const key = view.panel.key, coordinates = view.coordinates(...cell);
    const index = view.index(...cell), { selected } = this.model;
    const again = selected?.key === key && selected.index?.join() === index.join();
    this.held = again ? {} : this.ownAxes(view);
    // Lit at once; the answer selects it, unless the stage has gone meanwhile.
    this.light(coordinates, key);
    this.model.send_msg({ stage: this.scene.stage, key, panel: view.panel.plain, index, coordinates });
  }

  /**
   * @param {boolean} reveal whether to bring it into sight, if that was not done yet: one that was
   *   scrolled out of sight stays there at a step
   * @param {Record<string, number>} [but] axes that are not scrolled for it
   */
  showSelection(reveal, but = {}) {
    const selected = this.cells.lit ?? this.model.selected;
    const coordinates = selected?.coordinates;
    const which = coordinates ? JSON.stringify([this.scene.stage, this.layoutKey, selected]) : "";
    if (reveal && which !== this.revealed) {
      this.revealed = which;
      if (coordinates) {
        for (const view of this.panels.values()) {
          if (!this.scene.apart || view.panel.key === selected.key) view.reveal(coordinates, but);
        }
        // A link may have led to a panel that stands elsewhere on the long page of a telephone.
        const place = [...this.panels.values()].find((view) => view.panel.key === selected.key);
        const test = tester(coordinates, this.scene.geometry);
        if (this.stacked && place && test) bringIntoSight(place, this.panels.values(), test, this.compared.height);
      }
    }
    this.compared.tell(selected);
    this.light(coordinates, selected?.key);
  }
}

/** @param {Rendered<Properties>} component */
export function render({ model, el: host }) {
  new Board(model, host);
  takeSpotlight(model, host);
}
