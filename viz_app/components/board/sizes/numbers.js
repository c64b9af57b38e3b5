// Numbers in cells: those of a matrix have one number of decimals, and are as wide as they are.

/** @import { Numbers, Pair } from "../scene.js" */

/**
 * How the numbers of a matrix are printed.
 * @typedef {object} Print
 * @property {number} power of ten by which they are divided before
 * @property {number} decimals
 * @property {number} rounding what is smaller than this, as it was computed, is nothing but rounding
 * @property {number} ems width of the widest, in ems
 */

const FINEST = 7; // decimals, at most
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

/** @param {Numbers} values @param {Pair} range */
const largest = (values, range) => {
  let most = Math.max(Math.abs(range[0]), Math.abs(range[1]));
  for (const value of values) if (Math.abs(value) > most && Number.isFinite(value)) most = Math.abs(value);
  return most;
};

/**
 * The power of ten that all gradients of an equation share: thousandths, millionths, or none.
 * @param {number[]} sizes the largest number of each
 */
export function commonPower(sizes) {
  const most = Math.max(0, ...sizes);
  return !most || (most >= SMALL && most < LARGE) ? 0 : 3 * Math.floor(Math.log10(most) / 3);
}

/**
 * How the numbers of a matrix are printed.
 * @param {Numbers} values
 * @param {Pair} range of its colours, which is kept from step to step
 * @param {number} rounding see `Print`
 * @param {number | null} common the power that it shares with other gradients; null if it is none
 * @param {Letters} letters
 * @returns {Print}
 */
export function printOf(values, range, rounding, common, { digit, point, sign }) {
  const size = largest(values, range);
  const own = size && (size < SMALLEST || size >= HUGE) ? 3 * Math.floor(Math.log10(size) / 3) : 0;
  const power = common ?? own, most = size / 10 ** power;
  // Most gradients are far smaller than the largest: they have a decimal more.
  const more = common !== null && most < 100 ? 1 : 0;
  const decimals = needed(values, 10 ** power, rounding, usual(most) + more);
  const signed = values.some((value) => value < 0) || range[0] < 0;
  const whole = most < 1 ? 0 : Math.floor(Math.log10(most)) + 1;
  // A zero, or one without decimals, where nothing larger is; "≈0".
  const digits = Math.max(1, whole + decimals);
  const ems = digits * digit + (decimals ? point : 0) + (signed ? sign : 0);
  return { power, decimals, rounding, ems: Math.max(ems, rounding ? sign + digit : 0) };
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
 * what is exact is written without decimals: 0 and 1.
 * @param {number} value
 * @param {Print} print
 */
export function printed(value, { power, decimals, rounding }) {
  if (value === 0) return "0";
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value < 0 ? "−∞" : "∞";
  if (Math.abs(value) < rounding) return "≈0";
  const scaled = value / 10 ** power;
  const text = Math.abs(scaled) === 1 ? "1" : Math.abs(scaled).toFixed(decimals).replace(/^0\./, ".");
  return (value < 0 ? "−" : "") + text;
}

/**
 * What stands beside a symbol whose numbers are divided by a power of ten.
 * @param {number} power
 */
export const unitOf = (power) => (power ? `× 10${raised(power)}` : "");

/**
 * A whole number as it stands above the line.
 * @param {number} n
 */
export const raised = (n) =>
  String(n).replace(/./g, (d) => (d === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(d)]));
