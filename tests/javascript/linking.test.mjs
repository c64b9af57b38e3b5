// Which cells belong together, against all that a window really covers.

import assert from "node:assert/strict";
import test from "node:test";

import { compatible, decode, tester } from "../../viz_app/components/board/linking.js";

/** All whole numbers below `count`. */
const range = (count) => Array.from({ length: count }, (_, k) => k);

/** All pairs, triples … of whole numbers below the counts. */
const places = (...counts) => counts.reduce(
  (found, count) => found.flatMap((place) => range(count).map((k) => [...place, k])), [[]]);

// Height first: kernel, stride, padding, dilation and size of the input.
const GEOMETRIES = [
  { kernel: [3, 3], stride: [1, 1], padding: [0, 0], dilation: [1, 1], size: [6, 6] },
  { kernel: [3, 2], stride: [2, 1], padding: [1, 0], dilation: [1, 1], size: [7, 5] },
  { kernel: [2, 2], stride: [3, 3], padding: [0, 1], dilation: [1, 2], size: [8, 7] },
  { kernel: [3, 2], stride: [2, 3], padding: [2, 3], dilation: [2, 3], size: [7, 8] },
  { kernel: [3, 2], stride: [2, 1], padding: [1, 0], dilation: [2, 3], size: [8, 7] },
].map(({ size, ...rest }) => {
  const { kernel, stride, padding, dilation } = rest;
  const output = [0, 1].map((k) =>
    Math.floor((size[k] + 2 * padding[k] - dilation[k] * (kernel[k] - 1) - 1) / stride[k]) + 1);
  return { size, geometry: { ...rest, output, groups: null } };
});

/** The place in the input under an entry of a window, made by walking from window to window. */
function under({ stride, padding, dilation }, [i, j], [s, t]) {
  return [i * stride[0] - padding[0] + s * dilation[0], j * stride[1] - padding[1] + t * dilation[1]];
}

test("coordinates stand in the order of the dimensions, the last of them runs fastest", () => {
  const dims = [["n", 2], ["i", 3], ["j", 4]];
  places(2, 3, 4).forEach(([n, i, j], at) => {
    const found = decode(dims, at, {});
    assert.deepEqual(found, { n, i, j });
    assert.deepEqual(Object.keys(found), ["n", "i", "j"]);
  });
});

test("decoding adds to what a tile has fixed, and an axis without dimensions adds nothing", () => {
  const fixed = { o: 7 };
  assert.equal(decode([["c", 5]], 3, fixed), fixed);
  assert.deepEqual(fixed, { o: 7, c: 3 });
  assert.deepEqual(decode([], 0, { n: 1 }), { n: 1 });
});

test("a cell of the input belongs to exactly the windows that cover it", () => {
  for (const { size, geometry } of GEOMETRIES) {
    const { kernel, output } = geometry;
    let covered = 0;
    for (const [y, x] of places(...size)) {
      for (const [i, j] of places(...output)) {
        const covers = places(...kernel).some(([s, t]) => {
          const [below, beside] = under(geometry, [i, j], [s, t]);
          return below === y && beside === x;
        });
        assert.equal(compatible({ y, x }, { i, j }, geometry), covers, JSON.stringify({ y, x, i, j }));
        assert.equal(compatible({ i, j }, { y, x }, geometry), covers);
        covered += covers;
      }
    }
    assert.ok(covered > 0 && covered < size[0] * size[1] * output[0] * output[1]);
  }
});

test("a weight meets exactly the cells of the input that some window lays under it", () => {
  for (const { size, geometry } of GEOMETRIES) {
    for (const [y, x] of places(...size)) {
      for (const [s, t] of places(...geometry.kernel)) {
        const meets = places(...geometry.output).some((window) => {
          const [below, beside] = under(geometry, window, [s, t]);
          return below === y && beside === x;
        });
        assert.equal(compatible({ s, t }, { y, x }, geometry), meets, JSON.stringify({ y, x, s, t }));
      }
    }
  }
});

test("an entry of the matrix of windows is one cell of the input", () => {
  for (const { size, geometry } of GEOMETRIES) {
    for (const [i, j, s, t] of places(...geometry.output, ...geometry.kernel)) {
      const [below, beside] = under(geometry, [i, j], [s, t]);
      const found = places(...size).filter(([y, x]) => compatible({ c: 0, i, j, s, t }, { c: 0, y, x }, geometry));
      const isInside = below >= 0 && below < size[0] && beside >= 0 && beside < size[1];
      // Outside there is only padding, which is no cell.
      assert.deepEqual(found, isInside ? [[below, beside]] : []);
    }
  }
});

test("cells of other samples or channels do not belong together, and what is not named does", () => {
  assert.ok(compatible({ n: 1, c: 2 }, { c: 2, o: 0 }));
  assert.ok(!compatible({ n: 1, c: 2 }, { n: 0, c: 2 }));
  assert.ok(compatible({}, { n: 3 }));
  assert.ok(!compatible({ n: 1, i: 0 }, { n: 0, y: 0 }, GEOMETRIES[0].geometry));
});

test("channels belong together within a group only", () => {
  const geometry = { ...GEOMETRIES[0].geometry, groups: [2, 3] };
  for (const [c, o, q] of places(4, 6, 2)) {
    const isOneGroup = Math.floor(c / 2) === Math.floor(o / 3);
    assert.equal(compatible({ c }, { o }, geometry), isOneGroup);
    assert.equal(compatible({ c }, { o, q }, geometry), isOneGroup && c % 2 === q);
  }
});

test("a test tells the cell itself, its window, and all others apart", () => {
  const { geometry } = GEOMETRIES[0];
  const entry = tester({ c: 1, i: 2, j: 1, s: 0, t: 2 }, geometry);
  assert.equal(entry({ c: 1, y: 2, x: 3 }), 2);
  assert.equal(entry({ c: 1, y: 4, x: 1 }), 1);
  // The window is that of all channels.
  assert.equal(entry({ c: 0, y: 2, x: 3 }), 1);
  assert.equal(entry({ c: 1, y: 5, x: 3 }), 0);
  assert.equal(entry({ i: 2, j: 0 }), 0);
});

test("without an entry of a window there is no window, and without coordinates no test", () => {
  const cell = tester({ y: 2, x: 2 }, GEOMETRIES[0].geometry);
  assert.deepEqual([cell({ y: 2, x: 2 }), cell({ y: 2, x: 1 })], [2, 0]);
  assert.equal(tester(null, GEOMETRIES[0].geometry), null);
  assert.equal(tester(undefined), null);
});
