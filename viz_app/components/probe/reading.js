// Pictures from a file or the clipboard, decoded here: every browser can, and Python need not.

import { contextOf, el } from "../common/elements.js";

// Python gets no more pixels than these at a side: what a network takes is smaller still.
const LARGEST = 256;
// A larger file is no picture that anybody means.
const MOST_BYTES = 50_000_000;

/**
 * A picture with its orientation as the camera noted it.
 * @param {Blob} file
 * @returns {Promise<CanvasImageSource & { width: number, height: number }>}
 */
async function decoded(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    // A drawing (SVG) has to be an image of the page first.
    const address = URL.createObjectURL(file);
    try {
      const image = el("img", { src: address });
      await image.decode();
      // One without a size of its own.
      image.width = image.naturalWidth || LARGEST;
      image.height = image.naturalHeight || LARGEST;
      return image;
    } finally {
      URL.revokeObjectURL(address);
    }
  }
}

/**
 * Red, green, blue and opacity of a picture; what is too large is made smaller.
 * @param {File} file
 * @returns {Promise<{ name: string, width: number, height: number, pixels: Blob }>}
 * @throws {Error} it cannot be read; the message says what to do
 */
export async function pixelsOf(file) {
  const name = file.name || "The picture";
  if (file.size > MOST_BYTES) {
    throw new Error(`${name} takes ${Math.round(file.size / 1e6)} MB; choose one of at most ${MOST_BYTES / 1e6} MB.`);
  }
  const picture = await decoded(file).catch(() => null);
  if (!picture?.width || !picture.height) {
    throw new Error(`${name} is no picture that this browser can read: save it as PNG or JPEG.`);
  }
  const scale = Math.min(1, LARGEST / Math.max(picture.width, picture.height));
  const width = Math.max(1, Math.round(picture.width * scale)), height = Math.max(1, Math.round(picture.height * scale));
  const context = contextOf(el("canvas", { width, height }), { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, width, height);
  return { name, width, height, pixels: new Blob([context.getImageData(0, 0, width, height).data]) };
}

/**
 * The picture among what is pasted or dropped; null if there is none.
 * @param {DataTransfer | null} data
 */
export function pictureIn(data) {
  return [...data?.files ?? []].find(({ type }) => type.startsWith("image/")) ?? null;
}
