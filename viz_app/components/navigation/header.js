// The header: the name, what is trained, and what is done to the page as a whole.

import { choice, el, rootOf } from "../common/elements.js";
import { showHelp } from "../help/help.js";

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
 * @property {boolean} keys
 */

const READING = 2000; // ms for which "Copied" stands there

/** @param {Rendered<Properties>} component */
export function render({ model, el: host }) {
  const title = el("h1", {}, "Conv", el("b", {}, "Scope"));
  const presets = choice({ ariaLabel: "Preset" }, (preset) => model.send_msg({ preset }));
  const data = el("span", { className: "data" });
  /**
   * @param {string} press
   * @param {string} name
   */
  const button = (press, name) => el("button", {
    type: "button", onclick: () => model.send_msg({ press }),
  }, name);
  const settings = button("settings", "Settings"), theme = button("theme", "Dark");
  const help = el("button", { type: "button", title: "Keys (?)", ariaLabel: "Keys (?)",
    onclick: () => openHelp() }, "?");
  const share = el("button", { type: "button", title: "Copy the link of this moment", onclick: copy }, "Share");
  const link = el("input", {
    readOnly: true, hidden: true, ariaLabel: "link of this moment", onblur: () => { link.hidden = true; },
  });
  host.append(el("header", {}, title, presets, data, el("span", { className: "gap" }), link,
    ...(model.whole ? [share] : []), settings, theme, help));

  async function copy() {
    // That of the page is written a moment later.
    const address = new URL(model.address || location.href, location.href).href;
    try {
      await navigator.clipboard.writeText(address);
      share.textContent = "Copied";
      setTimeout(() => { share.textContent = "Share"; }, READING);
    } catch {
      // Not permitted, as on a page that came without TLS: to be copied by hand.
      link.value = address;
      link.hidden = false;
      link.select();
    }
  }

  function openHelp() {
    // Once only, whatever is pressed.
    if (host.querySelector("dialog")) return;
    showHelp(host, model.keys, (on) => model.send_msg({ keys: on }));
  }
  // Of the page, which hears the keys.
  const root = rootOf(host);
  root.addEventListener("cs-help", openHelp);
  model.on("remove", () => root.removeEventListener("cs-help", openHelp));

  function draw() {
    const own = model.preset ? [] : [{ key: "", title: "Own network" }];
    const known = [...own, ...model.presets];
    if (presets.children.length !== known.length) {
      presets.replaceChildren(...known.map(({ key, title: name }) => el("option", { value: key }, name)));
    }
    presets.value = model.preset;
    presets.disabled = !model.free || (!model.preset && !model.whole);
    data.textContent = model.data;
    settings.setAttribute("aria-expanded", String(model.opened));
    theme.textContent = model.dark ? "Light" : "Dark";
  }

  model.on("address", () => { link.hidden = true; });
  for (const name of ["presets", "preset", "data", "free", "opened", "dark"]) model.on(name, draw);
  draw();
}
