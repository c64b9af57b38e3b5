// A lesson on paper: one step below the other, with boxes to fill in, and the key on a page of its
// own.

import { el } from "../common/elements.js";
import { set } from "../explanation/terms.js";
import { matrixTable, powerOf } from "./matrix.js";

/** @import { Term } from "../lesson/content.js" */
/** @import { Sheet } from "./content.js" */

// mm of room to compute by hand, by the kind of a question.
/** @type {Record<string, number>} */
const ROOM = { number: 34, terms: 34, count: 22, sign: 22 };
const SIGNS = ["+ positive", "− negative", "0 zero"];

// On paper all is black on white, whatever the page is. It travels with what it is for.
export const SHEET_STYLE = `
.handout { color-scheme: light; color: black; background: white; font: 10.5pt/1.4 var(--cs-font); overflow-wrap: anywhere; }
.handout :is(h1, h2, h3, p, figure) { margin: 0; }
.handout h1 { font-size: 18pt; line-height: 1.2; }
.handout h2 { font-size: 13pt; line-height: 1.25; }
.handout h3 { font-size: 10.5pt; }
.handout :is(h1, h2, h3) { break-after: avoid; }
.handout math { font-family: var(--cs-math); font-weight: 400; font-style: normal; }
.handout math:not([displaystyle]) { font-size: 1.12em; }
.handout small { font-size: 9pt; }
.handout .about { display: grid; gap: 2mm; padding-bottom: 3mm; border-bottom: 1px solid gray; }
.handout .who { display: flex; gap: 8mm; padding-top: 2mm; }
.handout .line { flex: 1; border-bottom: 1px solid black; min-width: 40mm; display: inline-block; min-height: 6mm; }
.handout .step { margin-top: 6mm; break-inside: avoid; }
.handout .step > :not(h2) { margin-top: 2mm; }
.handout .ask { font-weight: 600; }
.handout figure { display: inline-block; vertical-align: top; margin: 0 5mm 2mm 0; break-inside: avoid; max-width: 100%; }
.handout figcaption { font-size: 9.5pt; padding-bottom: 1mm; }
.handout table { border-collapse: collapse; font: 8.5pt/1 var(--cs-font); font-variant-numeric: tabular-nums; break-inside: avoid; }
.handout figure th { font-weight: 400; font-size: 7.5pt; color: dimgray; padding: 0.5mm; text-align: center; }
.handout figure td:not(.corner, .gap) { border: 1px solid gray; min-width: 7mm; height: 5.6mm; padding: 0 0.6mm; text-align: right; box-sizing: border-box; }
.handout figure td.gap { text-align: center; padding: 0 0.5mm; }
.handout figure td.lit:not(.empty) { background: gainsboro; }
.handout figure td.marked { position: relative; }
.handout figure td.marked::after { content: "◥"; position: absolute; right: 0; top: 0; font-size: 5pt; line-height: 0.8; }
.handout figure td.ring { border-style: dashed !important; color: dimgray; }
.handout figure td.empty { border: 2px solid black !important; }
.handout .terms :is(th, td) { font: 9.5pt/1.2 var(--cs-font); padding: 0.8mm 3mm 0.8mm 0; text-align: right; font-weight: 400; }
.handout .box { display: inline-block; box-sizing: border-box; border: 1.5px solid black; vertical-align: middle; width: 4mm; height: 4mm; margin-right: 2mm; }
.handout .box.wide { width: 22mm; height: 6mm; margin: 0; }
.handout ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 1.5mm; }
.handout ul.row { display: flex; gap: 8mm; }
.handout li { display: flex; }
.handout li .box { flex: none; margin-top: 0.6mm; }
.handout .answer { display: flex; gap: 3mm; align-items: end; max-width: 90mm; }
.handout .room { border: 1px solid silver; border-radius: 1mm; padding: 1mm 2mm; color: dimgray; box-sizing: border-box; break-inside: avoid; }
.handout .key { display: grid; gap: 3mm; break-before: page; padding-top: 6mm; border-top: 1px solid gray; }
.handout .key > div { break-inside: avoid; }
@media print {
  .handout { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  .handout .key { padding-top: 0; border: 0; }
}`;

