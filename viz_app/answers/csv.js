// The tables as CSV, for a spreadsheet.

/** @import { Summary } from "./summary.js" */

// What a spreadsheet would compute: a name may come from anybody.
const COMPUTED = /^[=+\-@\t\r]/;

/** @param {string | number} value */
function field(value) {
  const text = typeof value === "string" && COMPUTED.test(value) ? `'${value}` : String(value);
  return /[",\r\n;]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @param {(string | number)[][]} rows */
const csv = (rows) => `\ufeff${rows.map((row) => row.map(field).join(",")).join("\r\n")}\r\n`;

/**
 * A number of at most two decimals.
 * @param {number} value
 */
const round = (value) => Math.round(100 * value) / 100;

/** @param {Summary} summary */
export const questionsCsv = ({ questions }) => csv([
  ["step", "title", "question", "answered by", "right at the first try", "share", "median tries", "median seconds", "mistakes"],
  ...questions.map(({ question: { step, title, ask }, answered, first, tries, seconds, mistakes }) => [
    step, title, ask, answered, first, answered ? round(first / answered) : "", answered ? tries : "", answered ? round(seconds) : "",
    mistakes.map(([mistake, count]) => `${count} × ${mistake || "other answers"}`).join("\n"),
  ]),
]);

/** @param {Summary} summary */
export const studentsCsv = ({ questions, students }) => csv([
  ["name", "file", "right at the first try", "answered", "tries", "seconds", "last answer",
    ...questions.map(({ question: { step } }) => `step ${step}: right at try`)],
  ...students.map(({ name, file, first, answered, tries, seconds, last, results }) => [
    name, file, first, answered, tries, round(seconds), dateOf(last), ...results.map((at) => (at === null ? "" : at || "never")),
  ]),
]);

/**
 * @param {number} seconds
 * @returns {string} empty of 0, and of what is no date
 */
export function dateOf(seconds) {
  const date = new Date(1000 * seconds);
  return seconds && !Number.isNaN(date.getTime()) ? date.toISOString().slice(0, 16).replace("T", " ") : "";
}
