// How large panels are drawn.

import assert from "node:assert/strict";
import test from "node:test";

import { arrange, isCrowded, shares, stack } from "../../viz_app/components/board/sizes/layout.js";

/** A matrix, or an image. */
const leaf = (rows, columns, more = {}) => ({
  rows, columns, enough: rows, square: false, ems: 2, short: more.ems ?? 2, across: 10, down: 30, least: 40, bare: 40, bar: 0,
  small: null, axis: "", lines: "", key: "", isLean: false, hasWhole: true, ...more,
});

const frameOf = (leaves) => ({
  leaves: new Map(Object.entries(leaves)), gap: { across: 10, down: 10 }, least: 12, operator: (text) => 12 * text.length,
});

const FONT = { least: 13, most: 26 };

/** How many px a panel takes. */
const sizeOf = (panel, fit) =>
  ({ w: panel.across + fit.wide * fit.nc, h: panel.down + fit.side * fit.nr });

test("a length is shared as wanted, what is left in proportion", () => {
  assert.deepEqual(shares([10, 30], 80), [20, 60]);
  assert.deepEqual(shares([10, 30, 200], 100), [10, 30, 60]);
  assert.deepEqual(shares([80, 200], 100), [50, 50]);
});

test("what is enough comes first where there is little room", () => {
  assert.deepEqual(shares([90, 80], 100, [90, 10]), [90, 10]);
  assert.deepEqual(shares([90, 80], 120, [90, 10]), [90, 30]);
});

test("no digit is squeezed: a cell is as wide as its number", () => {
  for (const width of [300, 892, 1500]) {
    const leaves = { a: leaf(9, 512, { ems: 2.5 }), b: leaf(6, 6, { square: true }), c: leaf(3, 9) };
    const fits = arrange(["a", "→", "b", ["c"]], { w: width, h: 400 }, FONT, frameOf(leaves));
    for (const [key, fit] of fits) {
      // Nor do the numbers of neighbours touch: a quarter of a letter's height is free between them.
      if (fit.font) assert.ok(fit.wide >= fit.font * (leaves[key].ems + 0.25) - 0.01, `${key} at ${width}`);
    }
  }
});

test("all panels are within their room, and seen whole where there is enough", () => {
  const leaves = { a: leaf(4, 4), b: leaf(4, 6), c: leaf(4, 4, { square: true }) };
  const room = { w: 1000, h: 500 };
  const fits = arrange(["a", "=", "b", "c"], room, FONT, frameOf(leaves));
  let across = 0;
  for (const [key, fit] of fits) {
    assert.deepEqual([fit.nr, fit.nc], [leaves[key].rows, leaves[key].columns]);
    const { w, h } = sizeOf(leaves[key], fit);
    across += w;
    assert.ok(h <= room.h);
  }
  assert.ok(across + 12 + 30 <= room.w);
});

test("numbers grow with the room", () => {
  const small = arrange(["a"], { w: 300, h: 200 }, FONT, frameOf({ a: leaf(4, 4) })).get("a");
  const large = arrange(["a"], { w: 900, h: 600 }, FONT, frameOf({ a: leaf(4, 4) })).get("a");
  assert.ok(large.font > small.font && large.side > small.side);
});

test("an image too large for numbers is seen whole without them", () => {
  const fit = arrange(["a"], { w: 300, h: 300 }, FONT, frameOf({ a: leaf(28, 28, { square: true }) })).get("a");
  assert.deepEqual([fit.nr, fit.nc, fit.font], [28, 28, 0]);
  assert.ok(28 * fit.side <= 300);
});

test("an image shows numbers that just fit, without a decimal that can be spared", () => {
  /** @param {number} ems @param {number} short */
  const fitOf = (ems, short) => {
    const image = leaf(8, 8, { square: true, ems, short });
    return arrange(["a"], { w: 10 + 8 * 34, h: 30 + 8 * 34 }, FONT, frameOf({ a: image })).get("a");
  };
  const [fits, spares, none] = [fitOf(2.53, 2.53), fitOf(3.09, 2.53), fitOf(3.6, 3.09)];
  assert.deepEqual([fits.side, fits.font, fits.isShort], [34, 12, false]);
  assert.deepEqual([spares.font, spares.isShort], [12, true]);
  assert.equal(none.font, 0);
  assert.ok(2.53 * fits.font <= fits.side - 3);
});

test("all columns and rows of a matrix are seen where nearly all are", () => {
  /** @param {number} w @param {number} h @param {number} short */
  const fitOf = (w, h, short = 2.5) =>
    arrange(["a"], { w, h }, FONT, frameOf({ a: leaf(9, 9, { ems: 2.5, short }) })).get("a");
  const whole = fitOf(10 + 9 * 37, 30 + 9 * 22);
  assert.deepEqual([whole.nr, whole.nc, whole.wide, whole.side], [9, 9, 37, 22]);
  const tight = fitOf(10 + 9 * 33, 30 + 9 * 18);
  assert.deepEqual([tight.nr, tight.nc, tight.isShort], [9, 9, false]);
  assert.ok(tight.font >= 12 && tight.font * 2.5 <= tight.wide);
  // A decimal less, where that does it.
  const spared = fitOf(10 + 9 * 28, 30 + 9 * 18, 2);
  assert.deepEqual([spared.nc, spared.isShort, spared.font >= 12], [9, true, true]);
  // Where much would be missing, numbers keep their size.
  assert.deepEqual([fitOf(10 + 5 * 38, 300).nc, fitOf(10 + 5 * 38, 300).wide], [5, 38]);
});

