// Grain Inside: the result appears when one steps onto it, from left to right, while a frame goes
// from each operand to it.

import { el } from "../../common/elements.js";
import { isStill } from "./still.js";

/** @import { Board } from "../board.js" */
/** @import { PanelView } from "../panel.js" */
/** @import { CellsMessage } from "../scene.js" */

const APPEARS = 280; // ms

/**
 * @param {Board} board
 * @param {CellsMessage} said
 * @param {HTMLElement} over on which frames are drawn
 */
export function reveal(board, said, over) {
  if (isStill()) return;
  const views = [...board.panels.values()];
  const made = views.filter(({ panel }) => said.made.includes(panel.key));
  for (const { tiles } of made) {
    tiles.animate([{ clipPath: "inset(0 100% 0 0)", opacity: 0.3 }, { clipPath: "inset(0)", opacity: 1 }],
      { duration: APPEARS, easing: "ease-out" });
  }
  const result = board.panels.get(said.result);
  if (!result) return;
  const frame = over.getBoundingClientRect(), to = boxOf(result);
  // All is measured before anything is added, which would be laid out each time.
  const ways = views.filter((view) => said.operands.includes(view.panel.key) && !made.includes(view)).map(boxOf);
  over.style.setProperty("--phase", board.colour("--phase"));
  /** @param {DOMRect} box */
  const at = (box) => ({ left: `${box.x - frame.x}px`, top: `${box.y - frame.y}px`,
    width: `${box.width}px`, height: `${box.height}px` });
  for (const from of ways) {
    const node = el("i", { className: "window" });
    over.append(node);
    node.animate([{ ...at(from), opacity: 0.8 }, { ...at(to), opacity: 0.1 }],
      { duration: APPEARS, easing: "ease-in-out" }).finished.then(() => node.remove(), () => node.remove());
  }
}

/**
 * Stepping faster than it appears shows it at once.
 * @param {Board} board
 * @param {HTMLElement} over
 */
export function endReveal(board, over) {
  for (const { tiles } of board.panels.values()) for (const animation of tiles.getAnimations()) animation.cancel();
  over.replaceChildren();
}

/** @param {PanelView} view */
const boxOf = (view) => view.views[0].node.getBoundingClientRect();
