// What the page of a class's answers reads from files, and what it makes of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { questionsCsv, studentsCsv } from "../../viz_app/answers/csv.js";
import { crc32, readAnswers } from "../../viz_app/answers/read.js";
import { counting, median, summaryOf } from "../../viz_app/answers/summary.js";

const bytes = (text) => new TextEncoder().encode(text);
const QUESTIONS = [{ step: 2, title: "Rows", ask: "Which one?" }, { step: 4, title: "Sum", ask: "How much?" }];

/** A try at a step, `took` seconds long. */
const one = (step, is_right, took, mistake = "", at = 1000) => ({ step, seed: 0, level: 0, given: "+", is_right, mistake, at, took });

/** What a student's file holds. */
const of = (name, tries, more = {}) => ({ file: `${name}.json`, name, lesson: "l", digest: "d", title: "L", questions: QUESTIONS, tries, ...more });

/** A file as Python writes it. */
function written(content) {
  const body = `${JSON.stringify({ format: "convscope answers 1", ...content }, null, 1).slice(0, -2)},\n`;
  return `${body} "check": "${crc32(bytes(body)).toString(16).padStart(8, "0")}"\n}`;
}

test("the check code is that of zlib", () => {
  assert.equal(crc32(bytes("123456789")), 0xcbf43926);
  assert.equal(crc32(bytes("")), 0);
});

test("a file is read, and every changed byte of it is noticed", () => {
  const content = of("Ada", [one(2, true, 3)]), text = written(content);
  assert.deepEqual(readAnswers("Ada.json", bytes(text)), content);
  const whole = bytes(text);
  for (let at = 0; at < whole.length; at += 1) {
    for (const change of [1, 0x20, 0x80]) {
      const changed = whole.slice();
      changed[at] ^= change;
      assert.throws(() => readAnswers("Ada.json", changed), /changed|damaged|no file of answers/, `byte ${at}`);
    }
  }
  for (let end = 0; end < whole.length; end += 7) assert.throws(() => readAnswers("Ada.json", whole.slice(0, end)));
});

test("what holds something else is named, whatever its check code says", () => {
  for (const text of ["", "null", "[]", "{}", "\x89PNG", written({}).replace("answers 1", "answers 9")]) {
    assert.throws(() => readAnswers("x", bytes(text)), /^Error: (no file of answers|damaged|changed)/);
  }
  for (const wrong of [{ tries: {} }, { tries: [null] }, { tries: [{ ...one(2, true, 1), took: "1" }] }, { questions: "all" },
    { questions: [{ step: 1 }] }, { lesson: 3 }, { name: ["x"] }, { title: "x".repeat(3000) }]) {
    assert.throws(() => readAnswers("x", bytes(written({ ...of("Ada", []), ...wrong }))), /damaged: it holds what no lesson writes/);
  }
});

const ADA = of("Ada", [one(2, true, 10), one(4, false, 20, "Rows for columns"), one(4, true, 10)]);
const BEN = of("Ben", [one(2, false, 40, "", 2000), one(4, false, 30, "Rows for columns")]);
const CLEO = of("", [one(2, false, 20, "Rows", 3000), one(2, true, 5), one(2, false, 99)], { file: "c.json" });

test("questions and students are counted up to the first right answer", () => {
  const { title, questions: [first, second], students, leftOut } = summaryOf([ADA, BEN, CLEO]);
  assert.equal(title, "L");
  assert.deepEqual(leftOut, []);
  assert.deepEqual([first.answered, first.first, first.tries, first.seconds], [3, 1, 1, 25]);
  assert.deepEqual(first.mistakes, [["Rows", 1], ["", 1]]);
  assert.deepEqual([second.answered, second.first, second.tries, second.seconds], [2, 0, 1.5, 30]);
  assert.deepEqual(second.mistakes, [["Rows for columns", 2]]);
  assert.deepEqual(students.map(({ name, first: right, answered, tries, seconds, results }) => [name, right, answered, tries, seconds, results]), [
    ["Ada", 1, 2, 3, 40, [1, 2]], ["Ben", 0, 2, 2, 70, [0, 0]], ["c.json", 0, 1, 2, 25, [2, null]],
  ]);
  assert.equal(students[2].last, 3000);
});

test("files of another lesson, and those that are there twice, are left out and named", () => {
  const earlier = { ...ADA, file: "early.json", tries: ADA.tries.slice(0, 1) }, copied = { ...ADA, file: "copy.json", name: "Zoe" };
  const other = of("Dan", [], { lesson: "m", title: "M" }), older = of("Eve", [], { digest: "e" });
  const { answers, leftOut } = counting([other, earlier, ADA, copied, older, BEN]);
  assert.deepEqual(answers.map(({ name }) => name), ["Ada", "Ben"]);
  assert.deepEqual(Object.fromEntries(leftOut.map(({ file, why }) => [file, why])), {
    "Dan.json": "of another lesson: M",
    "Eve.json": "of another version of this lesson",
    "early.json": "twice: an earlier state of Ada.json",
    "copy.json": "twice: the same answers as Ada.json",
  });
  assert.deepEqual(summaryOf([]), { title: "", questions: [], students: [], leftOut: [] });
});

test("students who have answered nothing count as what they are", () => {
  const { questions, students } = summaryOf([of("Ada", []), of("Ben", [])]);
  assert.deepEqual([questions[0].answered, questions[0].tries], [0, 0]);
  assert.deepEqual(students.map(({ last, results }) => [last, results]), [[0, [null, null]], [0, [null, null]]]);
});

test("a median lies in the middle", () => {
  assert.deepEqual([[], [3], [3, 1], [9, 1, 2]].map(median), [0, 3, 2, 2]);
});

test("a spreadsheet reads the tables, and computes nothing of a name", () => {
  const summary = summaryOf([{ ...ADA, name: '=HYPERLINK("x")' }, BEN]);
  const lines = studentsCsv(summary).split("\r\n");
  assert.equal(lines[0], "\ufeffname,file,right at the first try,answered,tries,seconds,last answer,step 2: right at try,step 4: right at try");
  assert.equal(lines[1], `"'=HYPERLINK(""x"")",Ada.json,1,2,3,40,1970-01-01 00:16,1,2`);
  assert.equal(lines[2], "Ben,Ben.json,0,2,2,70,1970-01-01 00:33,never,never");
  assert.equal(questionsCsv(summary).split("\r\n")[2], "4,Sum,How much?,2,0,0,1.5,30,2 × Rows for columns");
});
