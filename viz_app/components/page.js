// What belongs to the page: its address, keys, light and dark, the width of a phone. Where the
// dashboard is not the whole page (`whole`), nothing but the font of formulas, and the keys pressed
// inside it.

import { whenDrawn } from "./common/bokeh.js";
import { el, focused } from "./common/elements.js";
import { declare } from "./common/font.js";
import { hear, rootOf, say } from "./common/together.js";
import { SHORTCUTS } from "./help/shortcuts.js";
import { markLandmarks } from "./landmarks.js";
import { embedded, isEmbedded, markEmbedded } from "./sharing/embed.js";

/** @import { Font } from "./common/font.js" */
/** @import { Rendered } from "./common/panel.js" */

const SILENT = "convscope-no-single-keys"; // kept by browsers that keep anything
const REPEAT = 150; // ms

/**
 * What `page.py` says of itself.
 * @typedef {object} Properties
 * @property {boolean} whole
 * @property {Font} font
 * @property {string} space
 * @property {boolean} playing
 * @property {string} address
 * @property {string} carried
 * @property {number} visited
 * @property {number} answered
 * @property {boolean} opened
 * @property {boolean} dark
 * @property {boolean} touched
 * @property {boolean} present
 * @property {number} scale
 * @property {boolean} keys
 */

/**
 * Keep whether single keys do something, for the next visit; a browser may keep nothing.
 * @param {Rendered<Properties>["model"]} model
 */
function keepSwitch(model) {
  try {
    if (localStorage.getItem(SILENT)) model.keys = false;
    model.on("keys", () => {
      if (model.keys) localStorage.removeItem(SILENT); else localStorage.setItem(SILENT, "yes");
    });
  } catch {
    // Then for this visit.
  }
}

/** @param {Rendered<Properties>} component */
export function render({ model, el: host }) {
  const page = document.documentElement;
  declare(model.font);
  let last = 0;
  // The field into which something is being typed, and what stood in it before.
  /** @type {Element | null} */
  let typedIn = null;
  let textBefore = "";
  const type = () => {
    const at = focused();
    if (at === typedIn || !(at instanceof HTMLInputElement)) return;
    typedIn = at;
    textBefore = at.value;
    at.addEventListener("change", () => { typedIn = null; }, { once: true });
  };

  /** @param {KeyboardEvent} event */
  function press(event) {
    const isCtrl = event.ctrlKey || event.metaKey;
    // With Ctrl a letter is the same in capitals; without, it is what is written.
    const shortcut = SHORTCUTS.find(({ key, ctrl = false, shift = false }) => ctrl === isCtrl
      && (ctrl ? key === event.key.toLowerCase() && shift === event.shiftKey : key === event.key));
    // What has the focus may have keys of its own: a slider, a matrix.
    if (!shortcut || event.defaultPrevented || event.altKey) return;
    if (model.whole && !page.matches(".cs-drawn")) return;
    const at = focused();
    if (["INPUT", "SELECT", "TEXTAREA"].includes(at?.tagName ?? "")) {
      if (event.key !== "Escape" || !(at instanceof HTMLElement)) return;
      // What was typed and not entered is not meant.
      if (at instanceof HTMLInputElement && at === typedIn && !at.readOnly) at.value = textBefore;
      at.blur();
    }
    // Space presses the button that has the focus.
    if (event.key === " " && at?.tagName === "BUTTON") return;
    if (!model.keys && !shortcut.always) return;
    event.preventDefault();
    const { action } = shortcut;
    if (action === "help") {
      rootOf(host).dispatchEvent(new Event("cs-help"));
      return;
    }
    // A key that is held down does not run ahead of what is drawn.
    if (event.repeat && event.timeStamp - last < REPEAT) return;
    last = event.timeStamp;
    const asked = action === "space" ? model.space : action;
    // At grain Cell the board does it.
    if (!say(host, "press", asked)) model.send_msg({ key: asked });
  }

  /** @type {GlobalEventHandlers} */
  const listens = model.whole ? document : rootOf(host);
  listens.addEventListener("keydown", press);
  listens.addEventListener("beforeinput", type);
  model.on("remove", () => {
    listens.removeEventListener("keydown", press);
    listens.removeEventListener("beforeinput", type);
  });
  keepSwitch(model);
  // At once, not when Python has heard of it: the next key may be pressed already.
  hear(model, host, "keys", (/** @type {boolean} */ on) => { model.keys = on; });
  // So that Play does not run ahead of a slow browser, and Pause not behind it: all of the change is
  // drawn first.
  model.on("moment", () => {
    if (model.playing) setTimeout(() => model.send_msg({ drawn: true }));
  });
  const root = model.whole ? page : rootOf(host);
  // Where there is no style sheet yet there is no size.
  const measure = () => {
    const scale = Number(getComputedStyle(root).getPropertyValue("--cs-scale"));
    if (scale && scale !== model.scale) model.scale = scale;
  };
  window.addEventListener("resize", measure);
  model.on("remove", () => window.removeEventListener("resize", measure));
  model.on("present", () => {
    if (model.whole) page.classList.toggle("cs-present", model.present);
    measure();
  });
  if (!model.whole) return;

  if (!document.querySelector("meta[name=viewport]")) {
    document.head.append(el("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }));
  }
  page.lang = "en";
  const inFrame = isEmbedded();
  // The parts that a frame has no room for shall not be seen first.
  if (inFrame) page.style.visibility = "hidden";
  const here = () => (inFrame ? embedded(model.address) : model.address) + model.carried;
  const paint = () => page.classList.toggle("cs-dark", model.dark);
  // A step replaces the address: the browser's own Back leads to the last moment that was visited
  // by a link or an explanation, not through a thousand steps. And not too often: browsers ignore a
  // page that does it hundreds of times in a few seconds.
  /** @type {number | undefined} */
  let late;
  let pushed = model.visited, asked = model.answered, address = here();
  const replace = () => {
    clearTimeout(late);
    late = undefined;
    history.replaceState(null, "", address);
  };
  const write = () => {
    const visits = model.visited > pushed;
    pushed = model.visited;
    // Of a moment that was left by the browser's Back or Forward: it has no place of its own here.
    if (model.answered < asked) return;
    if (visits) {
      if (late !== undefined) replace();
      address = here();
      history.pushState(null, "", address);
    } else {
      address = here();
      late ??= setTimeout(replace, 200);
    }
  };
  model.on("address", write);
  // Not in front of what comes with it: the entry before is not this lesson's.
  model.on("carried", () => setTimeout(() => { if (address !== here() || pushed !== model.visited) write(); }));
  // What was opened may lead to the moment that was in sight already.
  model.on("answered", write);
  const opened = () => {
    clearTimeout(late);
    late = undefined;
    asked += 1;
    model.send_msg({ opened: location.search + location.hash, number: asked });
  };
  window.addEventListener("popstate", opened);
  model.on("remove", () => window.removeEventListener("popstate", opened));
  model.on("dark", paint);
  if (!model.touched && window.matchMedia("(prefers-color-scheme: dark)").matches) model.dark = true;
  paint();
  page.classList.toggle("cs-present", model.present);
  whenDrawn(() => {
    measure();
    markLandmarks(rootOf(host));
    if (inFrame) markEmbedded(rootOf(host));
    page.style.visibility = "";
    // Until now the style sheet let nobody press anything.
    page.classList.add("cs-drawn");
    if (model.opened) {
      // Python may have been there before this page was; no address is of no moment yet.
      if (model.address) write();
    } else if (location.search) opened();
  });
}
