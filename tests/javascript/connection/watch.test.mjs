// How soon a silent line is told.

import assert from "node:assert/strict";
import test from "node:test";

import { Watch } from "../../../viz_app/components/connection/watch.js";

test("a line that falls silent is told after 3.8 s, and once", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  /** @type {boolean[]} */
  const told = [];
  /** @type {number[]} */
  const sent = [];
  const watch = new Watch((beat) => sent.push(beat), (silent) => told.push(silent), true);
  watch.beat();
  for (let k = 0; k < 3; k += 1) {
    watch.answered(/** @type {number} */ (sent.at(-1)));
    context.mock.timers.tick(800);
  }
  assert.deepEqual([sent, told], [[1, 2, 3, 4], []]);
  // The last answer came just now, and the next one never does.
  watch.answered(4);
  context.mock.timers.tick(800);
  context.mock.timers.tick(2_999);
  assert.deepEqual(told, []);
  context.mock.timers.tick(1);
  assert.deepEqual(told, [true]);
  context.mock.timers.tick(60_000);
  assert.deepEqual(told, [true]);
  watch.answered(5);
  assert.deepEqual(told, [true, false]);
  watch.stop();
});
