// The terms of a number as a table: index, factors, product, a bar of its size and sign.

import { el } from "../common/elements.js";
import { format, single } from "../common/format.js";
import { COVERED_NUMBER, COVERED_WORDS } from "../board/covered.js";
import { decimalsOfFactors, decimalsOfSum, fixed, unitOf } from "./decimals.js";

/** @import { Content, Factor, Group, Term } from "./content.js" */

// More factors side by side have no columns of their own.
const MOST_COLUMNS = 3;
const ZERO = "≈ 0";

/** @type {Record<string, string>} */
const RESULT = { max: "largest", argmax: "place of the largest" };

/**
 * An element with markup in it.
 * @param {string} html
 */
export function set(html, className = "") {
  const node = el("span", { className });
  node.innerHTML = html;
  return node;
}

/**
 * What the numbers of a column are multiplied by; nothing for one.
 * @param {number} exponent
 */
const power = (exponent) => (exponent
  ? [el("small", { className: "unit" }, "×10", el("sup", {}, String(exponent).replace("-", "−")))] : []);

/**
 * The head of some columns. A cell of none is no head, and symbols are read by their letters: few
 * readers speak MathML.
 * @param {(Node | string)[]} content
 */
function headOf(content, colSpan = 1) {
  const words = content.map((part) => (part instanceof Node ? part.textContent : part)).join("").trim();
  if (!words) return el("td", { colSpan });
  const seen = el("span", { ariaHidden: "true" }, ...content), read = el("span", { className: "heard" }, words);
  return el("th", { scope: colSpan > 1 ? "colgroup" : "col", colSpan }, seen, read);
}

/**
 * The table of the terms of an explanation.
 * @param {Content} content
 * @param {(what: unknown) => void} ask for the number that is pressed
 * @param {Node[]} below what stays in sight below the result
 */
