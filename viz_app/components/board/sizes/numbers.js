// Numbers in cells: those of a matrix have one number of decimals, and are as wide as they are.

/** @import { Numbers } from "../scene.js" */

/**
 * How the numbers of a matrix are printed.
 * @typedef {object} Print
 * @property {number} power of ten by which they are divided before
 * @property {number} decimals
 * @property {number} rounding what is smaller than this, as it was computed, is nothing but rounding
 * @property {number} ems width of the widest, in ems
 * @property {number} base the same without those that would round to nothing
 * @property {number} spare decimals that may be left out where there is no room for them
 * @property {{ plus: number, minus: number }} room decimals that fit into the width of the widest,
 * for a number that would round to nothing: without and with a sign
 */

const FINEST = 7; // decimals, at most
const MOST_DIGITS = 4; // of the largest number, for the sake of the others
const SAMPLE = 1000; // numbers that tell how large those of a matrix usually are
const SMALLEST = 1e-3, HUGE = 1e5; // a matrix whose largest number is beyond has a power of its own
const SMALL = 0.1, LARGE = 1e4; // gradients whose largest number is beyond share a power of ten
// What is a number of so many decimals but for a rounding of single precision is exact.
const EXACT = 1e-6;

/**
 * How wide the letters of numbers are in the font that they are printed in, in ems.
 * @typedef {{ digit: number, point: number, sign: number }} Letters
 */

/**
 * @param {{ font: string, measureText(text: string): { width: number } }} context
 * @param {string} family
 * @returns {Letters}
 */
export function lettersOf(context, family) {
  context.font = `100px ${family}`;
  /** @param {string} text */
  const wide = (text) => Math.max(...[...text].map((letter) => context.measureText(letter).width)) / 100;
  return { digit: wide("0123456789"), point: wide("."), sign: wide("−≈") };
}

/**
 * How large the numbers of a matrix are: the largest, and one in the middle of those that are not
 * zero. Nothing but rounding, and what is no number, does not count.
 * @typedef {{ most: number, usual: number }} Sizes
 */

/**
 * @param {Numbers} values
 * @param {number} rounding see `Print`
 * @returns {Sizes}
 */
export function sizesOf(values, rounding) {
  let most = 0;
  /** @type {number[]} */
  const some = [], each = Math.ceil(values.length / SAMPLE);
  values.forEach((value, k) => {
    const size = Math.abs(value);
    if (!size || !Number.isFinite(size) || size < rounding) return;
    if (size > most) most = size;
    if (k % each === 0) some.push(size);
  });
  some.sort((a, b) => a - b);
  return { most, usual: some[Math.ceil(some.length / 2) - 1] ?? most };
}

/**
 * The power of ten that all gradients of an equation share: thousandths, millionths, or none.
 * @param {Sizes[]} sizes of each
 */
export function commonPower(sizes) {
  const most = Math.max(0, ...sizes.map((size) => size.most));
  const least = Math.min(...sizes.filter((size) => size.most).map(({ usual }) => usual));
  // Where most numbers of one of them begin with zeros, thousandths are read more easily.
  const isPlain = most >= SMALL && most < LARGE && least >= SMALL ** 2;
  return !most || isPlain ? 0 : 3 * Math.floor(Math.log10(most) / 3);
}

/**
 * How the numbers of a matrix are printed.
 * @param {Numbers} values
 * @param {number} rounding see `Print`
 * @param {number | null} common the power that it shares with other gradients; null if it is none
 * @param {Letters} letters
 * @returns {Print}
 */
