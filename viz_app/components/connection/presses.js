// What a person has pressed or chosen, and how it is done again in another session.

import { modelsOf, whenChanged } from "../common/bokeh.js";

/** @import { BokehDocument, BokehModel } from "../common/panel.js" */
/** @import { Change } from "../common/bokeh.js" */

/**
 * A model, by what is the same in every session.
 * @typedef {object} Key
 * @property {string} id in this session
 * @property {string} type
 * @property {string} name
 * @property {number} place among those of the same type and name
 */

/**
 * What was pressed or chosen: as Bokeh sends it to Python, and on which model.
 * @typedef {{ on: Key, patch: string }} Press
 */

// What a hand does, of all that leaves a shadow root.
const BY_HAND = ["pointerdown", "pointermove", "pointerup", "click", "keydown", "input", "focusout"];
// Of a field.
const PROPERTIES = ["value"];
// Of a button, a component of ours, a chart.
const EVENTS = ["button_click", "data_event", "tap"];

/**
 * Call back for all that a person presses or chooses.
 * @param {BokehDocument} document
 * @param {(press: Press) => void} then
 */
export function whenPressed(document, then) {
  let byHand = false;
  const begin = () => {
    byHand = true;
    setTimeout(() => { byHand = false; });
  };
  for (const name of BY_HAND) window.addEventListener(name, begin, { capture: true, passive: true });
  whenChanged(document, (change) => {
    if (byHand && change.model && isPress(change)) {
      then({ on: keyOf(document, change.model), patch: change.patch() });
    }
  });
}

/** @param {Change} change */
function isPress({ byPage, kind, name = "", data }) {
  if (!byPage) return false;
  if (kind === "set") return PROPERTIES.includes(name);
  // A beat presses nothing, nor does a page that has drawn a step of Play.
  return EVENTS.includes(name) && !data?.drawn && !data?.beat;
}

/**
 * A press as the present document sends it to Python; null if it has no such model.
 * @param {BokehDocument} document
 * @param {Press} press
 * @returns {unknown}
 */
export function again(document, { on, patch }) {
  const model = alike(document, on.type, on.name)[on.place];
  if (!model) return null;
  return JSON.parse(patch, (_, value) => (value?.id === on.id ? { ...value, id: model.id } : value));
}

/**
 * @param {BokehDocument} document
 * @param {BokehModel} model
 * @returns {Key}
 */
function keyOf(document, model) {
  const { id, type } = model, name = nameOf(model);
  return { id, type, name, place: alike(document, type, name).indexOf(model) };
}

/**
 * Not the label of a button, which changes.
 * @param {BokehModel} model
 */
const nameOf = (model) => String(model.title || model.name || "");

/**
 * @param {BokehDocument} document
 * @param {string} type
 * @param {string} name
 */
function alike(document, type, name) {
  return modelsOf(document).filter((model) => model.type === type && nameOf(model) === name);
}
