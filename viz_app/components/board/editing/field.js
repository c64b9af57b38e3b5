// The field in which a number of the model is changed: beside its cell, in the top layer.

import { el, write } from "../../common/elements.js";
import { inSight, placeBeside } from "./place.js";

/** @import { Model } from "../../common/panel.js" */
/** @import { Board, Properties } from "../board.js" */
/** @import { Pair } from "../scene.js" */
/** @import { TileView } from "../panels/tile.js" */

/**
 * What `Editing.message` says; nothing where no number is edited.
 * @typedef {object} Edited
 * @property {number} number of the field
 * @property {number} answered how many of its words were answered
 * @property {string} key of the array in which the cell lies
 * @property {number[]} index of the cell
 * @property {string} name of the number
 * @property {string} value what stands in the field, all digits
 * @property {number} step what an arrow changes it by
 * @property {string[]} kernels what can be put in place of the whole kernel
 * @property {string} note when it counts
 * @property {string} refused why what was entered cannot be; empty as a rule
 */

const PX_OF_STEP = 3;
const FIELD_DIGITS = 6; // of a number that was dragged

export class NumberField {
  /**
   * @param {Board} board
   * @param {Model<Properties>} model
   */
  constructor(board, model) {
    this.board = board;
    this.model = model;
    /** @type {Partial<Edited>} */
    this.open = {};
    /** Whether Python has still to answer, and what to say then. */
    this.waits = false;
    /** @type {string | null} */
    this.later = null;
    /** What was typed or dragged since the field was opened. */
    this.touched = false;
    /** @type {HTMLElement | null} */
    this.cameFrom = null;
    this.input = el("input", { type: "text", inputMode: "decimal", autocomplete: "off", spellcheck: false,
      oninput: () => { this.touched = true; } });
    this.slide = el("button", { type: "button", className: "slide", tabIndex: -1, ariaHidden: "true",
      title: "Drag to change the number" }, "◂ ▸");
    this.kernels = el("select", { ariaLabel: "Put in place of the whole kernel", onchange: () => {
      if (this.kernels.value) this.enter(this.kernels.value);
    } });
    this.name = el("p", { className: "name" });
    this.refused = el("p", { className: "refused", role: "alert" });
    const cancel = el("button", { type: "button", ariaLabel: "Cancel", title: "Cancel (Esc)",
      onclick: () => this.cancel() }, "×");
    this.node = el("form", { className: "editing", popover: "manual", role: "dialog", noValidate: true,
      onsubmit: (/** @type {Event} */ event) => {
        event.preventDefault();
        this.enter(this.input.value);
      } },
    this.name, el("div", { className: "row" }, this.input, this.slide,
      el("button", { type: "submit", title: "Apply (Enter)" }, "Apply"), cancel, this.kernels), this.refused);
    this.node.addEventListener("keydown", (event) => this.press(event));
    this.node.addEventListener("focusout", (event) => {
      // Who goes on elsewhere has meant what stands there.
      const to = event.relatedTarget;
      if (!this.open.number || (to instanceof Node && this.node.contains(to)) || !document.hasFocus()) return;
      if (this.touched) this.enter(this.input.value, true); else this.cancel(false);
    });
    this.slide.addEventListener("pointerdown", (event) => this.drag(event));
    board.frame.append(this.node);
    model.on("editing", () => this.draw());
    model.on("scene", () => this.place());
    const place = () => this.place();
    // The keys of a telephone take a part of the window; the page, or the board, may be scrolled.
    const windows = [window, window.visualViewport];
    for (const one of windows) one?.addEventListener("resize", place);
    document.addEventListener("scroll", place, true);
    model.on("remove", () => {
      for (const one of windows) one?.removeEventListener("resize", place);
      document.removeEventListener("scroll", place, true);
    });
  }

  /**
   * Ask for the field at a cell.
   * @param {TileView} view
   * @param {Pair} cell
   */
  ask(view, cell) {
    if (view.tile.bins || view.panel.empty || view.isPadding(...cell) || view.isCovered(...cell)) return;
    this.model.send_msg({ edit: { stage: this.board.scene.stage, key: view.panel.key, panel: view.panel.plain,
      index: view.index(...cell), coordinates: view.coordinates(...cell) } });
  }

  draw() {
    const said = this.model.editing, before = this.open.number;
    this.open = said;
    this.waits = false;
    if (!said.number) {
      this.later = null;
      if (before && this.node.matches(":popover-open")) this.close();
      return;
    }
    if (said.number !== before) this.show(said);
    write(this.refused, said.refused ?? "");
    this.input.setAttribute("aria-invalid", String(Boolean(said.refused)));
    this.place();
    if (this.later !== null) this.live(this.later);
  }