export function termsTable(content, ask, below) {
  const { terms, groups, rest, operation } = content;
  const isSum = operation === "sum", several = terms.length + rest.count > 1;
  // A function is one of the sum of the terms.
  const isAdded = isSum || operation === "function";
  const values = terms.map((term) => term.value);
  const addends = rest.count && isAdded ? [...values, rest.value] : values;
  const sum = isSum ? content.stored : content.sum;
  const unit = unitOf(isAdded ? [...addends, sum] : addends);
  const scaled = addends.map((value) => value / 10 ** unit), total = sum / 10 ** unit;
  const { decimals, exact } = isAdded ? decimalsOfSum(scaled, total)
    : { ...decimalsOfSum(scaled, scaled.reduce((all, value) => all + value, 0)), exact: true };
  const columns = Math.min(MOST_COLUMNS, Math.max(...terms.map((term) => term.factors.length)));
  const wide = columns === 1 ? 1 : columns + 1;
  const bars = several ? barsOf(values) : null;
  const best = Math.max(...values);
  const won = isAdded ? -1 : values.indexOf(best);

  /**
   * What would tell a number that is covered is not told.
   * @param {string} text
   */
  const known = (text) => (content.misses ? COVERED_NUMBER : text);

  /**
   * @param {Factor} item
   * @param {Term} term
   * @param {number} j its place in that
   * @param {string} text
   */
  function number(item, term, j, text) {
    const isCovered = term.covered?.includes(j), shown = isCovered ? COVERED_NUMBER : item.rounding ? ZERO : text;
    return item.linked ? el("button", { type: "button", className: "link",
      title: `${item.title}: ${isCovered ? COVERED_WORDS : format(single(item.value), 6)}`,
      onclick: () => ask([term.place, j]) }, shown) : el("span", {}, shown);
  }

  /** @param {Term} term */
  function because(term) {
    const shown = term.because.flatMap((reason, j) => [j ? ", " : "because ", set(reason.symbol),
      " = ", number(reason, term, term.factors.length + j, format(reason.value, 4))]);
    if (term.reasons > term.because.length) shown.push(", …");
    return shown.length ? [el("tr", { className: "because" },
      el("td", { colSpan: wide + 1 }, ...shown), el("td"))] : [];
  }

  /**
   * @param {Group} group
   * @param {number} start
   */
  function rowsOf(group, start) {
    const members = terms.slice(start, start + group.count);
    const own = members[0].factors.length;
    const [inLine, alone] = [own > columns, group.count === 1 && own === 1];
    const units = group.heads.map((_, j) => unitOf(members.map((term) => term.factors[j].value)));
    const factors = units.map((exponent, j) =>
      members.map((term) => term.factors[j].value / 10 ** exponent));
    const scale = 10 ** (units.reduce((all, exponent) => all + exponent, 0) - unit);
    const printed = own > 1 && !inLine ? decimalsOfFactors(factors,
      members.map((term) => term.value / 10 ** unit), decimals, scale) : null;
    const unitHead = start ? [] : power(unit);
    const head = [headOf([set(group.letters)])];
    if (inLine) {
      const symbols = group.heads.flatMap((text, j) => (text ? [j ? " " : "", set(text)] : []));
      head.push(headOf(symbols, columns));
    } else if (own > 1) {
      group.heads.forEach((text, j) => head.push(headOf([set(text), " ", ...power(units[j])],
        j === own - 1 ? columns - own + 1 : 1)));
    } else if (columns > 1) head.push(headOf([], columns));
    head.push(headOf([...(own === 1 && !alone ? [set(group.heads[0]), " "] : []), ...unitHead]),
      headOf([]));
    const rows = members.flatMap((term, k) => {
      const cells = [];
      const { label } = term;
      if (own > 1 && !inLine && printed) {
        cells.push(el("td", { className: "index", title: term.note },
          ...(label ? [label] : group.count > 1 ? [set(term.note)] : [])));
        term.factors.forEach((item, j) => cells.push(el("td", { className: "factor",
          colSpan: j === own - 1 ? columns - own + 1 : 1 },
        number(item, term, j, fixed(factors[j][k], printed.decimals[j])),
        j < own - 1 ? " ×" : printed.exact[k] ? " =" : " ≈")));
      } else if (inLine) {
        cells.push(el("td", { className: "index", title: term.note }, label),
          el("td", { className: "product", colSpan: columns }, ...term.factors.flatMap((item, j) =>
            [j ? " × " : "", number(item, term, j, format(item.value, 3))]), " ≈"));
      } else {
        cells.push(el("td", { className: "index", colSpan: wide, title: term.note },
          ...(alone ? [set(group.heads[0]), " ", set(term.note, "note")]
            : label ? [label] : [set(term.note)])));
      }
      const text = term.covered ? COVERED_NUMBER : fixed(term.value / 10 ** unit, decimals);
      const value = own === 1 ? number(term.factors[0], term, 0, text)
        : el("span", { title: term.covered ? COVERED_WORDS : format(term.value, 6) }, text);
      return [el("tr", { className: start + k === won ? "term won" : "term" }, ...cells,
        el("td", { className: "number" }, value), el("td", { className: "bar" },
          ...(bars ? [bars(term.value)] : []))), ...because(term)];
    });
    // Terms that stand alone have their symbols beside them.
    return alone && !unitHead.length ? rows : [el("tr", { className: "heads" }, ...head), ...rows];
  }

  const body = el("tbody");
  let start = 0;
  for (const group of groups) {
    body.append(...rowsOf(group, start));
    start += group.count;
  }
  if (rest.count) {
    body.append(el("tr", { className: "more" }, el("td", { colSpan: wide }, `${rest.count} more`),
      el("td", { className: "number" }, isAdded ? known(fixed(rest.value / 10 ** unit, decimals)) : ""),
      el("td", { className: "bar" }, ...(bars && isAdded ? [bars(rest.value)] : []))));
  }
  /**
   * @param {(Node | string)[]} label
   * @param {string} text
   */
  const result = (label, text, className = "total") => el("tr", { className },
    el("td", { colSpan: wide }, ...label), el("td", { className: "number" }, known(text)), el("td"));
  const whole = known(content.rounding ? ZERO : format(single(content.stored), 6));
  // Not in the unit of the column above.
  /** @param {Node | string} label */
  const inFull = (label) => el("tr", { className: "total" }, el("td", { colSpan: wide }, label),
    el("td", { className: "number full", colSpan: 2 }, whole));
  const foot = el("tfoot");
  if (operation === "function") {
    if (several) {
      foot.append(result(["x, their sum ", exact ? "=" : "≈"], fixed(total, decimals), "part"));
    }
    foot.append(inFull(set(content.function)));
  } else if (isSum) {
    foot.append(result([set(content.symbol), content.rounding ? "" : exact ? " =" : " ≈"],
      content.rounding ? ZERO : fixed(total, decimals)));
  } else foot.append(inFull(RESULT[operation]));
  foot.append(el("tr", { className: "below" }, el("td", { colSpan: wide + 2 }, ...below)));
  return el("table", {}, body, foot);
}

/**
 * Bars from a zero line to either side, all on one scale.
 * @param {number[]} values
 */
function barsOf(values) {
  const low = Math.min(0, ...values), high = Math.max(0, ...values);
  const span = high - low;
  /** @param {number} share */
  const percent = (share) => `${(100 * share).toFixed(2)}%`;
  /** @param {number} value */
  return (value) => {
    const room = el("div", { className: "room" });
    if (!(span > 0) || !Number.isFinite(span)) return room;
    const kept = Math.max(low, Math.min(high, value));
    const part = el("i", { className: value < 0 ? "minus" : "plus" });
    part.style.left = percent((Math.min(0, kept) - low) / span);
    part.style.width = percent(Math.abs(kept) / span);
    const line = el("b");
    line.style.left = percent(-low / span);
    room.append(part, line);
    return room;
  };
}
