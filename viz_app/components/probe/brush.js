// A picture that is drawn on: bytes at the size that the network takes.

/** @typedef {[channels: number, rows: number, columns: number]} Shape */
/** @typedef {{ x: number, y: number }} Point in pixels of the picture, from its corner */

// Strokes that can be taken back.
const STEPS = 50;

/**
 * How far a point is from a line between two others.
 * @param {Point} point
 * @param {Point} from
 * @param {Point} to
 */
export function distance({ x, y }, from, to) {
  const across = to.x - from.x, down = to.y - from.y;
  const length = across * across + down * down;
  const share = length ? Math.max(0, Math.min(1, ((x - from.x) * across + (y - from.y) * down) / length)) : 0;
  return Math.hypot(x - from.x - share * across, y - from.y - share * down);
}

/** Bytes, channel by channel, and the strokes on them. */
export class Drawing {
  /**
   * @param {Shape} shape
   * @param {number[]} background of each channel
   */
  constructor(shape, background) {
    this.shape = shape;
    this.background = background;
    /** @type {Uint8Array} */
    this.pixels = this.blank();
    /** @type {Uint8Array[]} */
    this.before = [];
    /** @type {{ base: Uint8Array, cover: Float32Array, colour: number[], radius: number, at: Point } | null} */
    this.stroke = null;
  }

  blank() {
    const [channels, rows, columns] = this.shape;
    const size = rows * columns, pixels = new Uint8Array(channels * size);
    for (let c = 0; c < channels; c++) pixels.fill(this.background[c], c * size, (c + 1) * size);
    return pixels;
  }

  /**
   * Take over a picture from elsewhere; what was drawn before it can be got back.
   * @param {Uint8Array} pixels
   */
  take(pixels) {
    if (pixels.length !== this.pixels.length || pixels.every((byte, k) => byte === this.pixels[k])) return;
    this.stroke = null;
    this.remember();
    this.pixels = pixels;
  }

  remember() {
    this.before.push(this.pixels.slice());
    if (this.before.length > STEPS) this.before.shift();
  }

  clear() {
    this.remember();
    this.stroke = null;
    this.pixels = this.blank();
  }

  /** Take the last stroke back; return whether there was one. */
  undo() {
    const last = this.before.pop();
    this.stroke = null;
    if (last) this.pixels = last;
    return Boolean(last);
  }

  /**
   * Put the brush down.
   * @param {Point} at
   * @param {number[]} colour of each channel
   * @param {number} radius in pixels
   */
  begin(at, colour, radius) {
    this.remember();
    const [, rows, columns] = this.shape;
    this.stroke = { base: this.pixels.slice(), cover: new Float32Array(rows * columns), colour, radius, at };
    this.to(at);
  }

  /**
   * Move the brush: all pixels on the way are covered, those at its edge in part. What one stroke
   * crosses twice is covered once.
   * @param {Point} at
   */
  to(at) {
    if (!this.stroke) return;
    const { base, cover, colour, radius, at: from } = this.stroke;
    const [channels, rows, columns] = this.shape, size = rows * columns, reach = radius + 0.5;
    /** @type {(low: number, high: number, most: number) => [number, number]} */
    const span = (low, high, most) => [Math.max(0, Math.floor(low - reach)), Math.min(most - 1, Math.ceil(high + reach))];
    const [top, bottom] = span(Math.min(from.y, at.y), Math.max(from.y, at.y), rows);
    const [left, right] = span(Math.min(from.x, at.x), Math.max(from.x, at.x), columns);
    for (let i = top; i <= bottom; i++) {
      for (let j = left; j <= right; j++) {
        const k = i * columns + j;
        const far = distance({ x: j + 0.5, y: i + 0.5 }, from, at);
        const share = Math.max(0, Math.min(1, reach - far));
        if (share <= cover[k]) continue;
        cover[k] = share;
        for (let c = 0; c < channels; c++) {
          const under = base[c * size + k];
          this.pixels[c * size + k] = Math.round(under + share * (colour[c] - under));
        }
      }
    }
    this.stroke.at = at;
  }

  end() {
    this.stroke = null;
  }

  /**
   * One pixel, from keys.
   * @param {number} row
   * @param {number} column
   * @param {number[]} colour
   */
  dot(row, column, colour) {
    this.remember();
    this.stroke = null;
    const [channels, rows, columns] = this.shape;
    this.pixels = this.pixels.slice();
    for (let c = 0; c < channels; c++) this.pixels[(c * rows + row) * columns + column] = colour[c];
  }
}
