// Numbers with all their digits.

import assert from "node:assert/strict";
import test from "node:test";

import { exact } from "../../viz_app/components/common/format.js";

test("a number of single precision comes back from its digits, which are few", () => {
  const bits = new Uint32Array(1), value = new Float32Array(bits.buffer);
  let state = 1;
  for (let k = 0; k < 20_000; k++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bits[0] = state;
    if (!Number.isFinite(value[0])) continue;
    const text = exact(value[0]);
    assert.equal(Math.fround(Number(text)), value[0], text);
    assert.ok(text.replace(/e.*|[-.]/g, "").replace(/^0+|0+$/g, "").length <= 9, text);
  }
});

test("digits that people typed are those that are told", () => {
  for (const text of ["0.1", "-2.5", "1e-10", "123456", "0"]) {
    assert.equal(exact(Math.fround(Number(text))), text);
  }
});

test("what single precision does not hold is told in double", () => {
  assert.equal(exact(1 / 3), "0.3333333333333333");
  assert.equal(exact(NaN), "NaN");
  assert.equal(exact(-Infinity), "-Infinity");
});
