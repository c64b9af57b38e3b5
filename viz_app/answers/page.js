// The page: takes files, a folder of them or a few, and shows their summary.

import { el } from "../components/common/elements.js";
import { save } from "../components/common/saving.js";
import { MOST_BYTES, readAnswers } from "./read.js";
import { summaryOf } from "./summary.js";
import { dateOf, questionsCsv, studentsCsv } from "./csv.js";

/** @import { Answers } from "./read.js" */
/** @import { LeftOut, OfQuestion, OfStudent, Summary } from "./summary.js" */

/** @param {HTMLElement} body */
export function render(body) {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => document.documentElement.classList.toggle("cs-dark", dark.matches);
  dark.addEventListener("change", paint);
  paint();
  const found = el("div", { ariaLive: "polite" });
  /** @param {FileList | undefined | null} files */
  const take = async (files) => {
    if (files?.length) found.replaceChildren(...shown(await read([...files])));
  };
  /**
   * @param {string} text
   * @param {Record<string, unknown>} how
   */
  const chooser = (text, how) => {
    const input = el("input", { type: "file", multiple: true, ...how, onchange: async () => {
      await take(input.files);
      // So that the same files are taken again.
      input.value = "";
    } });
    return el("label", { className: "button" }, text, input);
  };
  const room = el("div", { className: "room" }, chooser("Choose a folder", { webkitdirectory: true }),
    chooser("Choose files", { accept: ".json,application/json" }), el("span", { className: "soft" }, "or drop files here"));
  for (const name of ["dragenter", "dragover"]) {
    body.addEventListener(name, (event) => { event.preventDefault(); room.classList.add("over"); });
  }
  body.addEventListener("dragleave", () => room.classList.remove("over"));
  body.addEventListener("drop", (event) => {
    event.preventDefault();
    room.classList.remove("over");
    take(event.dataTransfer?.files);
  });
  body.append(el("main", {}, el("h1", {}, "Answers of a class"),
    el("p", {}, "Choose the files that students have saved at the end of a lesson. They are read here and sent nowhere."),
    room, found));
}

/**
 * @param {File[]} files
 * @returns {Promise<Summary>}
 */
async function read(files) {
  /** @type {Answers[]} */
  const answers = [];
  /** @type {LeftOut[]} */
  const refused = [];
  /** @param {File} file */
  const nameOf = (file) => file.webkitRelativePath || file.name;
  for (const file of files.sort((one, other) => nameOf(one).localeCompare(nameOf(other), "en", { numeric: true }))) {
    const name = nameOf(file);
    try {
      if (file.size > MOST_BYTES) throw new Error("no file of answers: it is too large");
      const bytes = await file.arrayBuffer().catch(() => { throw new Error("not read: the browser may not, or it is a folder"); });
      answers.push(readAnswers(name, new Uint8Array(bytes)));
    } catch (error) {
      refused.push({ file: name, why: error instanceof Error ? error.message : String(error) });
    }
  }
  const summary = summaryOf(answers);
  return { ...summary, leftOut: [...refused, ...summary.leftOut] };
}

/** @param {Summary} summary */
function shown(summary) {
  const { title, questions, students, leftOut } = summary;
  const out = leftOut.length ? [el("h2", {}, `Left out: ${counted(leftOut.length, "file")}`),
    el("ul", { className: "out" }, ...leftOut.map(({ file, why }) => el("li", {}, el("bdi", {}, file), ` – ${why}`)))] : [];
  if (!students.length) return [el("p", { className: "bad" }, "None of these is a file of answers that can be counted."), ...out];
  const name = title.replace(/[^\p{L}\p{N}]+/gu, "-").toLowerCase();
  return [
    heading(`${title}: questions`, () => save(`${name}-questions.csv`, new Blob([questionsCsv(summary)], { type: "text/csv" }))),
    table("Questions", [["Step", ""], ["Question", ""], ["Right at the first try", ""], ["Median tries", "number"], ["Median time", "number"],
      ["Wrong answers", ""]], questions.map(questionRow)),
    heading(`Students: ${students.length}`, () => save(`${name}-students.csv`, new Blob([studentsCsv(summary)], { type: "text/csv" }))),
    table("Students", [["Name", ""], ["Right at the first try", "number"], ["Answered", "number"], ["Tries", "number"], ["Time", "number"],
      ["Last answer (UTC)", ""], ...questions.map(({ question: { step } }) => /** @type {[string, string]} */ ([`Step ${step}`, ""]))],
    students.map((student) => studentRow(student, questions.length))),
    el("p", { className: "soft" }, "✓ right at the first try, ✓ 2 at the second one, ✗ never right, – no answer."),
    ...out,
  ];
}

/**
 * @param {string} text
 * @param {() => void} saveCsv
 */
const heading = (text, saveCsv) => el("div", { className: "head" }, el("h2", {}, text),
  el("button", { type: "button", onclick: saveCsv }, "Save as CSV"));

/**
 * @param {string} label
 * @param {[text: string, kind: string][]} columns
 * @param {HTMLElement[]} rows
 */
const table = (label, columns, rows) => el("div", { className: "wide", tabIndex: 0, role: "region", ariaLabel: label }, el("table", {},
  el("thead", {}, el("tr", {}, ...columns.map(([text, className]) => el("th", { scope: "col", className }, text)))),
  el("tbody", {}, ...rows)));

/** @param {OfQuestion} of */
function questionRow({ question: { step, title, ask }, answered, first, tries, seconds, mistakes }) {
  const share = answered ? first / answered : 0;
  const bar = el("i");
  bar.style.width = `${100 * share}%`;
  return el("tr", {}, el("td", { className: "number" }, String(step)),
    el("th", { scope: "row", className: "question" }, el("b", {}, title), ask),
    el("td", {}, el("div", { className: "share" }, el("span", { className: "bar", ariaHidden: "true" }, bar),
      `${answered ? `${Math.round(100 * share)}%, ` : ""}${first} of ${answered}`)),
    el("td", { className: "number" }, answered ? String(tries) : "–"),
    el("td", { className: "number" }, answered ? timeOf(seconds) : "–"),
    el("td", {}, el("ul", { className: "mistakes" }, ...mistakes.map(([mistake, count]) => el("li", {},
      `${count} × `, mistake || el("span", { className: "soft" }, "other answers"))))));
}

/**
 * @param {OfStudent} of
 * @param {number} asked
 */
function studentRow({ name, file, first, answered, tries, seconds, last, results }, asked) {
  /** @param {number | null} at */
  const result = (at) => (at === null ? "–" : at === 0 ? "✗" : at === 1 ? "✓" : `✓ ${at}`);
  return el("tr", {}, el("th", { scope: "row", title: file }, el("bdi", {}, name)),
    ...[`${first} of ${asked}`, String(answered), String(tries), timeOf(seconds)].map((text) => el("td", { className: "number" }, text)),
    el("td", {}, dateOf(last)), ...results.map((at) => el("td", { className: at === 0 ? "bad" : "" }, result(at))));
}

/** @param {number} seconds */
const timeOf = (seconds) => (seconds < 100 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`);

/**
 * @param {number} count
 * @param {string} what
 */
const counted = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;
