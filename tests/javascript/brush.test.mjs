// Pictures that are drawn on.

import assert from "node:assert/strict";
import { test } from "node:test";

import { distance, Drawing } from "../../viz_app/components/probe/brush.js";

/** @param {Drawing} drawing */
const rows = ({ pixels, shape: [, , columns] }) =>
  Array.from({ length: pixels.length / columns }, (_, i) => [...pixels.slice(i * columns, (i + 1) * columns)]);

test("a point is as far from a line as from its nearest point", () => {
  assert.equal(distance({ x: 1, y: 2 }, { x: 0, y: 0 }, { x: 4, y: 0 }), 2);
  assert.equal(distance({ x: 7, y: 4 }, { x: 0, y: 0 }, { x: 4, y: 0 }), 5);
  assert.equal(distance({ x: 3, y: 4 }, { x: 0, y: 0 }, { x: 0, y: 0 }), 5);
});

test("a fast stroke has no gaps", () => {
  const drawing = new Drawing([1, 5, 9], [0]);
  drawing.begin({ x: 0.5, y: 2.5 }, [255], 0.5);
  drawing.to({ x: 8.5, y: 2.5 });
  drawing.end();
  assert.deepEqual(rows(drawing)[2], Array(9).fill(255));
  assert.deepEqual(rows(drawing)[1], Array(9).fill(0));
});

test("what lies at the edge is covered in part, and once by one stroke", () => {
  const drawing = new Drawing([1, 3, 5], [0]);
  drawing.begin({ x: 0.5, y: 1.25 }, [200], 0.5);
  for (let k = 0; k < 4; k++) {
    drawing.to({ x: 4.5, y: 1.25 });
    drawing.to({ x: 0.5, y: 1.25 });
  }
  assert.equal(rows(drawing)[1][2], 150);
  assert.equal(rows(drawing)[0][2], 50);
});

test("the eraser leaves the background, of each channel", () => {
  const drawing = new Drawing([3, 2, 2], [10, 20, 30]);
  drawing.begin({ x: 0.5, y: 0.5 }, [255, 128, 0], 0.5);
  drawing.end();
  assert.deepEqual([0, 4, 8].map((k) => drawing.pixels[k]), [255, 128, 0]);
  drawing.begin({ x: 0.5, y: 0.5 }, drawing.background, 0.5);
  drawing.end();
  assert.deepEqual([...drawing.pixels], [10, 10, 10, 10, 20, 20, 20, 20, 30, 30, 30, 30]);
});

test("strokes, pixels, clearing and pictures can be taken back", () => {
  const drawing = new Drawing([1, 2, 2], [0]);
  drawing.dot(0, 1, [255]);
  drawing.take(Uint8Array.from([1, 2, 3, 4]));
  drawing.take(Uint8Array.from([1, 2, 3, 4]));
  drawing.clear();
  assert.deepEqual([...drawing.pixels], [0, 0, 0, 0]);
  assert.ok(drawing.undo());
  assert.deepEqual([...drawing.pixels], [1, 2, 3, 4]);
  assert.ok(drawing.undo());
  assert.deepEqual([...drawing.pixels], [0, 255, 0, 0]);
  assert.ok(drawing.undo());
  assert.ok(!drawing.undo());
  assert.deepEqual([...drawing.pixels], [0, 0, 0, 0]);
});

test("a picture of another size is not taken", () => {
  const drawing = new Drawing([1, 2, 2], [0]);
  drawing.take(Uint8Array.from([1, 2]));
  assert.equal(drawing.pixels.length, 4);
});

test("what leaves the picture does no harm", () => {
  const drawing = new Drawing([1, 3, 3], [0]);
  drawing.begin({ x: -50, y: 1.5 }, [255], 0.5);
  drawing.to({ x: 50, y: 1.5 });
  assert.deepEqual(rows(drawing)[1], [255, 255, 255]);
});
