// What Bokeh's own script knows of the line and of what is pressed. Its names are used here only.

/** @import { BokehDocument, BokehModel, Changed } from "../common/panel.js" */

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
// Of a field, of tabs.
const PROPERTIES = ["value", "active"];
// Of a button, a component of ours, a chart.
const EVENTS = ["button_click", "data_event", "tap"];

/**
 * Call back when the line of a document is closed.
 * @param {BokehDocument} document
 * @param {() => void} then
 */
export function whenClosed(document, then) {
  document.on_event("connection_lost", then);
}

/**
 * Call back for all that comes from Python.
 * @param {BokehDocument} document
 * @param {() => void} then
 */
export function whenTold(document, then) {
  document.on_change((event) => { if (!event.sync) then(); }, false);
}

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
  document.on_change((event) => {
    const model = byHand && event.sync && pressed(event);
    if (model) then({ on: keyOf(document, model), patch: JSON.stringify(document.create_json_patch([event])) });
  }, false);
}

/**
 * The model that was pressed, if a change says of one.
 * @param {Changed} event
 */
function pressed(event) {
  if (event.kind === "ModelChanged") return PROPERTIES.includes(event.attr) && event.model;
  if (event.kind !== "MessageSent" || !EVENTS.includes(event.msg_data.event_name)) return null;
  // A beat presses nothing, nor does a page that has drawn a step of Play.
  const { data, origin } = event.msg_data;
  return !data?.drawn && !data?.beat && origin;
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
  return [...document.all_models].filter((model) => model.type === type && nameOf(model) === name);
}
