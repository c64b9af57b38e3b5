// The header: the name, what is trained, and what is done to the page as a whole.

import { el } from "../common/elements.js";
import { makeOpening } from "../sharing/embed.js";
import { makeShare } from "../sharing/share.js";

/** @import { Rendered } from "../common/panel.js" */

/**
 * What `header.py` says of itself.
 * @typedef {object} Properties
 * @property {{ key: string, title: string }[]} presets
 * @property {string} preset
 * @property {string} data
 * @property {string} address
 * @property {boolean} free
 * @property {boolean} whole
 * @property {boolean} opened
 * @property {boolean} dark
 */

/** @param {Rendered<Properties>} component */
export function render({ model, el: host }) {
  const title = el("h1", {}, "Conv", el("b", {}, "Scope"));
  const choice = el("select", {
    ariaLabel: "Preset", onchange: () => {
      model.send_msg({ preset: choice.value });
      // So that the arrow keys step again.
      choice.blur();
    },
  });
  const data = el("span", { className: "data" });
  /**
   * @param {string} press
   * @param {string} name
   */
  const button = (press, name) => el("button", {
    type: "button", onclick: () => model.send_msg({ press }),
  }, name);
  const settings = button("settings", "Settings"), theme = button("theme", "Dark");
  host.append(el("header", {}, title, choice, data, el("span", { className: "gap" }),
    ...(model.whole ? makeShare(model) : []), settings, theme, ...(model.whole ? [makeOpening(model)] : [])));

  function draw() {
    const own = model.preset ? [] : [{ key: "", title: "Own network" }];
    const known = [...own, ...model.presets];
    if (choice.children.length !== known.length) {
      choice.replaceChildren(...known.map(({ key, title: name }) => el("option", { value: key }, name)));
    }
    choice.value = model.preset;
    choice.disabled = !model.free || (!model.preset && !model.whole);
    data.textContent = model.data;
    settings.setAttribute("aria-expanded", String(model.opened));
    theme.textContent = model.dark ? "Light" : "Dark";
  }

  for (const name of ["presets", "preset", "data", "free", "opened", "dark"]) model.on(name, draw);
  draw();
}
