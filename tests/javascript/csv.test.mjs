// Numbers in full: as many digits as tell them apart, and no more.

import assert from "node:assert/strict";
import test from "node:test";

import { inFull } from "../../viz_app/components/board/csv.js";

test("a number in single precision is read back as it was", () => {
  for (const value of [0.1, -1 / 3, 2 / 3e20, 16777217, 1e-38, 123456.789].map(Math.fround)) {
    assert.equal(Math.fround(Number(inFull(value, true))), value);
  }
  assert.equal(inFull(Math.fround(0.1), true), "0.1");
  assert.equal(inFull(0, true), "0");
});

test("a number in double precision keeps all its digits", () => {
  assert.equal(inFull(1 / 3, false), "0.3333333333333333");
  assert.equal(inFull(NaN, true), "NaN");
  assert.equal(inFull(-Infinity, true), "-Infinity");
});
