// The controls of the run, like those of a video: moves on the left, the stages of this iteration
// and the losses of the run on the right. What is said of the run stands above them, over the board,
// so that nothing moves when it comes or goes.

import { el, focused, hostOf, write } from "../common/elements.js";
import { takeSpotlight } from "../common/spotlight.js";
import { hear, say } from "../common/together.js";
import { makeMoves } from "./moves.js";
import { makeScrubber } from "./scrubber.js";
import { makeTimeline } from "./timeline.js";

/** @import { Rendered } from "../common/panel.js" */
/** @import { Progress } from "../board/scene.js" */
/** @import { Moves } from "./moves.js" */
/** @import { At, Stage } from "./timeline.js" */
/** @import { Packed } from "../common/unpack.js" */

const AROUND = 16; // px below and above what is said, see `player.css`

/**
 * @typedef {object} Told
 * @property {string} status where we are
 * @property {string} message what went wrong
 * @property {boolean} refused whether it says why something was not done
 * @property {boolean} undo whether it is of a change that can be undone
 * @property {boolean} redo whether it is of one that was undone and can be made again
 * @property {string} note what is known of the test split
 * @property {{ text: string, done: number, target: number } | null} progress of a replay
 */

/**
 * What `player.py` says of itself.
 * @typedef {object} Properties
 * @property {string[]} grains
 * @property {string[]} speeds
 * @property {Moves} moves
 * @property {Told} told
 * @property {Stage[]} stages
 * @property {At} at
 * @property {Packed} past
 * @property {Packed} recent
 */

/**
 * The line that says where we are. The stage stands above the board: here it is only read out; so is its
 * number on a telephone.
 * @param {string} text
 */
function placed(text) {
  const [iteration, number, where, ...rest] = text.split(/(?<= · )/);
  if (!where) return [text];
  // The space is a word's end wherever it is read.
  return [iteration, el("span", { className: "nth" }, number.trimEnd()), " ",
    el("span", { className: "where" }, where.trimEnd()), " ", ...rest];
}

/** @param {Rendered<Properties>} component */
export function render({ model, el: host }) {
  const moves = makeMoves(model.grains, model.speeds, (said) => {
    // At grain Cell the board does it.
    if (!("press" in said && say(host, "press", said.press))) model.send_msg(said);
  });
  const timeline = makeTimeline((said) => model.send_msg(said), (count) => say(host, "compute", count));
  const scrubber = makeScrubber((iteration) => model.send_msg({ iteration }));
  timeline.node.dataset.control = "timeline";
  scrubber.node.dataset.control = "loss-curve";
  const status = el("p", { className: "cs-status", role: "status" });
  const note = el("p", { className: "cs-note" });
  const words = el("p", { className: "cs-message", role: "alert" });
  const close = el("button", { type: "button", onclick: () => model.send_msg({ press: "close" }) }, "Close");
  const [undo, redo] = ["Undo", "Redo"].map((name) => el("button", { type: "button", className: "undo",
    onclick: () => model.send_msg({ press: name.toLowerCase() }) }, name));
  const message = el("div", { className: "said" }, words, undo, redo, close);
  const bar = el("progress");
  const progressed = el("p", { className: "cs-message", role: "alert" });
  const progress = el("div", { className: "said" }, progressed, bar);
  const deck = el("div", { className: "deck" }, moves.node,
    el("div", { className: "ways" }, el("div", { className: "line" }, status, note), timeline.node,
      scrubber.node));
  const above = el("div", { className: "above" }, progress, message);
  host.append(above, deck);

  function tell() {
    const { status: where, message: said, refused, undo: undoable, redo: redoable, note: known, progress: replayed } = model.told;
    deck.classList.toggle("replaying", Boolean(replayed));
    // A screen reader says again what is written again.
    if (status.textContent !== where) status.replaceChildren(...placed(where));
    // Where it is cut.
    status.title = where;
    writeLines(words, said ?? "");
    undo.hidden = !undoable;
    redo.hidden = !redoable;
    message.classList.toggle("refused", Boolean(refused));
    write(note, known ?? "");
    note.title = known ?? "";
    words.hidden = message.hidden = !said;
    progressed.hidden = progress.hidden = !replayed;
    if (replayed) {
      progressed.textContent = replayed.text;
      bar.max = replayed.target;
      bar.value = replayed.done;
    }
  }

  const drawRun = () => scrubber.draw(model.past, model.recent);
  const drawStages = () => timeline.draw(model.stages, model.at);
  /** @type {Progress} */
  let cells = { done: 0, total: 0, next: "", ahead: false };
  const drawMoves = () => {
    const { free, back, next } = model.moves;
    moves.draw({ ...model.moves, back: free && (back || cells.done > 0), next: (free && cells.next) || next });
  };
  hear(model, host, "progress", (/** @type {Progress} */ now) => {
    cells = now;
    timeline.drawCells(now);
    drawMoves();
  });
  model.on("told", tell);
  model.on("moves", drawMoves);
  model.on("stages", drawStages);
  model.on("at", drawStages);
  model.on("past", drawRun);
  model.on("recent", drawRun);
  // What stands above it, such as the sheet of a telephone, ends where it begins.
  const page = hostOf(hostOf(host));
  const room = new ResizeObserver(() => {
    page.style.setProperty("--cs-player", `${host.offsetHeight}px`);
    page.style.setProperty("--cs-said", `${above.offsetHeight && above.offsetHeight + AROUND}px`);
    // What is said is mostly of the field in which one types: it stays in sight where the settings become lower.
    const field = focused();
    if (field?.matches("input[type=text], textarea")) field.scrollIntoView({ block: "nearest" });
    timeline.bringToMiddle();
    drawRun();
  });
  room.observe(host);
  room.observe(above);
  model.on("remove", () => room.disconnect());
  tell();
  drawMoves();
  drawStages();
  drawRun();
  // The board may have told it before.
  say(host, "progress?");
  takeSpotlight(model, host);
}

/**
 * Write what is said; see `write`. Lines that begin with blanks point at a place in a text: they are not broken.
 * @param {HTMLElement} node
 * @param {string} text
 */
function writeLines(node, text) {
  if (node.textContent === text) return;
  const parts = text.split(/((?:^ {2}.*\n?)+)/m);
  node.replaceChildren(...parts.map((part) => part.startsWith("  ") ? el("code", {}, part) : part));
}
