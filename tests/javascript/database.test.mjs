// Which key frames the browser lets go.

import assert from "node:assert/strict";
import test from "node:test";

import { fitting } from "../../viz_app/components/storage/database.js";

/** @type {(...sizes: number[]) => [number, number][]} */
const uses = (...sizes) => sizes.map((size, k) => [100 - k, size]);

test("all stay that fit together", () => {
  assert.equal(fitting([], 10), 0);
  assert.equal(fitting(uses(3, 3, 4), 10), 3);
});

test("the first that does not fit goes, with all that were used before it", () => {
  assert.equal(fitting(uses(3, 3, 5), 10), 2);
  assert.equal(fitting(uses(3, 8, 1, 1), 10), 1);
  assert.equal(fitting(uses(11, 1), 10), 0);
});
