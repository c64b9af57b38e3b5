// One number explained: its name, formula, terms and result; each factor leads to its cell.

import { el } from "../common/elements.js";
import { format, single } from "../common/format.js";
import { takeSpotlight } from "../common/spotlight.js";
import { hear, say } from "../common/together.js";
import { COVERED_NUMBER, COVERED_WORDS } from "../board/covered.js";
import { besideLine } from "./beside.js";
import { checkResult } from "./check.js";
import { set, termsTable } from "./terms.js";
import { trailOf } from "./trail.js";

/** @import { Rendered } from "../common/panel.js" */
/** @import { Progress } from "../board/scene.js" */
/** @import { Listed } from "../lesson/list.js" */
/** @import { Content, Trail } from "./content.js" */

// What somebody can do who has just come.
const START = [
  "Press Step: what happens next inside the layer is shown. The timeline below says where you are.",
  "Point at a cell: what belongs to it lights up in the other matrices.",
  "Click it: here you read how its number was made, term by term.",
  "Choose Iteration and press Play: the network learns, and the curve of its loss falls.",
];

// So many terms are seen at once.
const FEW = 12;

/** @param {Rendered<{ content: Content, trail: Trail, whole: boolean, offer: Partial<Listed>,
 * look_for: string }>} component */
export function render({ model, el: host }) {
  const way = el("div"), what = el("div");
  const ahead = el("p", { className: "ahead", hidden: true }, "Cells are being computed. The last one is explained once they stop.");
  const root = el("div", { className: "why" }, ahead, way, what);
  host.append(root);

  // Of which explanation it is asked: by the time it arrives there may be another one.
  /** @param {unknown} asked */
  const ask = (asked) => model.send_msg({ number: model.content.number, what: asked });

  /** @param {string} text */
  const button = (text, asked = "", className = "check") => el("button", { type: "button",
    className, "data-control": asked, onclick: () => ask(asked) }, text);

  /** The number to its last digit, a check of it, and where it goes next. */
  function stored() {
    const { onward: next } = model.content;
    const onward = next ? [el("span", { className: "onward" }, "goes on: ", el("button", {
      type: "button", className: "link", title: next.title, onclick: () => ask("onward"),
    }, set(next.symbol), " ›"))] : [];
    const { gradient, check, rounding, misses, editable } = model.content;
    const number = el("span", { className: "stored" }, "to 6 digits ",
      el("b", {}, misses ? COVERED_NUMBER : format(single(model.content.stored), 6)), rounding ? ", rounding only" : "");
    const found = check ? checkResult(check) : [];
    if (editable) return [el("p", { className: "line" }, number, button("Change this number", "edit")),
      el("p", { className: "line" }, "", ...onward)];
    if (!gradient || check) return [el("p", { className: "line" }, number, ...onward), ...found];
    return [el("p", { className: "line" }, number, button("Check this gradient", "check")),
      ...(next ? [el("p", { className: "line" }, "", ...onward)] : [])];
  }

  /** The lesson to begin with. */
  function offer() {
    const { name, title = "", minutes } = model.offer;
    if (!name) return [];
    const start = el("button", { type: "button", className: "check offer", onclick: () => say(host, "lesson", name) });
    start.append(set(title), `, ${minutes} minutes`);
    return [start, el("p", { className: "aside" }, "Or look around by yourself:")];
  }

  /** What to look for in the network that was chosen. */
  function hint() {
    return model.look_for ? [el("p", { className: "look-for" }, el("b", {}, "Look for: "), model.look_for)] : [];
  }

  function draw() {
    const content = model.content;
    root.classList.toggle("open", Boolean(content.name));
    if (!content.name) {
      what.replaceChildren(el("h3", {}, "Start here"), ...hint(), ...offer(),
        el("ol", { className: "hint" }, ...START.map((text) => el("li", {}, text))));
      return;
    }
    root.dataset.phase = content.phase;
    const heading = el("h3", { className: content.heading ? "heading" : "" },
      set(content.heading || content.name));
    const close = el("button", { type: "button", className: "close", title: "select nothing (Esc)",
      ariaLabel: "Select nothing", onclick: () => ask("close") }, "×");
    if (content.covered) {
      what.replaceChildren(el("div", { className: "top" }, heading, close), el("p", { className: "reason" }, COVERED_WORDS));
      return;
    }
    // The heads of a table tell the indices of this number already.
    const isTold = content.groups.some(({ heads }) => heads.length > 1 && heads.every(Boolean));
    const lines = [content.formula, isTold ? "" : content.own].filter(Boolean);
    const count = content.terms.length + content.rest.count;
    const order = count <= FEW ? [] : [el("p", { className: "order" }, `${count} terms, ` +
      `${content.by_size ? "the largest first" : "in order"} · `,
    button(content.by_size ? "in order" : "largest first", "order", "link"))];
    what.replaceChildren(
      el("div", { className: "top" }, heading, close),
      ...(content.heading ? [el("p", { className: "name" }, set(content.name))] : []),
      ...besideLine(content.beside, () => ask("run")),
      ...(content.aside ? [el("p", { className: "aside" }, content.aside)] : []),
      el("div", { className: "formula" }, ...lines.map((text) => {
        const line = el("div");
        line.innerHTML = text;
        return line;
      })),
      ...(content.why ? [el("p", { className: "reason" }, set(content.why))] : []),
      ...order, termsTable(content, ask, stored()));
  }

  function drawTrail() {
    way.replaceChildren(...(model.content.name ? trailOf(model.trail, (away) => {
      // The browser's own history: its Back and Forward lead to the same stops.
      if (model.whole) history.go(away); else model.send_msg({ what: "trail", away });
    }) : []));
  }

  // Nothing is explained that is not lit.
  hear(model, host, "progress", (/** @type {Progress} */ now) => {
    ahead.hidden = !now.ahead;
    way.hidden = what.hidden = now.ahead;
  });

  let number = 0;
  model.on("content", () => {
    draw();
    drawTrail();
    // Another number is read from its beginning.
    if (number !== model.content.number) host.scrollTop = 0;
    number = model.content.number;
  });
  model.on("trail", drawTrail);
  model.on("look_for", draw);
  draw();
  drawTrail();
  takeSpotlight(model, host);
}
