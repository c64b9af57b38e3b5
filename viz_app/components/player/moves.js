// Back, Step and Play, what a step moves by, and how fast Play is.

import { choice, el } from "../common/elements.js";

/**
 * @typedef {object} Moves
 * @property {string} play what its button is called now
 * @property {string} grain
 * @property {string} speed
 * @property {string} next what Step will do, as a sentence
 * @property {boolean} back whether there is something to go back to
 * @property {boolean} free whether a step can be taken
 */

/**
 * @param {string[]} grains
 * @param {string[]} speeds
 * @param {(said: Record<string, string>) => void} send
 */
export function makeMoves(grains, speeds, send) {
  /**
   * @param {string} press
   * @param {string} name
   */
  const button = (press, name) => el("button", {
    type: "button", className: press, onclick: () => send({ press }),
  }, name);
  const back = button("back", "Back"), step = button("step", "Step");
  // What it is called is what is asked for, also if that has come about meanwhile.
  const play = el("button", {
    type: "button", className: "play", onclick: () => send({ press: (play.textContent ?? "").toLowerCase() }),
  });
  const choices = grains.map((grain) => el("button", {
    type: "button", title: `Step by ${grain.toLowerCase()}`, onclick: () => send({ grain }),
  }, grain));
  const speed = choice({ ariaLabel: "Speed", title: "How fast Play is" }, (name) => send({ speed: name }),
    ...speeds.map((name) => el("option", {}, name)));
  const next = el("p", { className: "next" });
  const node = el("div", { className: "moves" },
    el("div", { className: "row" }, back, step, play),
    el("div", { className: "row" },
      el("div", { className: "grains", role: "group", ariaLabel: "Grain" }, ...choices), speed),
    next);

  /** @param {Moves} moves */
  function draw(moves) {
    back.disabled = !moves.back;
    step.disabled = !moves.free;
    if (play.textContent !== moves.play) play.textContent = moves.play;
    choices.forEach((choice, k) => {
      choice.setAttribute("aria-pressed", String(grains[k] === moves.grain));
      choice.disabled = !moves.free;
    });
    speed.value = moves.speed;
    next.textContent = moves.next ? `Next: ${moves.next}` : "";
  }

  return { node, draw };
}
