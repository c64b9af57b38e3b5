// Printed sums and products are true, or said not to be.

import assert from "node:assert/strict";
import test from "node:test";

import {
  apart, decimalsOfFactors, decimalsOfSum, fixed, unitOf,
} from "../../viz_app/components/explanation/decimals.js";

/** What is printed, read again and added in units of the last decimal. */
const added = (values, decimals) =>
  values.reduce((all, value) => all + Math.round(Number(value.toFixed(decimals)) * 10 ** decimals), 0);

test("a number has its decimals, rounded, and no minus before zero", () => {
  assert.equal(fixed(0.28951, 3), "0.290");
  assert.equal(fixed(-0.5, 2), "−0.50");
  assert.equal(fixed(-0.0004, 3), "0.000");
  assert.equal(fixed(Infinity, 3), "∞");
});

test("the decimals of a sum make it true as it is printed", () => {
  let exact = 0;
  for (let k = 1; k <= 200; k++) {
    const terms = Array.from({ length: 9 }, (_, j) => Math.sin(k * 37 + j * 11) * Math.cos(k + j));
    const sum = terms.reduce((all, value) => all + value, 0);
    const found = decimalsOfSum(terms, sum);
    const holds = added(terms, found.decimals) === added([sum], found.decimals);
    assert.equal(holds, found.exact);
    exact += Number(holds);
  }
  assert.ok(exact > 120, `${exact} of 200`);
});

test("a sum that is true with few decimals has few", () => {
  assert.deepEqual(decimalsOfSum([0.5, 0.25, 0.25], 1), { decimals: 2, exact: true });
  assert.deepEqual(decimalsOfSum([3, 4], 7), { decimals: 0, exact: true });
});

test("a sum that its terms do not make is never called true", () => {
  assert.equal(decimalsOfSum([0.5, 0.25], 0.7).exact, false);
  assert.equal(decimalsOfSum([NaN], 0.7).exact, false);
});

test("factors have the decimals that their products need", () => {
  const columns = [[0.6806, -0.4224], [0.9, 1]];
  const products = columns[0].map((value, k) => value * columns[1][k]);
  const found = decimalsOfFactors(columns, products, 3);
  assert.deepEqual(found.exact, [true, true]);
  assert.deepEqual(found.decimals, [3, 1]);
  // 0.5 times 0.5 is not 0.3.
  assert.deepEqual(decimalsOfFactors([[0.5], [0.5]], [0.3], 2).exact, [false]);
});

test("small numbers have a power of ten in common, others none", () => {
  assert.equal(unitOf([0.5, -0.001]), 0);
  assert.equal(unitOf([0.0021, -0.0001]), -3);
  assert.equal(unitOf([0, 0]), 0);
});

test("two losses have enough digits to be told apart", () => {
  assert.deepEqual(apart(2.30114, 2.30141), ["2.301140", "2.301410"]);
  assert.notEqual(...apart(2.3011400001, 2.3011400009));
});
