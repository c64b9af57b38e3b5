// Back, Step and Play, what a step moves by, and how fast Play is.

import { choice, el, write, writeMarkup } from "../common/elements.js";

/**
 * @typedef {object} Moves
 * @property {string} play what its button is called now
 * @property {string} grain
 * @property {string} speed
 * @property {string} next what Step will do, as markup
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
    type: "button", className: press, "data-control": press, onclick: () => send({ press }),
  }, name);
  const back = button("back", "Back"), step = button("step", "Step");
  // What it is called is what is asked for, also if that has come about meanwhile.
  const play = el("button", {
    type: "button", className: "play", "data-control": "play", onclick: () => send({ press: (play.textContent ?? "").toLowerCase() }),
  });
  // The same where there is no room for all of them side by side.
  const grain = choice({ className: "grain", ariaLabel: "Step by", "data-control": "grain" }, (name) => send({ grain: name }),
    ...grains.map((name) => el("option", {}, name)));
  const choices = grains.map((name) => el("button", {
    type: "button", title: `Step by ${name.toLowerCase()}`, onclick: () => send({ grain: name }),
  }, name));
  const speed = choice({ className: "speed", ariaLabel: "Speed", title: "How fast Play is" }, (name) => send({ speed: name }),
    ...speeds.map((name) => el("option", {}, name)));
  const next = el("p", { className: "next" });
  const node = el("div", { className: "moves" },
    el("div", { className: "row" }, back, step, play, speed, grain),
    el("div", { className: "row choices", "data-control": "grain" },
      el("div", { className: "grains", role: "group", ariaLabel: "Grain" }, ...choices)),
    next);

  /** @param {Moves} moves */
  function draw(moves) {
    back.disabled = !moves.back;
    step.disabled = !moves.free;
    write(play, moves.play);
    choices.forEach((button, k) => {
      button.setAttribute("aria-pressed", String(grains[k] === moves.grain));
      button.disabled = !moves.free;
    });
    grain.value = moves.grain;
    grain.disabled = !moves.free;
    speed.value = moves.speed;
    writeMarkup(next, moves.next ? `Next: ${moves.next}` : "");
  }

  return { node, draw };
}
