// A matrix as a plain table: for whoever reads with the ears, or wants all digits.

import { openDialog } from "../common/dialog.js";
import { el } from "../common/elements.js";

/** @import { Sheet } from "./sheet.js" */

// A longer table is turned in pages: a browser takes seconds to lay out a hundred thousand cells.
const CELLS_OF_PAGE = 20_000;

/**
 * Show a sheet over the page, until it is closed.
 * @param {HTMLElement} room where the dialog is put
 * @param {Sheet} sheet
 * @param {...HTMLElement} tools what can be done with it
 */
export function showTable(room, sheet, ...tools) {
  const length = Math.max(1, Math.floor(CELLS_OF_PAGE / sheet.columns.length));
  const pages = Math.ceil(sheet.lines.length / length);
  const body = el("div", { className: "sheet", role: "region", ariaLabel: sheet.name, tabIndex: 0 });
  const where = el("span", { role: "status" });
  let page = 0;
  /** @param {number} to */
  const turn = (to) => {
    page = Math.max(0, Math.min(pages - 1, to));
    body.replaceChildren(plainTable(sheet, page * length, length));
    where.textContent = `lines ${page * length + 1} to ${Math.min(sheet.lines.length, (page + 1) * length)} ` +
      `of ${sheet.lines.length}`;
  };
  turn(0);
  /**
   * @param {string} name
   * @param {number} far
   */
  const turner = (name, far) => el("button", { type: "button", onclick: () => turn(page + far) }, name);
  const turners = pages > 1 ? [turner("Previous lines", -1), where, turner("Next lines", 1)] : [];
  return openDialog(room, sheet.name, el("p", {}, `${sheet.part[0].toUpperCase()}${sheet.part.slice(1)}.`), body,
    el("div", { className: "tools" }, ...turners, ...tools));
}

/**
 * @param {Sheet} sheet
 * @param {number} start
 * @param {number} count
 */
function plainTable({ name, heads, columns, across, lines }, start, count) {
  /** @param {string} text */
  const top = (text) => el("th", { scope: "col" }, text);
  // Above the indices of the columns what they count.
  const names = el("tr", {}, ...heads.map((head) => el("th", { scope: "col", rowSpan: 2 }, head)),
    el("th", { scope: "colgroup", colSpan: columns.length }, across));
  const indices = columns[0] === "" ? [] : [el("tr", {}, ...columns.map(top))];
  return el("table", { ariaLabel: name },
    el("thead", {}, names, ...indices),
    el("tbody", {}, ...lines.slice(start, start + count).map((line) => el("tr", {},
      ...line.heads.map((head) => el("th", { scope: "row" }, head)),
      ...line.numbers.map((number) => el("td", {}, number))))));
}
