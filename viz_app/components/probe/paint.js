// Pictures of bytes, and of the gradient of a picture.

import { pixelScale } from "../common/colours.js";
import { contextOf } from "../common/elements.js";

/** @import { Shape } from "./brush.js" */

/**
 * Bytes from their text.
 * @param {string} text in base64
 */
export const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/**
 * Bytes as text, in base64.
 * @param {Uint8Array} bytes
 */
export const textOf = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

/**
 * Draw a picture of bytes, grey or coloured, pixel by pixel.
 * @param {HTMLCanvasElement} canvas
 * @param {Uint8Array} bytes channel by channel
 * @param {Shape} shape
 */
export function paintBytes(canvas, bytes, [channels, rows, columns]) {
  const size = rows * columns;
  if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
  const context = contextOf(canvas), image = context.createImageData(columns, rows);
  for (let k = 0; k < size; k++) {
    for (let c = 0; c < 3; c++) image.data[4 * k + c] = bytes[(c % channels) * size + k];
    image.data[4 * k + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/**
 * Draw a gradient, its channels side by side.
 * @param {HTMLCanvasElement} canvas
 * @param {Float32Array | Float64Array} numbers
 * @param {Shape} shape
 * @param {number} most where the scale ends, on both sides of zero
 * @param {string[]} stops
 */
export function paintGradient(canvas, numbers, [channels, rows, columns], most, stops) {
  const gap = channels > 1 ? 1 : 0, across = channels * (columns + gap) - gap;
  if (canvas.width !== across || canvas.height !== rows) Object.assign(canvas, { width: across, height: rows });
  const context = contextOf(canvas), image = context.createImageData(across, rows);
  const pixels = new Uint32Array(image.data.buffer), colour = pixelScale(stops, -(most || 1), most || 1);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        pixels[i * across + c * (columns + gap) + j] = colour(numbers[(c * rows + i) * columns + j]);
      }
    }
  }
  context.putImageData(image, 0, 0);
}