test("an image makes room for a matrix that is seen whole then", () => {
  const leaves = { a: leaf(8, 8, { square: true, ems: 2.5 }), b: leaf(1, 8, { ems: 3 }) };
  const fits = arrange(["a", "b"], { w: 20 + 10 + 8 * 20 + 8 * 43, h: 400 }, FONT, frameOf(leaves));
  assert.equal(fits.get("b").nc, 8);
  assert.ok(fits.get("a").side >= 16);
});

test("columns of one axis are equally wide, rows of one axis equally high", () => {
  const leaves = {
    a: leaf(9, 16, { axis: "j", ems: 1.5 }), b: leaf(2, 16, { axis: "j", ems: 2.5 }),
    c: leaf(9, 3, { lines: "n" }), d: leaf(9, 5, { lines: "n" }),
  };
  const fits = arrange([["a", "b"], "c", "d"], { w: 900, h: 420 }, FONT, frameOf(leaves));
  assert.equal(fits.get("a").wide, fits.get("b").wide);
  assert.equal(fits.get("c").side, fits.get("d").side);
});

test("on a narrow page each panel is as wide as the page at most", () => {
  const leaves = { a: leaf(9, 512), b: leaf(28, 28, { square: true }) };
  for (const [key, fit] of stack(frameOf(leaves), 380, 13, 40)) {
    assert.ok(sizeOf(leaves[key], fit).w <= 380, key);
  }
});

test("two matrices side by side are both seen whole where nearly all of them is", () => {
  const leaves = { a: leaf(1, 9, { ems: 2.5 }), b: leaf(9, 16, { ems: 2.5 }) };
  const fits = arrange(["a", "b"], { w: 30 + 25 * 33, h: 400 }, FONT, frameOf(leaves));
  for (const [key, fit] of fits) {
    assert.equal(fit.nc, leaves[key].columns, key);
    assert.ok(fit.font >= 12 && fit.font * 2.5 < fit.wide && !fit.isShort, key);
  }
});

test("rows are as low as can be where a board is crowded, so that more are in sight", () => {
  /** @param {boolean} isLean */
  const matrices = (isLean) => frameOf({
    x: leaf(6, 6, { square: true }), a: leaf(9, 16, { isLean, hasWhole: !isLean, down: isLean ? 25 : 60 }),
    k: leaf(1, 9, { isLean, down: isLean ? 25 : 43 }), b: leaf(1, 16, { isLean, down: 25 }),
  });
  const layout = [{ grid: [["x", "a"], ["k", "b"]] }], room = { w: 580, h: 173 };
  assert.ok(isCrowded(layout, room, 13, matrices(false)));
  assert.ok(!isCrowded(layout, { w: 580, h: 330 }, 13, matrices(false)));
  const [usual, lean] = [false, true].map((isLean) => arrange(layout, room, FONT, matrices(isLean)).get("a"));
  assert.ok(usual.nr <= 2);
  assert.ok(lean.nr >= 5 && lean.side >= 1.3 * 13 - 1 && lean.font >= 12);
});

test("small images give way to the numbers of the large one, and take what it leaves", () => {
  const image = leaf(8, 8, { square: true, ems: 2.5, small: { count: 8, rows: 8, columns: 8 } });
  /** @param {number} w @param {number} h */
  const fitOf = (w, h) => arrange(["a"], { w: 10 + w, h: 30 + h }, FONT, frameOf({ a: image })).get("a");
  const [tight, tall] = [fitOf(400, 8 * 34 + 28), fitOf(8 * 40, 600)];
  assert.deepEqual([tight.side, tight.small, tight.font >= 12], [33, 4, true]);
  assert.deepEqual([tall.side, tall.nc], [40, 8]);
  // Two lines of four.
  assert.ok(tall.small === 9 && 4 * (8 * tall.small + 4) <= 8 * 40 + 4, String(tall.small));
});

test("images that are compared are equally large, however long their titles are", () => {
  const titles = { a: [200, 110], b: [200, 100], c: [260, 150] };
  const leaves = Object.fromEntries(Object.entries(titles).map(([key, [least, bare]]) =>
    [key, leaf(8, 8, { square: true, least, bare, lines: "y", axis: "x" })]));
  for (const width of [400, 500, 700, 1200]) {
    const fits = arrange(["a", "+", "b", "+", "c"], { w: width, h: 300 }, FONT, frameOf(leaves));
    assert.equal(new Set([...fits.values()].map(({ side }) => side)).size, 1, `${width}`);
  }
});