  /** @param {Partial<Edited>} said */
  show({ name = "", value = "", note = "", kernels = [] }) {
    const from = this.board.node.querySelector(".tile:focus");
    this.cameFrom = from instanceof HTMLElement ? from : null;
    this.touched = false;
    this.later = null;
    this.input.value = value;
    this.input.ariaLabel = [`new number of ${name}`, note].filter(Boolean).join(", ");
    this.node.ariaLabel = `Change ${name}`;
    this.name.replaceChildren(name, ...(note ? [" ", el("span", {}, note)] : []));
    this.kernels.hidden = !kernels.length;
    this.kernels.replaceChildren(el("option", { value: "" }, "Kernel…"),
      ...kernels.map((kernel) => el("option", { value: kernel }, kernel.replace(/\d+$/, ""))));
    // The field stands where the tooltip of its cell does.
    this.board.tip.hidden = true;
    this.node.showPopover();
    this.place();
    this.input.focus({ preventScroll: true });
    this.input.select();
  }

  close() {
    this.node.hidePopover();
    if (this.cameFrom?.isConnected) this.cameFrom.focus({ preventScroll: true });
    this.cameFrom = null;
  }

  /** Stand beside the matrix of the cell, where it hides the fewest numbers. */
  place() {
    const { key = "", index } = this.open, { board, node: { style, offsetWidth: width, offsetHeight: height } } = this;
    if (!index || !this.node.matches(":popover-open")) return;
    const found = board.panels.get(key)?.find(index), cell = found?.view.boxOf(...found.cell);
    const own = found?.view.node.getBoundingClientRect() ?? board.frame.getBoundingClientRect();
    const filled = [...board.panels.values()].filter(({ panel }) => !panel.empty);
    const all = filled.flatMap(({ views }) => views.map((view) => view.node.getBoundingClientRect()));
    const { left, top } = placeBeside({ width, height }, cell ?? own, own, all,
      inSight(parseFloat(board.style.getPropertyValue("--cs-player")) || 0));
    style.left = `${left}px`;
    style.top = `${top}px`;
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const steps = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (event.key === "Escape") this.cancel();
    else if (steps && event.target === this.input) this.moveBy(steps * (event.shiftKey ? 10 : 1));
    else return;
    event.preventDefault();
  }

  /**
   * Change the number by steps, at once.
   * @param {number} steps
   * @param {number} [from]
   */
  moveBy(steps, from = Number(this.input.value.replace(",", "."))) {
    if (!Number.isFinite(from)) return;
    this.touched = true;
    this.input.value = String(Number((from + steps * (this.open.step ?? 0)).toPrecision(FIELD_DIGITS)));
    this.live(this.input.value);
  }

  /** @param {PointerEvent} event */
  drag(event) {
    const from = Number(this.input.value.replace(",", ".")), { clientX: start, pointerId } = event, { slide } = this;
    event.preventDefault();
    slide.setPointerCapture(pointerId);
    let last = 0;
    /** @param {PointerEvent} moved */
    const move = ({ clientX }) => {
      const steps = Math.round((clientX - start) / PX_OF_STEP);
      if (steps !== last) this.moveBy(last = steps, from);
    };
    slide.addEventListener("pointermove", move);
    slide.addEventListener("lostpointercapture", () => {
      slide.removeEventListener("pointermove", move);
      this.input.focus({ preventScroll: true });
    }, { once: true });
  }

  /**
   * Show what a number leads to; while Python computes, only the last one waits.
   * @param {string} value
   */
  live(value) {
    this.later = this.waits ? value : null;
    if (!this.waits) this.say({ value, live: true });
  }

  /**
   * @param {string} value
   * @param {boolean} [left] whether somebody has gone on elsewhere without entering it
   */
  enter(value, left = false) {
    this.later = null;
    this.say(left ? { value, left } : { value });
  }

  /** @param {boolean} [changed] whether something may have been changed by now */
  cancel(changed = true) {
    this.later = null;
    if (this.open.number) this.say({ cancel: true });
    if (!changed) this.cameFrom = null;
  }

  /** @param {{ value?: string, live?: boolean, cancel?: boolean, left?: boolean }} what */
  say(what) {
    this.waits = true;
    this.model.send_msg({ edit: { number: this.open.number, ...what } });
  }
}
