// What is said above a chart, line by line.

import { el } from "../common/elements.js";

/** @import { Rendered } from "../common/panel.js" */

/** @typedef {{ html: string, title?: string, layer?: string }} Line */

/** @param {Rendered<{ lines: Line[] }>} component */
export function render({ model, el: host }) {
  const root = el("div", { className: "lines" });
  host.append(root);

  /** @param {Line} line */
  function shown({ html, title = "", layer }) {
    const node = layer === undefined ? el("p", { title })
      : el("button", { type: "button", title, onclick: () => model.send_msg(layer) });
    node.innerHTML = html;
    return node;
  }

  const draw = () => root.replaceChildren(...model.lines.map(shown));
  model.on("lines", draw);
  draw();
}
