// The menu "Share": the link of the moment in sight, what is seen as a picture or a drawing, its
// numbers, the iteration as code, and the page on paper.

import { el } from "../common/elements.js";
import { save } from "../common/saving.js";
import { asFile, drawingOf, gathered, pictureOf } from "./picture.js";
import { printWhatIsSeen } from "./printing.js";

/** @import { Model, Seen } from "../common/panel.js" */

const READING = 2000; // ms for which "Copied" stands there
// Where the keys that move in the menu lead to, from one item of so many.
/** @type {Record<string, (at: number, count: number) => number>} */
const KEYS = {
  ArrowDown: (at, count) => (at + 1) % count,
  ArrowUp: (at, count) => (at + count - 1) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

// What the code of an iteration can be written with.
const LIBRARIES = { core: "NumPy with ConvScope", numpy: "NumPy alone", torch: "PyTorch" };

/**
 * The button with its menu, and the field for a link that cannot be copied.
 * @param {Model<{ address: string }>} model
 */
export function makeShare(model) {
  const button = el("button", { type: "button", title: "Take this moment along", onclick: () => toggle(menu.hidden === true) },
    "Share");
  button.setAttribute("aria-haspopup", "menu");
  const link = el("input", {
    readOnly: true, hidden: true, ariaLabel: "link of this moment", onblur: () => { link.hidden = true; },
  });
  const menu = el("div", { className: "menu", role: "menu", ariaLabel: "Share", hidden: true });
  const node = el("span", { className: "share seldom", "data-control": "share" }, button, menu);

  // That of the page is written a moment later, and in a frame says so; what it carries is there.
  const address = () => new URL(model.address + location.hash || location.href, location.href).href;
  // Of a lesson that travels in the link nobody reads three thousand letters.
  const legible = () => address().split("#")[0];
  const name = () => {
    const words = new URL(address()).searchParams;
    return ["preset", "iteration", "stage", "inner"].map((word) => words.get(word)).filter(Boolean).join("-");
  };

  /** @param {string} done */
  function say(done) {
    button.textContent = done;
    setTimeout(() => { button.textContent = "Share"; }, READING);
  }

  /**
   * Save a file, and let it be said under which name.
   * @param {string} kind
   * @param {Blob} content
   */
  function keep(kind, content) {
    const saved = `convscope-${name()}.${kind}`;
    save(saved, content);
    model.send_msg({ saved });
  }

  async function copyLink() {
    try {
      await navigator.clipboard.writeText(address());
      say("Copied");
    } catch {
      // Not permitted, as on a page that came without TLS: to be copied by hand.
      link.value = address();
      link.hidden = false;
      link.select();
    }
  }

  /** @param {Seen} seen */
  async function copyPicture(seen) {
    const picture = pictureOf(seen, legible());
    try {
      await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
      say("Copied");
    } catch {
      keep("png", await picture);
    }
  }

  /**
   * @param {string} title
   * @param {(seen: Seen) => void} take
   */
  const item = (title, take) => el("button", { type: "button", role: "menuitem", tabIndex: -1, onclick: () => {
    toggle(false);
    const seen = gathered();
    if (seen) take(seen);
  } }, title);
  const codes = Object.entries(LIBRARIES).map(([code, title]) =>
    el("button", { type: "button", role: "menuitem", tabIndex: -1, onclick: () => {
      toggle(false);
      model.send_msg({ code });
    } }, title));
  const before = [
    el("button", { type: "button", role: "menuitem", tabIndex: -1, onclick: () => { toggle(false); copyLink(); } },
      "Copy link"),
    item("Copy picture", copyPicture),
    item("Save picture (PNG)", async (seen) => keep("png", await pictureOf(seen, legible()))),
    item("Save drawing (SVG)", (seen) => keep("svg", asFile(drawingOf(seen, legible())))),
    item("Save numbers (CSV)", ({ board }) => keep("csv", new Blob([board.csv()], { type: "text/csv" }))),
  ];
  const print = item("Print", () => window.print());
  // In the order of the arrow keys.
  const items = [...before, ...codes, print];
  menu.append(...before,
    el("div", { className: "code", role: "group", ariaLabel: "Code" }, el("span", { ariaHidden: "true" }, "Code"), ...codes), print);

  /** @param {boolean} opened */
  function toggle(opened) {
    menu.hidden = !opened;
    button.setAttribute("aria-expanded", String(opened));
    if (opened) items[0].focus();
    else if (node.contains(focused())) button.focus();
  }

  const focused = () => /** @type {Document | ShadowRoot} */ (node.getRootNode()).activeElement;

  node.addEventListener("keydown", (event) => {
    if (menu.hidden) return;
    const at = items.findIndex((one) => one === focused()), next = KEYS[event.key];
    if (event.key === "Tab") toggle(false);
    else if (event.key === "Escape" || next) {
      // For the page these keys mean something else.
      event.stopPropagation();
      event.preventDefault();
      if (next) items[next(at, items.length)].focus();
      else toggle(false);
    }
  });
  /** @param {Event} event */
  const outside = (event) => {
    if (!menu.hidden && !event.composedPath().includes(node)) toggle(false);
  };
  document.addEventListener("pointerdown", outside);
  const stop = printWhatIsSeen(legible);
  model.on("remove", () => {
    document.removeEventListener("pointerdown", outside);
    stop();
  });
  model.on("address", () => { link.hidden = true; });
  // The code that was asked for.
  model.on("msg:custom", ({ name: file, content }) => save(file, new Blob([content])));
  toggle(false);
  return [link, node];
}
