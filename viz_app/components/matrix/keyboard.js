// A matrix under the keys: it takes the focus, arrows move from cell to cell, and what is reached is
// pointed at as with a mouse. Cells are drawn on a canvas; what a screen reader meets is a grid of
// which only the cell at hand exists.

import { el } from "../common/elements.js";

/** @import { Board } from "../board/board.js" */
/** @import { Pair } from "../board/scene.js" */
/** @import { TileView } from "../board/panels/tile.js" */

let cellsMade = 0;

/**
 * Draw other matrices. The array that has the focus keeps it, if it is among them.
 * @param {Board} board
 * @param {() => void} rebuild
 */
export function keepingFocus(board, rebuild) {
  /** @param {TileView} view */
  const hasFocus = ({ node }) => node.matches(":focus");
  const [name, panel] = [...board.panels].find(([, { views }]) => views.some(hasFocus)) ?? ["", null];
  const at = panel?.views.find(hasFocus)?.keys.at ?? null;
  rebuild();
  const again = panel && board.panels.get(name)?.views[0];
  if (!again) return;
  again.keys.at = at;
  again.node.focus({ preventScroll: true });
}

export class MatrixKeys {
  /** @param {TileView} view whose node becomes the grid */
  constructor(view) {
    this.view = view;
    /**
     * The cell at hand; null until somebody comes.
     * @type {Pair | null}
     */
    this.at = null;
    this.row = el("div", { role: "row" });
    const { node } = view;
    node.setAttribute("role", "grid");
    node.addEventListener("keydown", (event) => this.press(event));
    node.addEventListener("focus", () => this.enter());
    node.addEventListener("blur", () => this.leave());
  }

  /** @param {string} name of the array */
  describe(name) {
    const { node, panel, tile } = this.view;
    const seen = panel.picture ? "as a picture" : "";
    node.setAttribute("aria-label", [name, seen, tile.label].filter(Boolean).join(", "));
    node.setAttribute("aria-rowcount", String(panel.row_total));
    node.setAttribute("aria-colcount", String(panel.column_total));
    // Of the pictures of one array the Tab key meets one.
    if (!node.hasAttribute("tabindex")) node.tabIndex = node.matches(":first-child") ? 0 : -1;
  }

  /** What is drawn anew may be larger, or hold other numbers. */
  draw() {
    if (!this.at) return;
    const [rows, columns] = this.view.tile.shape;
    this.at = [Math.min(this.at[0], rows - 1), Math.min(this.at[1], columns - 1)];
    this.place();
  }

  enter() {
    const { node } = this.view;
    // A click leaves the arrow keys to the player; who comes by keys sees the ring of the focus.
    if (!node.matches(":focus-visible")) {
      node.blur();
      return;
    }
    for (const other of this.siblings) other.tabIndex = other === node ? 0 : -1;
    const { r, c } = this.view.window();
    this.go(this.at ?? this.selected ?? [r, c]);
  }

  leave() {
    const { board } = this.view;
    // A click that gives the focus back at once leaves what the mouse points at as it is.
    if (!this.row.isConnected) return;
    this.row.remove();
    this.view.node.removeAttribute("aria-activedescendant");
    if (board.pointed?.view === this.view) board.leave();
  }

  /** The pictures of the same array, this one among them. */
  get siblings() {
    const all = [...this.view.node.parentElement?.querySelectorAll("[role=grid]") ?? []];
    return /** @type {HTMLElement[]} */ (all);
  }

  /** The cell that is explained, if it is one of these. */
  get selected() {
    const { view } = this, { key, coordinates } = view.board.model.selected;
    if (key !== view.panel.key || !coordinates) return null;
    const { pairs } = view.matches(coordinates, view.board.scene.geometry);
    return pairs.length === 1 ? pairs[0] : null;
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.altKey || event.metaKey || event.target !== this.view.node) return;
    const act = this.action(event);
    if (!act) return;
    event.preventDefault();
    act();
  }

  /**
   * What a key does here; nothing for those that are left to the page.
   * @param {KeyboardEvent} event
   * @returns {(() => void) | undefined}
   */
  action({ key, ctrlKey, shiftKey }) {
    const { view } = this, [rows, columns] = view.tile.shape, { nr } = view.shown;
    const [r, c] = this.at ?? [0, 0];
    /** @type {Record<string, Pair>} */
    const places = {
      ArrowUp: [r - 1, c], ArrowDown: [r + 1, c], ArrowLeft: [r, c - 1], ArrowRight: [r, c + 1],
      Home: [ctrlKey ? 0 : r, 0], End: [ctrlKey ? rows - 1 : r, columns - 1],
      PageUp: [r - nr, c], PageDown: [r + nr, c],
    };
    const to = places[key];
    if (to && shiftKey) {
      const ahead = to[0] > r || to[1] > c ? 1 : -1, all = this.siblings;
      return () => all[all.indexOf(view.node) + ahead]?.focus();
    }
    if (to) return () => this.go(to);
    if (key === "Enter" || key === " ") return () => view.board.choose(view, [r, c]);
    if (key === "e" || key === "F2") return () => view.board.field.ask(view, [r, c]);
    if (key === "Escape") return () => view.node.blur();
    return undefined;
  }

  /**
   * Go to a cell, or to the nearest that there is.
   * @param {Pair} cell
   */
  go([row, column]) {
    const { view } = this, { board, panel, tile } = view, [rows, columns] = tile.shape;
    const [r, c] = this.at =
      [Math.max(0, Math.min(rows - 1, row)), Math.max(0, Math.min(columns - 1, column))];
    const { r: top, c: left, nr, nc } = view.window();
    if (r < top || r >= top + nr) board.scroll(panel.rows, r < top ? r : r - nr + 1);
    if (c < left || c >= left + nc) board.scroll(panel.columns, c < left ? c : c - nc + 1);
    // A new one: a screen reader says nothing of one that it was at already.
    cellsMade += 1;
    const cell = el("div", { className: "ring", id: `cell-${cellsMade}`, role: "gridcell" });
    this.row.replaceChildren(cell);
    view.node.append(this.row);
    this.place();
    view.node.setAttribute("aria-activedescendant", cell.id);
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    const where = () => cell.getBoundingClientRect();
    board.hover(view, [r, c], {
      get clientX() { return where().x + where().width / 2; },
      get clientY() { return where().y + where().height / 2; },
    });
  }

  /** Put the ring round the cell, and say what it is. */
  place() {
    const { view } = this, cell = this.row.firstElementChild;
    if (!this.at || !(cell instanceof HTMLElement)) return;
    const [r, c] = this.at, { side, wide, shown, tile } = view;
    cell.style.cssText = `left:${(c - shown.c) * wide}px;top:${(r - shown.r) * side}px;` +
      `width:${wide}px;height:${side}px`;
    cell.setAttribute("aria-rowindex", String(tile.row_start + r + 1));
    cell.setAttribute("aria-colindex", String(tile.column_start + c + 1));
    cell.setAttribute("aria-label", view.board.words(view, this.at));
  }
}
