// How many decimals make a printed sum, and printed products, true.

import { format } from "../common/format.js";

// What is tried: so many decimals more than the fewest, of sums and of factors.
const MORE = 4, MORE_OF_FACTORS = 4;
// Significant digits of the largest number of a column, at the least.
const ADDENDS = 3, FACTORS = 2;

/** @param {number[]} values of which NaN, as what is covered, has no size */
const largest = (values) => Math.max(0, ...values.filter((value) => !Number.isNaN(value)).map(Math.abs));

/**
 * A number with this many decimals, rounded correctly.
 * @param {number} value
 * @param {number} decimals
 */
export function fixed(value, decimals) {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e21) return format(value);
  const text = value.toFixed(decimals);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

/**
 * The power of ten by which a column is divided, so that its numbers have few zeros.
 * @param {number[]} values
 */
export function unitOf(values) {
  const most = largest(values.filter(Number.isFinite));
  return !most || (most >= 0.01 && most < 1e4) ? 0 : Math.floor(Math.log10(most));
}

/**
 * The fewest decimals with this many significant digits of the largest number.
 * @param {number[]} values
 * @param {number} digits
 */
function fewest(values, digits) {
  const most = largest(values);
  return most && Number.isFinite(most) ? Math.max(0, digits - 1 - Math.floor(Math.log10(most))) : 0;
}

/**
 * A number in units of its last printed decimal.
 * @param {number} value
 * @param {number} decimals
 */
const counted = (value, decimals) => Math.round(Number(value.toFixed(decimals)) * 10 ** decimals);

/**
 * The decimals with which terms add up to their sum as they are printed; `exact` tells whether they
 * do. With more decimals each, some would still not.
 * @param {number[]} addends
 * @param {number} sum
 */
export function decimalsOfSum(addends, sum) {
  const least = fewest([...addends, sum], ADDENDS);
  if (![...addends, sum].every(Number.isFinite)) return { decimals: least, exact: false };
  // What is exact with fewer needs no more.
  const first = enough([...addends, sum], least);
  for (let decimals = first; decimals <= least + MORE; decimals++) {
    const found = addends.reduce((all, value) => all + counted(value, decimals), 0);
    if (found === counted(sum, decimals)) return { decimals, exact: true };
  }
  return { decimals: least + 1, exact: false };
}

/**
 * The decimals of a number that has few of them; no more than `most`.
 * @param {number[]} values
 * @param {number} most
 */
function enough(values, most) {
  for (let decimals = 0; decimals < most; decimals++) {
    // Recorded in single precision, 0.54 is not quite that.
    if (values.every((value) => Math.abs(Number(value.toFixed(decimals)) - value)
      <= 1e-7 * Math.abs(value))) return decimals;
  }
  return most;
}

/**
 * The decimals of columns of factors with which their printed products are the printed ones; `exact`
 * tells of which rows that is true.
 * @param {number[][]} columns
 * @param {number[]} products
 * @param {number} decimals of the products
 * @param {number} scale of a product of what is printed, next to the printed product
 */
export function decimalsOfFactors(columns, products, decimals, scale = 1) {
  const found = { decimals: columns.map(() => 0), exact: products.map(() => false) };
  for (let more = 0; more <= MORE_OF_FACTORS; more++) {
    found.decimals = columns.map((values) => enough(values, fewest(values, FACTORS) + more));
    found.exact = products.map((product, k) => fixed(product, decimals) === fixed(columns.reduce(
      (all, values, j) => all * Number(values[k].toFixed(found.decimals[j])), scale), decimals));
    if (found.exact.every(Boolean)) break;
  }
  return found;
}

/**
 * Two numbers that are nearly the same, with enough decimals to tell them apart.
 * @param {number} one
 * @param {number} other
 */
export function apart(one, other) {
  const gap = Math.abs(one - other);
  const decimals = gap ? Math.min(16, Math.max(4, 2 - Math.floor(Math.log10(gap)))) : 6;
  return [fixed(one, decimals), fixed(other, decimals)];
}
