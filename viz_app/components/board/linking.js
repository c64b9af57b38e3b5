// Which cells belong together: one selection runs through all panels.
//
// Every cell of every panel has coordinates by name: sample n, input channel c, output channel o,
// place in the kernel s, t, place in the output i, j, place in the input y, x, and so on. Two cells
// belong together when no coordinate contradicts: shared names are equal, and y = i·stride − padding
// + s·dilation can hold. That one rule is the whole linking, for every layer, in both directions.
// Where channels fall into groups, those of one group belong together, q being the place in a group.

/** @import { Axis, Coordinates, Geometry, Pair } from "./scene.js" */

/**
 * Coordinates of position `at` on an axis, a product of named dimensions in row-major order.
 * @param {Axis} dims
 * @param {number} at
 * @param {Coordinates} into to which they are added
 */
export function decode(dims, at, into) {
  // In the order of the dimensions, in which a tooltip names them.
  let below = dims.reduce((count, [, size]) => count * size, 1);
  for (const [name, size] of dims) {
    below /= size;
    into[name] = Math.floor(at / below) % size;
  }
  return into;
}

/**
 * Can y = i·stride − padding + s·dilation hold, where each of the three may be open?
 * @param {number | undefined} y
 * @param {number | undefined} i
 * @param {number | undefined} s
 * @param {number} kernel
 * @param {number} stride
 * @param {number} padding
 * @param {number} dilation
 * @param {number} count how many windows there are
 */
function reaches(y, i, s, kernel, stride, padding, dilation, count) {
  if (y === undefined) return true;
  if (i !== undefined && s !== undefined) return y === i * stride - padding + s * dilation;
  if (i !== undefined) {
    const k = y - i * stride + padding;
    return k >= 0 && k % dilation === 0 && k / dilation < kernel;
  }
  if (s !== undefined) {
    const k = y + padding - s * dilation;
    return k >= 0 && k % stride === 0 && k / stride < count;
  }
  return true;
}

/**
 * Can input channel c, output channel o and place q in a group be of one group?
 * @param {number | undefined} c
 * @param {number | undefined} o
 * @param {number | undefined} q
 * @param {Pair} groups channels of a group going in and coming out
 */
function isOneGroup(c, o, q, [inputs, outputs]) {
  if (c === undefined) return true;
  return (q === undefined || c % inputs === q)
    && (o === undefined || Math.floor(c / inputs) === Math.floor(o / outputs));
}

/**
 * Can two cells belong together?
 * @param {Coordinates} a
 * @param {Coordinates} b
 * @param {Geometry | null} [geometry]
 */
export function compatible(a, b, geometry) {
  for (const name in b) if (name in a && a[name] !== b[name]) return false;
  if (!geometry) return true;
  /** @param {string} name @returns {number | undefined} */
  const one = (name) => (name in a ? a[name] : b[name]);
  const [kh, kw] = geometry.kernel, [sh, sw] = geometry.stride, [ph, pw] = geometry.padding;
  const [oh, ow] = geometry.output, [dh, dw] = geometry.dilation;
  return reaches(one("y"), one("i"), one("s"), kh, sh, ph, dh, oh)
    && reaches(one("x"), one("j"), one("t"), kw, sw, pw, dw, ow)
    && (!geometry.groups || isOneGroup(one("c"), one("o"), one("q"), geometry.groups));
}

/**
 * The coordinates without those of one entry of a window: the window as a whole.
 * @param {Coordinates} coordinates
 */
export function widened(coordinates) {
  if (!("i" in coordinates && "s" in coordinates)) return null;
  const { c, s, t, ...rest } = coordinates;
  return rest;
}

/**
 * How much a cell belongs to the coordinates: 2 it does, 1 it is in the same window, 0 not at all.
 * @param {Coordinates | null | undefined} coordinates
 * @param {Geometry | null} [geometry]
 * @returns {((cell: Coordinates) => number) | null} null where there are no coordinates
 */
export function tester(coordinates, geometry) {
  if (!coordinates) return null;
  const wide = widened(coordinates);
  return (cell) => (compatible(coordinates, cell, geometry) ? 2
    : wide && compatible(wide, cell, geometry) ? 1 : 0);
}
