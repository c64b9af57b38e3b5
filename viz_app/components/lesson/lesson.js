// A step of a lesson: what it says and asks, and what is said of an answer.

import { whenDrawn } from "../common/bokeh.js";
import { copied } from "../common/clipboard.js";
import { el, write, writeMarkup } from "../common/elements.js";
import { save } from "../common/saving.js";
import { hear, say } from "../common/together.js";
import { set } from "../explanation/terms.js";
import { controlsOf, Draft } from "./asked.js";
import { makeFold } from "./fold.js";
import { keepProgress, keptOf } from "./kept.js";

/** @import { Rendered } from "../common/panel.js" */
/** @import { Content, Kept } from "./content.js" */

/**
 * What `lesson.py` says of itself.
 * @typedef {object} Properties
 * @property {Content | Record<string, never>} content
 * @property {Kept} kept
 * @property {{ name: string, address: string, refused: string }} carried
 * @property {string[]} lit
 */

const QUESTION = "question";

/** @param {Rendered<Properties>} component */
export function render({ model, el: host }) {
  const name = el("span", { className: "lesson" }), count = el("span", { className: "count" });
  const heading = el("h3", { tabIndex: -1 }), body = el("div", { className: "body" });
  const verdict = el("div", { className: "verdict", role: "status" }), more = el("div", { className: "row" });
  const error = el("p", { className: "error", role: "alert" });
  /**
   * @param {string} text
   * @param {string} press
   */
  const button = (text, press, className = "") => el("button", { type: "button", className, onclick: () => send({ press }) }, text);
  const back = button("Back", "back"), next = button("Next", "next"), close = button("×", "close", "close");
  // In sight however long the question is.
  const check = el("button", { className: "check" }, "Check");
  check.setAttribute("form", QUESTION);
  const show = button("Show the answer", "answer");
  const { fold, unfold } = makeFold("The whole step", () => root);
  const whose = el("input", { type: "text", maxLength: 80, autocomplete: "name" });
  const saving = el("form", { className: "saving", onsubmit: (/** @type {Event} */ event) => {
    event.preventDefault();
    model.send_msg({ number: model.content.number, save: whose.value });
    showSaving(false);
  } }, el("label", { className: "field" }, "Your name, if you like ", whose), el("button", {}, "Save my answers"));
  const offer = el("button", { type: "button", className: "save", ariaLabel: "Save my answers", onclick: () => {
    showSaving(Boolean(saving.hidden));
    if (saving.hidden) return;
    saving.scrollIntoView({ block: "nearest" });
    whose.focus({ preventScroll: true });
  } }, "Save");
  const link = el("div", { className: "link" });
  const root = el("section", { className: "step", ariaLabel: "Lesson" },
    el("div", { className: "top" }, el("p", {}, name, " · ", count), offer, fold, close), heading,
    el("div", { className: "rest" }, body, error, verdict, more, saving, el("div", { className: "row foot" }, back, check, show, next), link));
  host.append(root);
  const draft = new Draft();
  let number = 0, key = "";
  /** Whether the next thing that is drawn was asked for here: then the focus follows it. */
  let asked = false;
  /** Whether the answer was in sight when it was drawn last. */
  let wasTold = false;

  /**
   * Show the form that saves the answers; at the end it stays.
   * @param {boolean} on
   */
  function showSaving(on) {
    const isOver = "over" in model.content;
    saving.hidden = !on && !isOver;
    offer.hidden = isOver;
    offer.setAttribute("aria-expanded", String(!saving.hidden));
  }

  /** @param {Record<string, unknown>} said */
  function send(said) {
    asked = true;
    model.send_msg({ number: model.content.number, ...said });
  }

  /**
   * What is asked, and the button that commits.
   * @param {Content} content
   */
  function question(content) {
    if (!content.ask) return [];
    return [el("form", { id: QUESTION, onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      // Of clicked cells Python knows.
      send({ given: draft.given ?? "" });
    } }, el("p", { className: "ask" }, set(content.ask)), ...controlsOf(content, draft, (cell) => send({ cell })))];
  }

  /** @param {Content} content */
  function drawVerdict({ told, verdict: found, why = "", again }) {
    const says = found ? [el("p", { className: found.right ? "good" : "bad" }, found.right ? "✓ Right." : "✗ Not right.")] : [];
    if (told && !found?.right) {
      const right = set(told.said);
      says.push(el("p", {}, "Right is: ", right, ...(right.textContent?.endsWith(".") ? [] : ["."])));
    }
    if (found?.mistake) says.push(el("p", { className: "mistake" }, set(found.mistake)));
    // Empty until the answer may be seen.
    const said = [...says, ...(why ? [el("p", {}, set(why))] : [])];
    writeMarkup(verdict, said.map((node) => node.outerHTML).join(""));
    more.replaceChildren(...(told?.explain ? [button("Explain this number", "explain")] : []),
      ...(again ? [button("Again with other numbers", "again")] : []));
  }

  /** @param {Content} content */
  function over({ over: end }) {
    if (!end) return [];
    const of = end.asked === 1 ? "the one question" : `${end.asked} questions`;
    return [el("p", {}, "You can say now: ", set(end.learns)),
      ...(end.asked ? [el("p", {}, `At the first try ${end.right} of ${of} right${end.done ? "" : "; some are still open"}.`)] : []),
      ...(end.mathematics ? [el("p", { className: "hint" }, `docs/mathematics.md derives it under “${end.mathematics}”.`)] : []),
      el("div", { className: "row" }, ...(end.following ? [el("button", { type: "button", className: "check",
        onclick: () => say(host, "lesson", end.following) }, "The next lesson")] : []),
      button("Begin anew", "anew"), button("End the lesson", "close"))];
  }

  /** How the lesson is taken along: on paper, and, if it is somebody's own, by the link that carries it. */
  function drawLink() {
    const { name: lesson, address, refused } = model.carried;
    const paper = el("button", { type: "button", className: "paper", onclick: () => say(host, "handout", lesson) }, "Hand-out");
    if (!address) {
      link.replaceChildren(paper, ...(refused ? [el("p", {}, `No link carries this lesson. ${refused}.`)] : []));
      return;
    }
    const { href } = new URL(address, location.href), long = `${href.length.toLocaleString("en")} characters`;
    const said = el("span", { ariaLive: "polite" }, long);
    const copy = el("button", { type: "button", onclick: async () => {
      said.textContent = await copied(href, root) ? `Copied: ${long}` : "This browser does not let a page copy: take the address of the page.";
    } }, "Copy link of this lesson");
    link.replaceChildren(paper, copy, said);
  }

  function draw() {
    const content = model.content;
    const isOn = "number" in content;
    root.hidden = !isOn;
    if (!isOn) {
      key = "";
      return;
    }
    const step = /** @type {Content} */ (content), isNew = number !== step.number, hadFocus = root.matches(":focus-within");
    number = step.number;
    close.textContent = step.tried ? "Back to composing" : "×";
    close.classList.toggle("worded", step.tried);
    close.ariaLabel = step.tried ? "Back to composing" : "End the lesson";
    writeMarkup(name, step.lesson);
    count.textContent = step.over ? "the end" : `step ${step.step} of ${step.count}`;
    writeMarkup(heading, step.over ? "Done" : step.heading);
    body.replaceChildren(...(step.over ? over(step) : [el("p", {}, set(step.text)),
      ...(step.away ? [el("p", { className: "away" }, "You have moved on from here. ", button("Back to this step", "here"))] : []),
      ...question(step)]));
    write(error, step.error);
    // The end is about all answers, not about the last one.
    drawVerdict(step.over ? { ...step, told: undefined, verdict: undefined, why: "", again: false } : step);
    back.disabled = step.step === 1 && !step.over;
    next.hidden = Boolean(step.over);
    root.classList.toggle("ended", Boolean(step.over));
    check.hidden = !step.asks || Boolean(step.told) || Boolean(step.over);
    show.hidden = !step.showable;
    next.textContent = step.step === step.count ? "Finish" : "Next";
    next.classList.toggle("check", Boolean(step.told) || !step.asks);
    if (isNew || Boolean(step.over) !== offer.hidden) showSaving(false);
    if (isNew) {
      host.scrollTop = root.scrollTop = 0;
      unfold(true);
    }
    // A long question would leave what is said of its answer below what is in sight.
    if (step.told && !isNew && !wasTold) verdict.scrollIntoView({ block: "nearest" });
    wasTold = Boolean(step.told);
    // What had the focus may have gone.
    if (asked && hadFocus && (isNew || step.over)) heading.focus();
    else if (asked && hadFocus && step.told) next.focus();
    asked = false;
  }

  function keep() {
    const { key: now, text } = model.kept;
    if (!now) return;
    if (now !== key) {
      key = now;
      // Opened by a link: what was answered before is known here only.
      const kept = keptOf(now);
      if (kept && kept !== text) {
        model.send_msg({ number: model.content.number, kept });
        return;
      }
    }
    keepProgress(model.kept);
  }

  const light = () => say(host, "spotlight", model.lit);
  model.on("content", draw);
  model.on("carried", drawLink);
  model.on("kept", keep);
  model.on("lit", light);
  model.on("msg:custom", (/** @type {{ name: string, content: string }} */ file) => save(file.name, new Blob([file.content])));
  hear(model, host, "spotlight?", light);
  draw();
  drawLink();
  light();
  whenDrawn(keep);
}
