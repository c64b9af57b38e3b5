// The fields of a form: each has a key, under which what is wrong with it is said.

import { el, write } from "../common/elements.js";

/** @import { Fault } from "./content.js" */

/** @typedef {(value: string) => void} Enter */
/** @typedef {HTMLInputElement | HTMLTextAreaElement} Control */

let fieldsMade = 0;

/** A form whose fields show what somebody types at once, and what Python says a little later. */
export class Fields {
  constructor() {
    /**
     * What each control shows, if it has not the focus.
     * @type {{ control: Control, value: () => string }[]}
     */
    this.bound = [];
    /**
     * Where what is wrong is said, by key.
     * @type {Map<string, { place: HTMLElement, controls: HTMLElement[] }>}
     */
    this.places = new Map();
    /** What is wrong with no field. */
    this.rest = el("p", { className: "fault", role: "status" });
  }

  /**
   * A field with its label.
   * @param {string} label
   * @param {string} key
   * @param {() => string} value
   * @param {Enter} enter
   * @param {{ rows?: number, hint?: string, inputMode?: string, code?: boolean }} [how]
   */
  text(label, key, value, enter, { rows = 0, hint = "", inputMode = "text", code = false } = {}) {
    fieldsMade += 1;
    const id = `field-${fieldsMade}`, help = hint ? [el("span", { className: "hint", id: `${id}-hint` }, hint)] : [];
    const about = { id, value: value(), autocomplete: "off", spellcheck: !code, className: code ? "code" : "", name: key };
    /** @type {Control} */
    const control = rows ? el("textarea", { ...about, rows }) : el("input", { ...about, type: "text", inputMode });
    control.addEventListener("input", () => enter(control.value));
    this.bound.push({ control, value });
    describe(control, hint ? `${id}-hint` : "");
    return el("div", { className: "field" },
      el("div", {}, el("label", { htmlFor: id }, label), " ", ...help), control, this.fault(key, control));
  }

  /**
   * Where what is wrong with a key is said.
   * @param {string} key
   * @param {...HTMLElement} controls
   */
  fault(key, ...controls) {
    const known = this.places.get(key);
    if (known) {
      known.controls.push(...controls);
      return el("span", { hidden: true });
    }
    fieldsMade += 1;
    const place = el("p", { className: "fault", role: "status", id: `fault-${fieldsMade}` });
    this.places.set(key, { place, controls });
    return place;
  }

  /**
   * Say what is wrong.
   * @param {Fault | null} fault
   */
  say(fault) {
    for (const [key, { place, controls }] of this.places) {
      const text = fault?.key === key ? fault.text : "";
      write(place, text);
      for (const control of controls) {
        if (text) control.setAttribute("aria-invalid", "true"); else control.removeAttribute("aria-invalid");
        const hint = `${control.id}-hint`, hasHint = control.getAttribute("aria-describedby")?.startsWith(hint);
        describe(control, [hasHint ? hint : "", text ? place.id : ""].join(" ").trim());
      }
    }
    const text = fault && !this.places.has(fault.key) ? `${fault.key}: ${fault.text}` : "";
    write(this.rest, text);
  }

  /** Show the values, but where somebody types. */
  write() {
    for (const { control, value } of this.bound) {
      if (control.value !== value() && !control.matches(":focus")) control.value = value();
    }
  }
}

/**
 * @param {HTMLElement} control
 * @param {string} ids of what describes it
 */
function describe(control, ids) {
  if (ids) control.setAttribute("aria-describedby", ids); else control.removeAttribute("aria-describedby");
}
