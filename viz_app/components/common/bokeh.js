// What Bokeh's own script knows of the page. Its names, which no documentation promises, are used
// here only; `tests/browser/connection/test_bokeh.py` fails when one of them changes.

/** @import { BokehDocument, BokehModel } from "./panel.js" */

/**
 * A property that was set (`name` is that of the property), or something that happened to a model.
 * @typedef {object} Change
 * @property {boolean} byPage and not by Python
 * @property {"set" | "happened" | "other"} kind
 * @property {BokehModel} [model]
 * @property {string} [name]
 * @property {any} [data]
 * @property {() => string} patch as it is sent to Python
 */

/**
 * The document that a component of ours is in; a notebook has one for each output.
 * @param {{ document: BokehDocument }} model
 */
export const documentOf = (model) => model.document;

/**
 * @param {BokehDocument} document
 * @returns {BokehModel[]}
 */
export const modelsOf = (document) => [...document.all_models];

/**
 * Call back once all is drawn. A server that answers earlier would lose a part of its answer; and
 * the page without a server hears what is said only after Bokeh has given it the views, which are
 * idle a little before that.
 * @param {() => void} then
 */
export function whenDrawn(then) {
  const busy = Bokeh.documents.find((document) => !document.is_idle);
  if (!busy) {
    setTimeout(then);
    return;
  }
  const drawn = () => {
    busy.idle.disconnect(drawn);
    whenDrawn(then);
  };
  busy.idle.connect(drawn);
}

/**
 * Call back when the line of a document is closed; that of a notebook never is.
 * @param {BokehDocument} document
 * @param {() => void} then
 */
export function whenClosed(document, then) {
  document.on_event("connection_lost", then);
}

/**
 * Call back for each change of a document.
 * @param {BokehDocument} document
 * @param {(change: Change) => void} then
 */
export function whenChanged(document, then) {
  document.on_change((event) => {
    const patch = () => JSON.stringify(document.create_json_patch([event]));
    const byPage = event.sync;
    if (event.kind === "ModelChanged") {
      then({ byPage, kind: "set", model: event.model, name: event.attr, patch });
    } else if (event.kind === "MessageSent") {
      const { event_name: name, origin: model, data } = event.msg_data;
      then({ byPage, kind: "happened", model, name, data, patch });
    } else {
      then({ byPage, kind: "other", patch });
    }
  }, false);
}