export function printOf(values, rounding, common, letters) {
  const { digit, point, sign } = letters;
  const sizes = sizesOf(values, rounding), size = sizes.most;
  const own = size && (size < SMALLEST || size >= HUGE) ? 3 * Math.floor(Math.log10(size) / 3) : 0;
  const power = common ?? own, unit = 10 ** power, most = size / unit;
  const whole = wholeOf(most), least = usual(most);
  // A number in the middle has two digits, as long as the largest has no more than so many.
  const fine = most ? 1 - Math.floor(Math.log10(sizes.usual / unit)) : 0;
  const wanted = Math.max(least, Math.min(fine, MOST_DIGITS - whole, FINEST));
  const decimals = needed(values, unit, rounding, wanted);
  const signed = values.some((value) => value < 0);
  const digits = Math.max(1, whole + decimals);
  const half = 0.5 * unit / 10 ** decimals;
  const isNothing = values.some((value) => value !== 0 && Math.abs(value) < Math.max(rounding, half));
  const ems = digits * digit + (decimals ? point : 0) + (signed ? sign : 0);
  // The largest keeps two digits.
  const spare = Math.max(0, Math.min(wanted - least + (most < 0.1 || most >= 1 ? 1 : 0), decimals - 1));
  const base = Math.max(ems, isNothing ? sign + digit : 0);
  // One more decimal is enough for the first digit of some of them.
  let wide = 0;
  if (decimals) values.forEach((value) => {
    const size = Math.abs(value);
    if (size >= half || size < Math.max(rounding, half / 10)) return;
    wide = Math.max(wide, (decimals + 1) * digit + point + (value < 0 ? sign : 0));
  });
  const print = { power, decimals, rounding, ems: Math.max(base, wide), base, spare };
  return { ...print, room: roomOf(print, letters) };
}

/**
 * Decimals that fit into the width of the widest number.
 * @param {{ decimals: number, ems: number }} print
 * @param {Letters} letters
 */
function roomOf({ decimals, ems }, { digit, point, sign }) {
  /** @param {number} wide */
  const fit = (wide) => Math.max(decimals, Math.min(FINEST, Math.floor((wide - point) / digit + EXACT)));
  return { plus: fit(ems), minus: fit(ems - sign) };
}

/**
 * Digits before the point of the largest number, as it is rounded.
 * @param {number} most
 */
const wholeOf = (most) => (most < 0.995 ? 0 : Math.floor(Math.log10(most * 1.005)) + 1);

/**
 * The same numbers without the decimals that can be spared.
 * @param {Print} print
 * @param {Letters} letters
 * @returns {Print}
 */
export function shorter(print, letters) {
  const ems = print.base - print.spare * letters.digit;
  const less = { ...print, decimals: print.decimals - print.spare, ems, base: ems, spare: 0 };
  return { ...less, room: roomOf(less, letters) };
}

/**
 * Decimals at which the largest number has about three digits.
 * @param {number} most
 */
function usual(most) {
  if (most >= 100 || !most) return 0;
  if (most >= 10) return 1;
  if (most >= 0.1) return 2;
  return Math.min(FINEST, Math.ceil(-Math.log10(most)) + 2);
}

/**
 * Fewer decimals, where these are enough for all numbers.
 * @param {Numbers} values
 * @param {number} unit
 * @param {number} rounding
 * @param {number} most
 */
function needed(values, unit, rounding, most) {
  for (let decimals = 0; decimals < most; decimals++) {
    const scale = 10 ** decimals / unit;
    if (values.every((value) => {
      const scaled = value * scale;
      return Number.isNaN(value) || Math.abs(value) < rounding || Math.abs(scaled - Math.round(scaled)) <= EXACT * Math.max(1, Math.abs(scaled));
    }) && values.some((value) => value !== 0)) return decimals;
  }
  return most;
}

/**
 * A number as it stands in a cell: correctly rounded, without the zero in front of its point. Only
 * what is exact is written without decimals: 0 and 1. A number that would round to nothing has its
 * first digit where there is room for it, and is "≈0" where there is none.
 * @param {number} value
 * @param {Print} print
 */
export function printed(value, { power, decimals, rounding, room }) {
  if (value === 0) return "0";
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  if (Math.abs(value) < rounding) return "≈0";
  const scaled = value / 10 ** power;
  if (Math.abs(scaled) === 1) return value < 0 ? "−1" : "1";
  const size = Math.abs(scaled), [sign, finest] = value < 0 ? ["−", room.minus] : ["", room.plus];
  for (let fine = decimals; fine <= finest; fine++) {
    const text = size.toFixed(fine).replace(/^0\./, ".");
    if (Number(text)) return sign + text;
  }
  return "≈0";
}

/**
 * What stands beside a symbol whose numbers are divided by a power of ten.
 * @param {number} power
 */
export const timesOf = (power) => (power ? `× 10${raised(power)}` : "");

/**
 * A whole number as it stands above the line.
 * @param {number} n
 */
export const raised = (n) =>
  String(n).replace(/./g, (d) => (d === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(d)]));
