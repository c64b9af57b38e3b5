// Which classes were found in somebody's files, before they are trained on: their names can be
// changed, and classes be merged or left out.

import { openDialog } from "../common/dialog.js";
import { contextOf, el, write } from "../common/elements.js";

/** @import { FoundClass, FoundData, Outcome, Wanted } from "./content.js" */

// Milliseconds without another letter before it is found out what would be trained on.
const REST = 200;

/**
 * The pictures of a class, side by side.
 * @param {FoundClass} of
 * @param {FoundData} found
 */
function samplesOf({ pictures }, { width, height }) {
  const bytes = Uint8Array.from(atob(pictures), (letter) => letter.charCodeAt(0));
  const count = Math.floor(bytes.length / (3 * width * height));
  return Array.from({ length: count }, (_, k) => {
    const canvas = el("canvas", { width, height, className: "sample", "aria-hidden": "true" });
    const image = new ImageData(width, height);
    for (let pixel = 0; pixel < width * height; pixel++) {
      const from = 3 * (k * width * height + pixel);
      image.data.set([bytes[from], bytes[from + 1], bytes[from + 2], 255], 4 * pixel);
    }
    contextOf(canvas).putImageData(image, 0, 0);
    return canvas;
  });
}

/**
 * What was typed, as it is compared with other names.
 * @param {HTMLInputElement} field
 */
const nameIn = (field) => field.value.normalize("NFC").split(/\s+/).filter(Boolean).join(" ");

/**
 * Show what was found.
 * @param {HTMLElement} room where the dialog is put
 * @param {FoundData} found
 * @param {{ train: (wanted: Wanted) => void, mix: (wanted: Wanted) => void, look: (wanted: Wanted) => void, cancel: () => void }} then what is pressed, and `look` where it shall be told what would be trained on
 * @param {Wanted | null} before how the classes were wanted until now
 */
export function showFound(room, found, then, before) {
  const rows = found.classes.map((one, k) => {
    const name = before?.names[k];
    const field = el("input", {
      type: "text", value: name || one.name, ariaLabel: `Name of class ${k + 1}, ${one.name}`,
      autocomplete: "off", spellcheck: false, oninput: () => say(),
      // Without a name a class keeps that which was found, and is left out by its box alone.
      onchange: () => { field.value = nameIn(field) || one.name; },
    });
    const use = el("input", {
      type: "checkbox", checked: name !== "", ariaLabel: `Use ${one.name}`,
      onchange: () => { field.disabled = !use.checked; say(); },
    });
    field.disabled = !use.checked;
    const images = el("span", { className: "images" }, `${one.train + one.test}`);
    images.title = `${one.train} to train on, ${one.test} to test on`;
    return {
      one, field, use,
      node: el("li", {}, el("span", { className: "use" }, use),
        el("span", { className: "samples" }, ...samplesOf(one, found)), el("span", { className: "name" }, field),
        images, el("span", { className: "parts" }, `${one.train} + ${one.test}`)),
    };
  });
  const outcome = el("p", { className: "outcome", role: "status" });
  const fault = el("p", { className: "fault", role: "alert" }, found.fault);
  const train = el("button", { type: "button", className: "primary", autofocus: true, onclick: () => then.train(wanted()) }, "Train on these");
  const cancel = el("button", { type: "button", onclick: () => dialog.close() }, "Cancel");
  const mix = el("button", { type: "button", onclick: () => then.mix(wanted()) }, "Mix and split anew");
  const notes = el("ul", { className: "notes", ariaLabel: "Notes" });

  /** @returns {Wanted} */
  const wanted = () => ({
    names: rows.map(({ field, use, one }) => (use.checked ? nameIn(field) || one.name : "")),
    mixed: found.mixed,
  });

  let pause = 0;
  /** Find out what would be trained on. */
  function say() {
    clearTimeout(pause);
    const how = wanted();
    train.disabled = new Set(how.names.filter(Boolean)).size < 2;
    if (train.disabled) write(outcome, "At least two classes of different names are needed.");
    else pause = setTimeout(() => then.look(how), REST);
  }

  /**
   * Say what would be trained on.
   * @param {Outcome} told
   */
  function tell({ names, text, remarks }) {
    // What was typed since is not told of yet.
    if (`${names}` !== `${wanted().names}`) return;
    write(outcome, text);
    notes.replaceChildren(...[...found.notes, ...remarks].map((line) => el("li", {}, line)));
  }

  const dialog = openDialog(room, `${found.classes.length} ${found.classes.length === 1 ? "class" : "classes"} found in ${found.title}`,
    el("p", {}, found.about),
    notes,
    ...(found.canMix ? [el("div", {}, mix)] : []),
    el("div", { className: "list" },
      el("div", { className: "head", "aria-hidden": "true" }, el("span", { className: "use" }, "Use"),
        el("span", { className: "name" }, "Class"), el("span", { className: "images" }, "Images"), el("span", { className: "parts" }, "train + test")),
      el("ul", { className: "classes", ariaLabel: "Classes" }, ...rows.map(({ node }) => node))),
    el("p", { className: "hint" }, "Names can be changed. Classes of the same name become one."),
    outcome, fault, el("div", { className: "choices" }, cancel, train));
  dialog.classList.add("found");
  // Beside it somebody clicks by mistake, and what was typed would be lost.
  dialog.addEventListener("click", (event) => { if (event.target === dialog) event.stopImmediatePropagation(); }, true);
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target instanceof HTMLInputElement && !train.disabled) then.train(wanted());
  });
  let replaced = false;
  dialog.addEventListener("close", () => { if (!replaced) then.cancel(); });
  tell({ ...found.outcome, names: wanted().names });
  if (before) say();
  return {
    wanted,
    tell,
    /** Close it, since it was answered. */
    close() {
      clearTimeout(pause);
      replaced = true;
      dialog.close();
    },
  };
}
