// A person's own files. Pictures are decoded here: every browser can, and Python need not.

import { whenDrawn } from "../common/bokeh.js";
import { contextOf, el } from "../common/elements.js";
import { leaveFiles, takeFiles } from "../storage/files.js";
import { sendParts } from "./parts.js";

/** @import { Rendered } from "../common/panel.js" */

/**
 * A picture as it is, if it is small enough, and in the size for all.
 * @typedef {object} Picture
 * @property {number} width
 * @property {number} height
 * @property {Pixels | null} own
 * @property {Pixels} scaled
 */

/**
 * What Python is told of a file, see `ChosenFile` of `upload.py`.
 * @typedef {object} Entry
 * @property {string} name
 * @property {number} size bytes that are sent of it
 * @property {number} [width]
 * @property {number} [height]
 * @property {boolean} [scaled]
 * @property {boolean} [broken]
 */

/** @typedef {ImageDataArray} Pixels */

/**
 * RGBA of a picture in a size, row by row, on white where it is transparent.
 * @param {ImageBitmap} bitmap
 * @param {number} width
 * @param {number} height
 */
function pixels(bitmap, width, height) {
  const canvas = el("canvas", { width, height });
  const context = contextOf(canvas, { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  return context.getImageData(0, 0, width, height).data;
}

/**
 * A picture; null if it cannot be decoded.
 * @param {File} file
 * @param {number} largest px of a side
 * @returns {Promise<Picture | null>}
 */
async function decoded(file, largest) {
  try {
    const bitmap = await createImageBitmap(file);
    const { width, height } = bitmap;
    const own = Math.max(width, height) <= largest ? pixels(bitmap, width, height) : null;
    const scaled = pixels(bitmap, largest, largest);
    // One after the other: together, the photographs of a telephone would take gigabytes.
    bitmap.close();
    return { width, height, own, scaled };
  } catch {
    return null;
  }
}

/**
 * What Python gets of pictures, and their pixels.
 * @param {File[]} files
 * @param {number} largest px of a side
 * @returns {Promise<[Entry[], Blob]>}
 */
async function readPictures(files, largest) {
  /** @type {(Picture | null)[]} */
  const pictures = [];
  for (const file of files) pictures.push(await decoded(file, largest));
  const good = pictures.filter((picture) => picture !== null);
  const scaled = good.some(({ width, height, own }) =>
    !own || width !== good[0].width || height !== good[0].height);
  const entries = pictures.map((picture, k) => {
    const { name } = files[k];
    if (!picture) return { name, size: 0, broken: true };
    const [width, height] = scaled ? [largest, largest] : [picture.width, picture.height];
    return { name, size: 4 * width * height, width, height, scaled };
  });
  return [entries, new Blob(good.map(({ own, scaled: other }) => (own && !scaled ? own : other)))];
}

/**
 * What Python gets of files that it reads itself, and their bytes.
 * @param {File[]} files
 * @returns {Promise<[Entry[], Blob]>}
 */
async function readAsTheyAre(files) {
  try {
    const contents = await Promise.all(files.map((file) => file.arrayBuffer()));
    return [files.map(({ name, size }) => ({ name, size })), new Blob(contents)];
  } catch {
    return [files.map(({ name }) => ({ name, size: 0, broken: true })), new Blob()];
  }
}

/** @param {Rendered<{ accept: string, limit: number, largest: number }>} component */
export function render({ model, el: host }) {
  const input = el("input", {
    type: "file", multiple: true, accept: model.accept, ariaLabel: "Your data",
    title: "One .npz with images and labels, or images named after their class, such as cat-01.png",
  });
  host.append(el("label", {}, input, "Your data"));

  /**
   * What was sent last, to be sent again by a page that is opened in place of this one.
   * @type {{ entries: Entry[], content: Blob } | null}
   */
  let sent = null;

  /** @param {File[]} files */
  async function choose(files) {
    const archive = files.some(({ name }) => name.toLowerCase().endsWith(".npz"));
    /** @param {{ size: number }[]} list */
    const total = (list) => list.reduce((sum, { size }) => sum + size, 0);
    /** @type {Entry[]} */
    let entries = files.map(({ name, size }) => ({ name, size }));
    let content = new Blob();
    // What will be refused is not read.
    if (total(files) <= model.limit && !(archive && files.length > 1)) {
      [entries, content] = await (archive ? readAsTheyAre(files) : readPictures(files, model.largest));
    }
    await send(entries, total(entries) <= model.limit ? content : new Blob());
  }

  /**
   * @param {Entry[]} entries
   * @param {Blob} content
   */
  async function send(entries, content) {
    sent = { entries, content };
    await sendParts(model, content);
    model.send_msg({ files: entries });
  }

  input.onchange = async () => {
    if (!input.files?.length) return;
    input.disabled = true;
    try {
      await choose([...input.files]);
    } finally {
      input.disabled = false;
      // So that a mended file of the same name is taken again.
      input.value = "";
    }
  };

  /** @param {CustomEvent<Promise<unknown>[]>} event */
  const leave = ({ detail }) => {
    const own = new URLSearchParams(location.search).get("data") === "own";
    if (sent && own) detail.push(leaveFiles(sent));
  };
  document.addEventListener("cs-leaving", leave);
  model.on("remove", () => document.removeEventListener("cs-leaving", leave));
  whenDrawn(() => {
    takeFiles()
      .then((kept) => kept && send(kept.entries, kept.content))
      .catch((error) => console.debug(`No files were left: ${error}`));
  });
}
