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

/**
 * Have what Python made sent back by its id. Bokeh takes it for something new of the page until the
 * next message: a button that is pressed right after it has come would be sent as a whole, which the
 * server warns of ("reference already known").
 * @param {BokehDocument} document
 */
export function sendByIds(document) {
  const apply = document._apply_json_patch;
  document._apply_json_patch = (patch, buffers) => {
    const before = document._new_models.size;
    apply.call(document, patch, buffers);
    if (document._new_models.size === before) return;
    const made = idsMadeIn(patch.events);
    for (const model of document._new_models) if (made.has(model.id)) document._new_models.delete(model);
  };
}

/**
 * The ids of the models that a message of Python brings along.
 * @param {unknown} part of it
 * @param {Set<unknown>} [found]
 */
function idsMadeIn(part, found = new Set()) {
  if (typeof part !== "object" || part === null || ArrayBuffer.isView(part)) return found;
  if ("type" in part && part.type === "object" && "id" in part) found.add(part.id);
  for (const inner of Object.values(part)) idsMadeIn(inner, found);
  return found;
}
