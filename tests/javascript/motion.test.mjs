// The order in which cells are computed, and how Play comes to the end of a matrix in time.

import assert from "node:assert/strict";
import test from "node:test";

import { orderOf } from "../../viz_app/components/board/motion/order.js";
import { paceOf } from "../../viz_app/components/board/motion/pace.js";

const X_COL = { rows: [["c", 1], ["s", 3], ["t", 3]], columns: [["n", 1], ["i", 4], ["j", 4]] };
const IMAGE = { rows: [["y", 6]], columns: [["x", 6]] };

for (const [name, panel, shape] of [["X^(col)", X_COL, [9, 16]], ["an image", IMAGE, [6, 6]]]) {
  test(`${name} is computed cell by cell, each once`, () => {
    const order = orderOf(panel, shape);
    assert.equal(order.total, shape[0] * shape[1]);
    const seen = new Set();
    for (let k = 0; k < order.total; k++) {
      const cell = order.cell(k);
      assert.equal(order.rank(...cell), k);
      seen.add(cell.join());
    }
    assert.equal(seen.size, order.total);
  });
}

test("a window is a column, so X^(col) is computed column by column", () => {
  const order = orderOf(X_COL, [9, 16]);
  assert.deepEqual([0, 1, 8, 9].map(order.cell), [[0, 0], [1, 0], [8, 0], [0, 1]]);
  assert.equal(order.line, 9);
  assert.deepEqual([0, 5, 6].map(orderOf(IMAGE, [6, 6]).cell), [[0, 0], [0, 5], [1, 0]]);
});

for (const pace of [{ cell: 800, most: 18_000 }, { cell: 400, most: 12_000 }, { cell: 60, most: 4_000 }]) {
  test(`Play comes to the end of any matrix within ${pace.most} ms`, () => {
    for (const [line, lines] of [[1, 1], [4, 4], [9, 16], [9, 64], [72, 16], [72, 512], [1, 5000], [5000, 1]]) {
      const { unit, period } = paceOf(line * lines, line, pace);
      assert.ok(Math.ceil(line * lines / unit) * period <= pace.most + 1e-6);
      assert.ok(period <= Math.max(pace.cell, 250));
      // Single cells, or whole lines.
      assert.ok(unit === 1 || unit % line === 0, `${unit} of ${line}`);
    }
  });
}

test("a small matrix is played cell by cell", () => {
  assert.deepEqual(paceOf(16, 4, { cell: 400, most: 12_000 }), { unit: 1, period: 400 });
});
