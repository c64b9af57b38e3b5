// The header: the name, what is trained, and what is done to the page as a whole.

import { choice, el } from "../common/elements.js";
import { takeSpotlight } from "../common/spotlight.js";
import { hear, rootOf, say } from "../common/together.js";
import { unpacked } from "../common/unpack.js";
import { Handout } from "../handout/handout.js";
import { showHelp } from "../help/help.js";
import { LessonList } from "../lesson/list.js";
import { makeOpening } from "../sharing/embed.js";
import { makeShare } from "../sharing/share.js";

/** @import { Rendered } from "../common/panel.js" */
/** @import { Packed } from "../common/unpack.js" */
/** @import { Listed } from "../lesson/list.js" */

/**
 * What `header.py` says of itself.
 * @typedef {object} Properties
 * @property {{ key: string, title: string, look_for: string }[]} presets
 * @property {Listed[]} lessons
 * @property {string} answers
 * @property {{ number: number, refused: string }} answered
 * @property {Packed} handout
 * @property {string} preset
 * @property {string} data
 * @property {string} address
 * @property {boolean} free
 * @property {boolean} whole
 * @property {boolean} opened
 * @property {boolean} dark
 * @property {boolean} present
 * @property {boolean} keys
 */

/** @param {Rendered<Properties>} component */
export function render({ model, el: host }) {
  const title = el("h1", {}, "Conv", el("b", {}, "Scope"));
  const presets = choice({ ariaLabel: "Preset", "data-control": "presets" }, (preset) => model.send_msg({ preset }));
  const data = el("span", { className: "data seldom" });
  const theme = el("span", { className: "name" });
  /**
   * @param {string} press
   * @param {Record<string, string>} about
   * @param {...(Node | string)} content
   */
  const button = (press, about, ...content) => el("button", {
    type: "button", ...about, onclick: () => model.send_msg({ press }),
  }, ...content);
  /**
   * What stands for the name of a button where there is no room for that.
   * @param {string} sign
   */
  const icon = (sign) => el("span", { className: "icon", ariaHidden: "true" }, sign);
  const handout = new Handout(host, (asked) => model.send_msg({ handout: asked }));
  const lessons = new LessonList(host, model.answers, (lesson) => model.send_msg({ lesson }), (name) => handout.open(name));
  const learn = el("button", { type: "button", className: "lessons", ariaLabel: "Lessons", onclick: () => lessons.open(model.lessons) },
    icon("✎"), el("span", { className: "name" }, "Lessons"));
  const settings = button("settings", { className: "seldom", ariaLabel: "Settings", "data-control": "settings" },
    icon("☰"), el("span", { className: "name" }, "Settings"));
  const present = button("present", { className: "present", title: "Everything larger, for a class (p)" }, "Present");
  const light = button("theme", {}, icon("◐"), theme);
  const help = el("button", { type: "button", className: "help seldom", title: "Keys (?)", ariaLabel: "Keys (?)",
    onclick: () => openHelp() }, "?");
  host.append(el("header", {}, title, presets, data, el("span", { className: "gap" }),
    ...(model.whole ? [learn] : []), ...(model.whole ? makeShare(model) : []), settings, present, light, help,
    ...(model.whole ? [makeOpening(model)] : [])));

  function openHelp() {
    // Once only, whatever is pressed.
    if (host.querySelector("dialog")) return;
    showHelp(host, model.keys, (on) => say(host, "keys", on));
  }
  // Of the page, which hears the keys.
  const root = rootOf(host);
  root.addEventListener("cs-help", openHelp);
  model.on("remove", () => root.removeEventListener("cs-help", openHelp));

  function draw() {
    const own = model.preset ? [] : [{ key: "", title: "Own network", look_for: "" }];
    const known = [...own, ...model.presets];
    if (presets.children.length !== known.length) {
      presets.replaceChildren(...known.map(({ key, title: name, look_for: why }) => el("option", { value: key, title: why }, name)));
    }
    presets.value = model.preset;
    presets.disabled = !model.free || (!model.preset && !model.whole);
    data.textContent = model.data;
    // Some are called after their data, which need no second naming.
    data.hidden = model.data === known.find(({ key }) => key === model.preset)?.title;
    settings.setAttribute("aria-expanded", String(model.opened));
    present.setAttribute("aria-pressed", String(model.present));
    theme.textContent = light.ariaLabel = model.dark ? "Light" : "Dark";
  }

  for (const name of ["presets", "preset", "data", "free", "opened", "dark", "present"]) model.on(name, draw);
  hear(model, host, "lesson", (/** @type {string} */ name) => lessons.begin(name));
  hear(model, host, "handout", (/** @type {string} */ name) => handout.open(name));
  model.on("handout", () => handout.take(unpacked(model.handout)));
  model.on("answered", () => lessons.answer(model.answered.refused));
  draw();
  takeSpotlight(model, host);
}
