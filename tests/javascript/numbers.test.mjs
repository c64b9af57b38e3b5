// Numbers as text, in sentences and in cells.

import assert from "node:assert/strict";
import test from "node:test";

import { commonPower, printed, printOf, raised, shorter, sizesOf } from "../../viz_app/components/board/sizes/numbers.js";
import { format, inShort, short, single, withoutZero } from "../../viz_app/components/common/format.js";

test("a number has as many digits as asked for, and no needless zeros", () => {
  assert.equal(format(0.123456), "0.123");
  assert.equal(format(1.5), "1.5");
  assert.equal(format(2), "2");
  assert.equal(format(1234.5678, 6), "1234.57");
  assert.equal(format(0.1 + 0.2), "0.3");
});

test("a minus is a true one, and minus zero is zero", () => {
  assert.equal(format(-0.25), "−0.25");
  assert.equal(format(-0), "0");
  assert.equal(format(-1.5e-7), "−1.5e−7");
});

test("what is tiny or huge has a power of ten", () => {
  assert.equal(format(9999), "10000");
  assert.equal(format(10_000), "1.0e4");
  assert.equal(format(0.001), "0.001");
  assert.equal(format(0.00099), "9.9e−4");
  assert.equal(format(123456, 2), "1e5");
  assert.equal(format(123456, 1), "1e5");
});

test("a number is told as it is drawn, as far as single precision holds it", () => {
  // The sixth digit of this one depends on the precision.
  assert.equal(format(0.6471895116, 6), "0.64719");
  assert.equal(format(single(0.6471895116), 6), "0.647189");
  for (const value of [0, 0.1, -3, 1e30]) assert.equal(single(value), Math.fround(value));
  for (const value of [1e-45, 1e-300, 1e300, Infinity]) assert.equal(single(value), value);
  assert.ok(Number.isNaN(single(NaN)));
});

test("what is no number is named", () => {
  assert.deepEqual([NaN, Infinity, -Infinity].map((value) => format(value)), ["NaN", "∞", "−∞"]);
});

test("the zero in front of a point is left out, and no other", () => {
  assert.equal(withoutZero(-0.042, 2), "−.042");
  assert.equal(withoutZero(0.5, 1), ".5");
  assert.equal(withoutZero(10.5, 3), "10.5");
  assert.equal(withoutZero(0, 2), "0");
});

test("a number in short has two digits, and one where it is small beside another", () => {
  assert.equal(short(-0.0423), "−.042");
  assert.equal(short(0.0423, 5), ".04");
  assert.equal(short(0.0423, 0.1), ".042");
  assert.equal(short(3.14159), "3.1");
});

test("a range in short says each end once", () => {
  assert.equal(inShort(-0.5, 0.5), "±.5");
  assert.equal(inShort(-0.25, 0.5), "−.25…0.5");
  assert.equal(inShort(0, 1.26), "0–1.3");
  assert.equal(inShort(0.1, 0.9), ".1–.9");
  assert.equal(inShort(-2, -0.4), "−2…−0.4");
});

const LETTERS = { digit: 0.5, point: 0.25, sign: 0.5 };

/** What the cells of a matrix read. */
function cells(values, { rounding = 0, common = null } = {}) {
  const print = printOf(Float64Array.from(values), rounding, common, LETTERS);
  return values.map((value) => printed(value, print));
}

test("the numbers of a matrix have one number of decimals; only 0 and 1 are written as exact", () => {
  assert.deepEqual(cells([0.4567, -0.32, 0, 1, 0.004]), [".46", "−.32", "0", "1", ".004"]);
  assert.deepEqual(cells([12.345, -3.2, 1]), ["12.3", "−3.2", "1"]);
  assert.deepEqual(cells([123.4, 8]), ["123.4", "8.0"]);
  assert.deepEqual(cells([0.0123, 0.0001]), [".0123", ".0001"]);
});

test("fewer decimals do where they tell all numbers exactly, in single precision too", () => {
  assert.deepEqual(cells([0.1, 0.5, 1, 0]), [".1", ".5", "1", "0"]);
  assert.deepEqual(cells([Math.fround(0.1), Math.fround(0.9)]), [".1", ".9"]);
  assert.deepEqual(cells([3, 0, 2]), ["3", "0", "2"]);
  assert.deepEqual(cells([0, 0]), ["0", "0"]);
});

test("what is nothing but rounding says so", () => {
  assert.deepEqual(cells([0.5, 3e-17, -3e-17, 0], { rounding: 1e-6 }), [".5", "≈0", "≈0", "0"]);
  assert.deepEqual(cells([2e-17, -1e-17], { rounding: 1e-6 }).join(), "≈0,≈0");
});

