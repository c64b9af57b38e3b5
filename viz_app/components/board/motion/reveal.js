// Grain Inside: the result appears when one steps onto it, from left to right, while a frame goes
// from each operand to it.

import { el } from "../../common/elements.js";

/** @import { Board } from "../board.js" */
/** @import { PanelView } from "../panels/panel.js" */
/** @import { CellsMessage } from "../scene.js" */

const APPEARS = 280; // ms

/**
 * @param {Board} board
 * @param {CellsMessage} said
 * @param {HTMLElement} over on which frames are drawn
 * @returns {Animation[]} of the results: they are cancelled where somebody steps faster
 */
export function reveal(board, said, over) {
  const views = [...board.panels.values()], result = board.panels.get(said.result);
  const made = views.filter(({ panel }) => said.made.includes(panel.key));
  // All is measured before anything is added, which would be laid out each time.
  const frame = over.getBoundingClientRect(), to = result && boxOf(result);
  const ways = views.filter((view) => said.operands.includes(view.panel.key) && !made.includes(view)).map(boxOf);
  const appearing = made.map(({ tiles }) => tiles.animate(
    [{ clipPath: "inset(0 100% 0 0)", opacity: 0.3 }, { clipPath: "inset(0)", opacity: 1 }],
    { duration: APPEARS, easing: "ease-out" }));
  if (to) {
    over.style.setProperty("--phase", board.colour("--phase"));
    over.append(...ways.map((from) => gone(from, to, frame)));
  }
  return appearing;
}

/**
 * A frame on its way. It is moved and scaled, which takes no layout: the page is laid out once.
 * @param {DOMRect} from
 * @param {DOMRect} to
 * @param {DOMRect} frame
 */
function gone(from, to, frame) {
  const node = el("i", { className: "window", style: `left:${to.x - frame.x}px;top:${to.y - frame.y}px;`
    + `width:${to.width}px;height:${to.height}px;transform-origin:0 0` });
  const start = `translate(${from.x - to.x}px, ${from.y - to.y}px) scale(${from.width / to.width}, ${from.height / to.height})`;
  node.animate([{ transform: start, opacity: 0.8 }, { transform: "none", opacity: 0.1 }],
    { duration: APPEARS, easing: "ease-in-out" }).finished.then(() => node.remove(), () => node.remove());
  return node;
}

/** @param {PanelView} view */
const boxOf = (view) => view.views[0].node.getBoundingClientRect();