/** @param {string} [kind] */
const box = (kind = "") => el("span", { className: `box ${kind}` });

/**
 * The whole of a lesson.
 * @param {Sheet[]} steps
 * @param {string} link to it, plain; empty if none is short
 */
export function sheetOf(steps, link) {
  const [first] = steps, keys = steps.filter(({ key }) => key);
  const title = el("h1");
  title.innerHTML = first.lesson;
  const about = el("div", { className: "about" }, title, el("p", {}, `${first.minutes} minutes. `, set(first.learns)),
    el("p", {}, el("small", {}, "Empty boxes with a thick border are to be filled in. Where a question says click, mark the cell with a pen. Rows and columns are numbered at their edges.",
      ...(link ? [` On the screen: ${link}`] : []))),
    el("div", { className: "who" }, "Name", el("span", { className: "line" }), "Date", el("span", { className: "line" })));
  return el("article", { className: "handout" }, el("style", {}, SHEET_STYLE), about, ...steps.map(sectionOf),
    ...(keys.length ? [el("section", { className: "key" }, el("h2", {}, "Answer key: ", set(first.lesson)), ...keys.map(keyOf))] : []));
}

/** @param {Sheet} step */
function headingOf({ step, heading }) {
  return [`${step} `, set(heading)];
}

/** @param {Sheet} step */
function sectionOf(step) {
  const matrices = step.matrices ?? [], common = powerOf(matrices);
  return el("section", { className: "step" }, el("h2", {}, ...headingOf(step)), el("p", {}, set(step.text)),
    ...(step.error ? [el("p", {}, `This cannot be asked: ${step.error}`)] : []),
    ...(step.ask ? [el("p", { className: "ask" }, set(step.ask))] : []),
    ...(matrices.length ? [el("div", {}, ...matrices.map((matrix) => matrixTable(matrix, common)))] : []),
    ...answerOf(step),
    // Of what is worked out.
    ...(step.why ? [el("p", {}, set(step.why))] : []));
}

/**
 * Where the answer is written, and room to find it.
 * @param {Sheet} step
 */
function answerOf(step) {
  const { kind = "", asks, options = [], labels = [], terms = [] } = step;
  const room = ROOM[kind], computing = el("div", { className: "room" }, "Room to compute");
  computing.style.height = `${room}mm`;
  /** @type {HTMLElement[]} */
  const parts = terms.length ? [termsOf(step)] : [];
  if (!asks) return parts;
  if (kind === "choose") parts.push(el("ul", {}, ...options.map((option) => el("li", {}, box(), set(option)))));
  else if (kind === "sign") parts.push(el("ul", { className: "row" }, ...SIGNS.map((sign) => el("li", {}, box(), sign))));
  else if (kind === "order") {
    parts.push(el("p", {}, "Number them, the largest first:"), el("ul", {}, ...labels.map((label) => el("li", {}, box(), label))));
  } else if (room && !terms.length) {
    parts.push(el("p", { className: "answer" }, kind === "terms" ? "The sum" : "Answer", el("span", { className: "line" })));
  }
  return room ? [...parts, computing] : parts;
}

/** @param {Sheet} step */
function termsOf({ terms = [], heads = [], symbol = "", asks }) {
  /** @param {Term} term */
  const row = ({ label, factors, blank, value }) => el("tr", {}, el("th", { scope: "row" }, set(label)),
    el("td", {}, factors.join(" × "), factors.length > 1 ? " =" : ""), el("td", {}, blank && asks ? box("wide") : value));
  const head = heads.length ? [el("tr", {}, el("td"), el("th", { scope: "col" },
    ...heads.flatMap((name, k) => [k ? " × " : "", set(name)])), el("td"))] : [];
  const total = asks ? [el("tr", {}, el("td"), el("td", {}, set(symbol), " ="), el("td", {}, box("wide")))] : [];
  return el("table", { className: "terms" }, el("tbody", {}, ...head, ...terms.map(row), ...total));
}

/** @param {Sheet} step */
function keyOf(step) {
  const { said = "", why = "" } = step.key ?? {};
  return el("div", {}, el("h3", {}, ...headingOf(step)), el("p", {}, el("b", {}, set(said))), el("p", {}, set(why)));
}
