// A person's own files: chosen, a folder of them, or dropped here.

import { whenDrawn } from "../common/bokeh.js";
import { el } from "../common/elements.js";
import { leaveFiles, takeFiles } from "../storage/files.js";
import { chosenOf, droppedOf } from "./chosen.js";
import { showFound } from "./found.js";
import { sendParts } from "./parts.js";
import { readPicture, readPictures } from "./pictures.js";

/** @import { Rendered } from "../common/panel.js" */
/** @import { Chosen, Entry, FoundData, Outcome, Wanted } from "./content.js" */


/**
 * What `upload.py` says of itself.
 * @typedef {object} Properties
 * @property {string[]} pictures endings of files that are decoded here
 * @property {string[]} data endings of files of images with labels
 * @property {number} limit bytes
 * @property {number} largest px of a side
 * @property {number} alone px of a side of a single picture
 * @property {string} reading how far that is; empty if nothing is read
 * @property {FoundData | {}} found
 * @property {Outcome | {}} outcome
 * @property {number} taken
 * @property {string} own
 */

/**
 * What Python gets of files that it reads itself, and their bytes.
 * @param {Chosen[]} chosen
 * @returns {Promise<[Entry[], Blob]>}
 */
async function readAsTheyAre(chosen) {
  try {
    const contents = await Promise.all(chosen.map(({ file }) => file.arrayBuffer()));
    return [chosen.map(({ path, file }) => ({ name: path, size: file.size })), new Blob(contents)];
  } catch {
    return [chosen.map(({ path }) => ({ name: path, size: 0, broken: true })), new Blob()];
  }
}

/** @param {Rendered<Properties>} component */
export function render({ model, el: host }) {
  const input = el("input", {
    type: "file", multiple: true, ariaLabel: "Your data", onchange: () => take(input),
    title: "Pictures named after their class, such as cat-01.png, or a file of images with labels",
  });
  const folder = el("input", {
    type: "file", webkitdirectory: true, ariaLabel: "Folder of your data", onchange: () => take(folder),
    title: "A folder with a folder of pictures for each class",
  });
  const remove = el("button", { type: "button", className: "remove", onclick: () => model.send_msg({ remove: true }) });
  const far = el("span", { role: "status" });
  const progress = el("p", { className: "progress" }, far,
    el("button", { type: "button", onclick: () => model.send_msg({ stop: true }) }, "Stop reading"));
  const zone = el("div", { className: "zone" },
    el("div", { className: "ways" }, el("label", {}, input, "Your data"), el("label", {}, folder, "Folder")),
    el("p", { className: "hint" }, "or drop files or a folder here"), progress, remove);
  host.append(zone);

  /** @typedef {{ entries: Entry[], content: Blob }} Sent */
  /**
   * What was sent last; and what is trained on, to be sent again by a page opened in place of this.
   * @type {Sent | null}
   */
  let last = null;
  /** @type {(Sent & { wanted: Wanted }) | null} */
  let inUse = null;
  /** @type {Wanted | null} */
  let wanted = null;
  /** @type {ReturnType<typeof showFound> | null} */
  let shown = null;

  /** @param {Chosen} chosen */
  const isPicture = ({ path, file }) => file.type.startsWith("image/")
    || model.pictures.some((ending) => path.toLowerCase().endsWith(ending));

  /** @param {Chosen} chosen */
  const isData = ({ path }) => model.data.some((ending) => path.toLowerCase().endsWith(ending));

  /** @param {Chosen[]} all */
  async function choose(all) {
    if (!all.length) return;
    const pictures = all.filter(isPicture), inFolder = all.some(({ path }) => path.includes("/"));
    // A note beside several pictures is no more meant than one in their folder.
    const isBeside = inFolder || (pictures.length > 1 && !all.some(isData));
    const chosen = isBeside && pictures.length ? pictures : all;
    const over = all.filter((one) => !chosen.includes(one));
    const areData = chosen.every((one) => !isPicture(one)), arePictures = pictures.length === chosen.length;
    // Pictures are sent in the size for all, files as they are.
    const expected = arePictures
      ? chosen.length * 4 * model.largest ** 2
      : chosen.reduce((sum, { file }) => sum + file.size, 0);
    /** @type {Entry[]} */
    let entries = chosen.map(({ path, file }) => ({ name: path, size: file.size }));
    let content = new Blob();
    // What will be refused is not read.
    if (expected <= model.limit && areData) [entries, content] = await readAsTheyAre(chosen);
    else if (expected <= model.limit && arePictures) {
      [entries, content] = await (chosen.length === 1
        ? readPicture(chosen[0], model.alone)
        : readPictures(chosen, model.largest));
    }
    entries.push(...over.map(({ path }) => ({ name: path, size: 0, passed_over: true })));
    last = { entries, content };
    await send(last);
  }

  /**
   * @param {Sent} files
   * @param {Wanted | null} decided how its classes are wanted, if that is known
   */
  async function send({ entries, content }, decided = null) {
    await sendParts(model, content);
    model.send_msg({ files: entries, ...(decided && { wanted: decided }) });
  }

  /** @param {HTMLInputElement} field */
  async function take(field) {
    if (field.files?.length) await busy(async () => choose(chosenOf(field.files ?? [])));
  }

  /** @param {() => Promise<void>} work */
  async function busy(work) {
    for (const field of [input, folder]) field.disabled = true;
    try {
      await work();
    } finally {
      for (const field of [input, folder]) {
        field.disabled = false;
        // So that a mended file of the same name is taken again.
        field.value = "";
      }
    }
  }

  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    const { dataTransfer } = event;
    if (dataTransfer && !input.disabled) busy(async () => choose(await droppedOf(dataTransfer)));
  });

  function show() {
    const before = shown?.wanted() ?? null;
    shown?.close();
    shown = null;
    if (!("number" in model.found)) return;
    shown = showFound(host, model.found, {
      train: (how) => { wanted = how; model.send_msg({ train: how }); },
      look: (how) => model.send_msg({ look: how }),
      mix: (how) => { wanted = how; model.send_msg({ mix: true }); },
      cancel: () => { shown = null; model.send_msg({ cancel: true }); },
    }, before);
  }

  function write() {
    far.textContent = model.reading;
    progress.hidden = !model.reading;
    remove.textContent = `Remove ${model.own}`;
    remove.hidden = !model.own;
  }

  model.on("found", show);
  model.on("outcome", () => { if ("names" in model.outcome) shown?.tell(model.outcome); });
  for (const name of ["own", "reading"]) model.on(name, write);
  model.on("taken", () => { if (last && wanted) inUse = { ...last, wanted }; });
  write();

  /** @param {CustomEvent<Promise<unknown>[]>} event */
  const leave = ({ detail }) => {
    const own = new URLSearchParams(location.search).get("data") === "own";
    if (inUse && own) detail.push(leaveFiles(inUse));
  };
  document.addEventListener("cs-leaving", leave);
  model.on("remove", () => document.removeEventListener("cs-leaving", leave));
  whenDrawn(() => {
    takeFiles().then((kept) => {
      if (!kept) return;
      last = { entries: kept.entries, content: kept.content };
      ({ wanted } = kept);
      send(kept, kept.wanted);
    }).catch((error) => console.debug(`No files were left: ${error}`));
  });
}
