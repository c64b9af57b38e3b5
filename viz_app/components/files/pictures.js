// Decodes pictures: every browser can, and Python need not.

import { contextOf, el } from "../common/elements.js";

/** @import { Chosen, Entry } from "./content.js" */

/** @typedef {ImageDataArray} Pixels */

/**
 * A picture as it is, if it is small enough, and in the size for all. One of lines has no size: it is
 * drawn in that for all.
 * @typedef {object} Picture
 * @property {number} width
 * @property {number} height
 * @property {Pixels | null} own
 * @property {Pixels} scaled
 */

/**
 * RGBA of a picture in a size, row by row, on white where it is transparent.
 * @param {CanvasImageSource} picture
 * @param {number} width
 * @param {number} height
 */
function pixels(picture, width, height) {
  const canvas = el("canvas", { width, height });
  const context = contextOf(canvas, { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.drawImage(picture, 0, 0, width, height);
  return context.getImageData(0, 0, width, height).data;
}

/**
 * A picture of pixels: turned as the camera was held, and of several frames the first one.
 * @param {Blob} file
 * @param {number} largest px of a side
 * @returns {Promise<Picture>}
 */
async function decodedPixels(file, largest) {
  const bitmap = await createImageBitmap(file);
  try {
    const { width, height } = bitmap;
    const own = Math.max(width, height) <= largest ? pixels(bitmap, width, height) : null;
    return { width, height, own, scaled: pixels(bitmap, largest, largest) };
  } finally {
    // One after the other: together, the photographs of a telephone would take gigabytes.
    bitmap.close();
  }
}

/**
 * A picture of lines (SVG), drawn in a size that no file decides. As an image it runs no script and
 * loads nothing.
 * @param {Blob} file
 * @param {number} largest px of a side
 * @returns {Promise<Picture>}
 */
async function decodedLines(file, largest) {
  const drawing = new DOMParser().parseFromString(await file.text(), "image/svg+xml");
  const root = drawing.documentElement;
  if (root.localName !== "svg") throw new Error("no drawing");
  const [width, height] = ["width", "height"].map((name) => parseFloat(root.getAttribute(name) ?? ""));
  if (!root.hasAttribute("viewBox") && width > 0 && height > 0) root.setAttribute("viewBox", `0 0 ${width} ${height}`);
  for (const name of ["width", "height"]) root.setAttribute(name, String(largest));
  root.setAttribute("preserveAspectRatio", "none");
  const text = new XMLSerializer().serializeToString(drawing);
  const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  try {
    const image = el("img", { src: address });
    await image.decode();
    const own = pixels(image, largest, largest);
    return { width: largest, height: largest, own, scaled: own };
  } finally {
    URL.revokeObjectURL(address);
  }
}

/**
 * A picture; null if it cannot be decoded.
 * @param {Blob} file
 * @param {boolean} isDrawing
 * @param {number} largest px of a side
 */
async function decoded(file, isDrawing, largest) {
  try {
    return await (isDrawing ? decodedLines : decodedPixels)(file, largest);
  } catch {
    return null;
  }
}

/** @param {Chosen} chosen */
const isDrawing = ({ path, file }) => file.type === "image/svg+xml" || path.toLowerCase().endsWith(".svg");

/**
 * What Python gets of pictures, and their pixels.
 * @param {Chosen[]} chosen
 * @param {number} largest px of a side
 * @returns {Promise<[Entry[], Blob]>}
 */
export async function readPictures(chosen, largest) {
  /** @type {(Picture | null)[]} */
  const pictures = [];
  for (const one of chosen) pictures.push(await decoded(one.file, isDrawing(one), largest));
  const good = pictures.filter((picture) => picture !== null);
  const scaled = good.some(({ width, height, own }) =>
    !own || width !== good[0].width || height !== good[0].height);
  const entries = pictures.map((picture, k) => {
    const name = chosen[k].path;
    if (!picture) return { name, size: 0, broken: true };
    const [width, height] = scaled ? [largest, largest] : [picture.width, picture.height];
    return { name, size: 4 * width * height, width, height, scaled };
  });
  return [entries, new Blob(good.map(({ own, scaled: other }) => (own && !scaled ? own : other)))];
}

/**
 * What Python gets of a single picture, as large as it is up to some size, and its pixels.
 * @param {Chosen} chosen
 * @param {number} largest px of the longer side
 * @returns {Promise<[Entry[], Blob]>}
 */
export async function readPicture(chosen, largest) {
  const { path: name, file } = chosen;
  try {
    if (isDrawing(chosen)) {
      const { own } = await decodedLines(file, largest);
      return own ? [[{ name, size: own.length, width: largest, height: largest }], new Blob([own])] : [[], new Blob()];
    }
    const bitmap = await createImageBitmap(file);
    const share = Math.min(1, largest / Math.max(bitmap.width, bitmap.height));
    const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * share)));
    const data = pixels(bitmap, width, height);
    bitmap.close();
    return [[{ name, size: data.length, width, height }], new Blob([data])];
  } catch {
    return [[{ name, size: 0, broken: true }], new Blob()];
  }
}
