// Numbers as text, in sentences and in cells.

import assert from "node:assert/strict";
import test from "node:test";

import { exponentOf, fitted, raised } from "../../viz_app/components/board/numbers.js";
import { format, inShort, short, single, withoutZero } from "../../viz_app/components/common/format.js";

/** Letters of one width, as a canvas measures them. */
const letters = (width) => ({ measureText: (text) => ({ width: width * text.length }) });

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

test("all cells of a panel are divided by one power of ten, if that makes them shorter", () => {
  const panel = { scale: "diverging", tiles: [{ bins: null }] };
  assert.equal(exponentOf(panel, [0, 0]), 0);
  assert.equal(exponentOf(panel, [-0.3, 0.1]), 0);
  assert.equal(exponentOf(panel, [0, 999]), 0);
  assert.equal(exponentOf(panel, [0, 1000]), 2);
  assert.equal(exponentOf(panel, [-0.0042, 0.001]), -4);
  for (const most of [1e-9, 0.0123, 0.29, 1000, 8.8e12]) {
    const divided = most / 10 ** exponentOf(panel, [-most, 0]);
    assert.ok(divided >= 10 - 1e-9 && divided < 100, String(divided));
  }
});

test("counts, and cells whose colour means nothing, are printed as they are", () => {
  assert.equal(exponentOf({ scale: "diverging", tiles: [{ bins: [0, 1] }] }, [0, 5000]), 0);
  assert.equal(exponentOf({ scale: "none", tiles: [{ bins: null }] }, [0, 5000]), 0);
});

test("an exponent stands above the line", () => {
  assert.equal(raised(-12), "⁻¹²");
  assert.equal(raised(3456789), "³⁴⁵⁶⁷⁸⁹");
  assert.equal(raised(0), "⁰");
});

test("a cell shows as many digits as there is room for", () => {
  assert.equal(fitted(letters(1), 0.1234, 10), ".123");
  assert.equal(fitted(letters(1), 0.1234, 3), ".12");
  assert.equal(fitted(letters(1), 0, 1), "0");
  assert.equal(fitted(letters(1), 2, 1), "2");
});

test("letters are drawn narrower where a digit less would tell another number", () => {
  // One digit has room at full width, but would be a third off.
  assert.equal(fitted(letters(1), 0.15, 2.5), ".15");
  // Two digits are near enough.
  assert.equal(fitted(letters(1), 0.0203, 3), ".02");
});

test("a number that no width suits is told to be there", () => {
  assert.equal(fitted(letters(1), 0.00012, 2), "~0");
  assert.equal(fitted(letters(1), 123456, 1), "…");
});
