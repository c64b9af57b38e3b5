// Saves a file that Python has made.

import { save } from "../common/save.js";

/** @import { Rendered } from "../common/panel.js" */

/** @param {Rendered<{}>} component */
export function render({ model }) {
  model.on("msg:custom", ({ name, content }) => save(name, content));
}
