// Which drafts of lessons the browser keeps.

import assert from "node:assert/strict";
import test from "node:test";

import { forgetDraft, keepDraft, keptDrafts } from "../../viz_app/components/compose/drafts.js";

/** @param {number} at */
const draft = (at) => ({ key: `d${at}`, text: "---\n", step: 1, title: "Mine", at, late: [] });
const keys = () => keptDrafts().map(({ key }) => key);

test("where nothing is kept nothing breaks", () => {
  keepDraft(draft(1));
  forgetDraft("d1");
  assert.deepEqual(keys(), []);
});

test("the newest come first, the oldest go, and what is broken is passed over", () => {
  /** @type {Record<string, unknown>} */
  const kept = { other: "1" };
  const methods = {
    getItem: (/** @type {string} */ name) => kept[name] ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ text) => { kept[name] = text; },
    removeItem: (/** @type {string} */ name) => { delete kept[name]; },
  };
  for (const [name, value] of Object.entries(methods)) Object.defineProperty(kept, name, { value });
  Object.defineProperty(globalThis, "localStorage", { value: kept, configurable: true });
  for (const at of [5, 3, 4]) keepDraft(draft(at));
  keepDraft({ ...draft(9), key: "d3" });
  assert.deepEqual(keys(), ["d3", "d5", "d4"]);
  kept["convscope-draft broken"] = "{";
  forgetDraft("d5");
  assert.deepEqual(keys(), ["d3", "d4"]);
  for (let at = 10; at < 40; at += 1) keepDraft(draft(at));
  assert.equal(keys().length, 20);
  assert.equal(keys()[0], "d39");
  assert.equal(kept.other, "1");
});
