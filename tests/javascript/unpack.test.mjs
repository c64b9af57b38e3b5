// Messages as `packed` of wire.py makes them.

import assert from "node:assert/strict";
import test from "node:test";

import { unpacked } from "../../viz_app/components/common/unpack.js";

for (const Kind of [Float32Array, Float64Array]) {
  test(`arrays of ${Kind.name} come back where they were`, () => {
    const text = '{"name": "g(L, ·)", "tiles": [{"values": {"floats": [0, 2]}}, {"values": {"floats": [2, 5]}}], "marks": null}';
    const found = unpacked({ text, numbers: Kind.of(1.5, -2, NaN, Infinity, 0) });
    assert.deepEqual(found, {
      name: "g(L, ·)", tiles: [{ values: Kind.of(1.5, -2) }, { values: Kind.of(NaN, Infinity, 0) }], marks: null,
    });
  });

  test(`arrays of ${Kind.name} are views of the one that was sent, wherever that begins`, () => {
    const numbers = Kind.of(9, 1, 2, 3).subarray(1);
    const [found] = unpacked({ text: '[{"floats": [1, 3]}]', numbers });
    assert.deepEqual(found, Kind.of(2, 3));
    assert.equal(found.buffer, numbers.buffer);
  });
}

test("an empty array is one, and a message may have none", () => {
  const numbers = new Float32Array(0);
  assert.deepEqual(unpacked({ text: '{"values": {"floats": [0, 0]}}', numbers }), { values: numbers });
  assert.deepEqual(unpacked({ text: '["words", 1, {"floats": null}]', numbers }), ["words", 1, { floats: null }]);
});
