// Colour scales: from numbers to colours.

/**
 * Red, green and blue, each from 0 to 255.
 * @typedef {[number, number, number]} Colour
 */

/**
 * @param {string} hex such as "#12ab00"
 * @returns {Colour}
 */
export function rgbOf(hex) {
  /** @param {number} start */
  const part = (start) => parseInt(hex.slice(start, start + 2), 16);
  return [part(1), part(3), part(5)];
}

/**
 * A colour scale: value → [r, g, b], from evenly spaced hex stops between low and high.
 * @param {string[]} stops
 * @param {number} low
 * @param {number} high
 * @returns {(value: number) => Colour}
 */
export function colourScale(stops, low, high) {
  const colours = stops.map(rgbOf);
  const span = high - low || 1;
  return (value) => {
    if (!Number.isFinite(value)) return [255, 0, 255];
    const at = Math.max(0, Math.min(1, (value - low) / span)) * (colours.length - 1);
    const k = Math.min(colours.length - 2, Math.floor(at));
    const part = at - k, from = colours[k], to = colours[k + 1];
    /** @param {0 | 1 | 2} i */
    const between = (i) => Math.round(from[i] + (to[i] - from[i]) * part);
    return [between(0), between(1), between(2)];
  };
}

// Black and white stand out equally from a colour of this luminance; see `luminance`.
const MIDDLE = Math.sqrt(1.05 * 0.05) - 0.05;

/**
 * The relative luminance of a colour, as the Web Content Accessibility Guidelines 2.2 define it.
 * @param {Colour} colour
 */
export function luminance(colour) {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * What can be read best on a colour: with a contrast of 4.58 to 1 at the least.
 * @param {Colour} colour
 */
export const inkOn = (colour) => (luminance(colour) < MIDDLE ? "white" : "black");

/** @type {Map<string, Uint32Array>} */
const TABLES = new Map();

/**
 * The same colours in 256 steps as 32-bit pixels, for pictures of many small cells.
 * @param {string[]} stops
 * @param {number} low
 * @param {number} high
 * @returns {(value: number) => number}
 */
export function pixelScale(stops, low, high) {
  const table = tableOf(stops), factor = 255 / (high - low || 1);
  return (value) => (Number.isFinite(value)
    ? table[Math.max(0, Math.min(255, Math.round((value - low) * factor)))] : 0xffff00ff);
}

/** @param {string[]} stops */
function tableOf(stops) {
  const key = stops.join();
  let table = TABLES.get(key);
  if (!table) {
    const scale = colourScale(stops, 0, 255);
    table = Uint32Array.from({ length: 256 }, (_, k) => {
      const [r, g, b] = scale(k);
      return (255 << 24 | b << 16 | g << 8 | r) >>> 0;
    });
    TABLES.set(key, table);
  }
  return table;
}