test("gradients share a power of ten, of thousands, where they are small", () => {
  /** @param {number[][]} arrays */
  const power = (...arrays) => commonPower(arrays.map((values) => sizesOf(values, 1e-12)));
  assert.equal(power([0.3, 0.1]), 0);
  assert.equal(power([0.05, 0.01]), -3);
  assert.equal(power([4e-7]), -9);
  assert.equal(power([0, 0]), 0);
  assert.equal(power([5e4]), 3);
  // Most numbers of one of them would begin with two zeros.
  assert.equal(power([0.3, 0.1], [0.005, 0.002, 0.1]), -3);
  assert.deepEqual(cells([0.0125, -0.0004], { common: -3 }), ["12.5", "−.4"]);
});

test("most numbers have two digits, however large the largest is", () => {
  assert.deepEqual(cells([0.31, 0.0123, -0.0456, 0.0012, 0]), [".310", ".012", "−.046", ".001", "0"]);
  assert.deepEqual(cells([0.105, 0.0021, -0.0014], { common: -3 }), ["105.0", "2.1", "−1.4"]);
  // Where there is room, a number far below the others has its first digit.
  assert.deepEqual(cells([-0.51, 0.3, 0.4, -0.004]), ["−.51", ".30", ".40", "−.004"]);
  assert.deepEqual(cells([41.2, 0.0021, -0.0014]), ["41.20", ".002", "−.001"]);
});

test("zero looks like zero, and what rounds to it never has a sign", () => {
  assert.deepEqual(cells([0, -0]), ["0", "0"]);
  assert.deepEqual(cells([-0.512, 0.3, 0.4, -0.0004, 0.0004]), ["−.51", ".30", ".40", "≈0", "≈0"]);
  for (const value of cells([1, 0.2, -0.1, -1e-5, 1e-9])) assert.doesNotMatch(value, /^−?0?\.0+$/);
});

test("decimals that can be spared leave correctly rounded numbers", () => {
  const values = Float64Array.of(0.3123, 0.01234, -0.00436), print = printOf(values, 0, null, LETTERS);
  const less = shorter(print, LETTERS);
  assert.deepEqual([...values].map((value) => printed(value, print)), [".312", ".012", "−.004"]);
  assert.deepEqual([...values].map((value) => printed(value, less)), [".31", ".01", "≈0"]);
  assert.deepEqual(less.room, { plus: 3, minus: 2 });
  assert.equal(print.ems - less.ems, LETTERS.digit);
  const other = printOf(Float64Array.of(0.123, -0.456), 0, null, LETTERS);
  assert.deepEqual(shorter(other, LETTERS), other);
  // The largest keeps two digits.
  const large = shorter(printOf(Float64Array.of(-1.23, 0.456), 0, null, LETTERS), LETTERS);
  assert.deepEqual([-1.23, 0.456].map((value) => printed(value, large)), ["−1.2", ".5"]);
});

test("a matrix of tiny or huge numbers has a power of its own", () => {
  assert.deepEqual(cells([4e-5, 1.25e-5]), ["40.0", "12.5"]);
  assert.equal(printOf(Float64Array.from([4e-5]), 0, null, LETTERS).power, -6);
});

test("what is printed is within half a unit of its last place", () => {
  for (const value of [0.005, 1.005, -2.675, 0.125, 99.995, 1e-4, 7]) {
    const print = printOf(Float64Array.of(value, 0.3333), 0, null, LETTERS);
    const read = Number(printed(value, print).replace("−", "-")) * 10 ** print.power;
    assert.ok(Math.abs(read - value) <= 0.5000001 * 10 ** (print.power - print.decimals), `${value} ${read}`);
  }
});

test("a matrix knows how wide its widest number is", () => {
  const widest = (values, rounding = 0) =>
    printOf(Float64Array.from(values), rounding, null, LETTERS).ems;
  assert.equal(widest([0.25, 0.5]), 2 * 0.5 + 0.25);
  assert.equal(widest([-0.25, 0.5]), 2 * 0.5 + 0.25 + 0.5);
  assert.equal(widest([3, 1]), 0.5);
  assert.equal(widest([12.34]), 3 * 0.5 + 0.25);
});

test("what is no number is named in its cell", () => {
  assert.deepEqual(cells([0.5, NaN, -Infinity].slice(1).concat(0.5)).slice(0, 1), ["NaN"]);
});

test("an exponent stands above the line", () => {
  assert.equal(raised(-12), "⁻¹²");
  assert.equal(raised(3456789), "³⁴⁵⁶⁷⁸⁹");
  assert.equal(raised(0), "⁰");
});
