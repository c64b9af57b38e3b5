// On a page that is longer than its window: what belongs together is brought into sight.

/** @import { Coordinates } from "./scene.js" */
/** @import { PanelView } from "./panels/panel.js" */

/** @typedef {{ top: number, bottom: number }} Span px of the window */

const EDGE = 8; // px

/**
 * Where the cells of a panel lie that belong to what is chosen; null if none is shown.
 * @param {PanelView} panel
 * @param {(cell: Coordinates) => number} test
 * @param {number} level
 * @returns {Span | null}
 */
function spanOf(panel, test, level) {
  /** @type {Span | null} */
  let found = null;
  for (const view of panel.views) {
    const { r, c, nr, nc } = view.shown, box = view.over.getBoundingClientRect();
    if (!box.height || view.tile.bins) continue;
    for (let row = 0; row < nr; row++) {
      const isLit = Array.from({ length: nc }, (_, k) => test(view.coordinates(r + row, c + k)) >= level).some(Boolean);
      if (!isLit) continue;
      const top = box.top + box.height * row / nr, bottom = box.top + box.height * (row + 1) / nr;
      found = joined(found ?? { top, bottom }, { top, bottom });
    }
  }
  return found;
}

/**
 * @param {Span} a
 * @param {Span} b
 */
const joined = (a, b) => ({ top: Math.min(a.top, b.top), bottom: Math.max(a.bottom, b.bottom) });

/**
 * Scroll the page until a chosen cell is in sight, and as much of what belongs to it as there is
 * room for, the nearest first. What covers the page from below is the `scroll-margin` of panels.
 * @param {PanelView} chosen
 * @param {Iterable<PanelView>} panels
 * @param {(cell: Coordinates) => number} test how much a cell belongs to it
 * @param {number} covered px that stay covered from above
 */
export function bringIntoSight(chosen, panels, test, covered) {
  const cell = spanOf(chosen, test, 2);
  if (!cell) return;
  const start = covered + EDGE, end = innerHeight - (parseFloat(getComputedStyle(chosen.node).scrollMarginBottom) || 0) - EDGE;
  const all = [...panels], at = all.indexOf(chosen);
  /** @param {Span} span */
  const height = ({ top, bottom }) => bottom - top;
  /** @param {PanelView[]} some */
  const spans = (some) => some.flatMap((panel) => spanOf(panel, test, 1) ?? [])
    .sort((a, b) => height(joined(cell, a)) - height(joined(cell, b)));
  // First what it is made of, then what is made of it.
  const others = [...spans(all.slice(0, at)), ...spans(all.slice(at + 1))];
  let seen = cell;
  for (const span of others) {
    const both = joined(seen, span);
    if (height(both) <= end - start) seen = both;
  }
  const below = seen.bottom - end, above = seen.top - start;
  if (above < 0) scrollBy(0, above); else if (below > 0) scrollBy(0, Math.min(below, above));
}
