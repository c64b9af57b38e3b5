// Keeps key frames that Python gives, and gives back the one that it looks for. What a browser does
// not permit is left: a run can be computed again at any time.

import { base64 } from "../common/base64.js";
import { whenDrawn } from "../common/bokeh.js";
import { keep, latest, open } from "./database.js";

/** @import { Rendered } from "../common/panel.js" */
/** @import { Span } from "./database.js" */

/** @param {Rendered<{ wanted: Span[], ready: boolean }>} component */
export function render({ model }) {
  /** @param {(frames: IDBDatabase) => Promise<void>} work */
  const quietly = (work) => opened.then(work).catch((error) => console.debug(`No key frame: ${error}`));
  const opened = open();

  const look = () => quietly(async (frames) => {
    const frame = await latest(frames, model.wanted);
    if (!frame) return;
    const content = await base64(new Blob([frame.content]));
    whenDrawn(() => model.send_msg({ key: frame.key, content }));
  });

  model.on("wanted", look);
  model.on("msg:custom", (frame) => quietly((frames) => keep(frames, frame)));
  model.on("remove", () => quietly(async (frames) => frames.close()));
  look();
  whenDrawn(() => { model.ready = true; });
}
