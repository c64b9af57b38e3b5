// A step of a lesson: what it says and asks, and what is said of an answer.

import { whenDrawn } from "../common/bokeh.js";
import { el } from "../common/elements.js";
import { hear, say } from "../common/together.js";
import { set } from "../explanation/terms.js";
import { controlsOf, Draft } from "./asked.js";
import { makeFold } from "./fold.js";
import { keepProgress, keptOf } from "./kept.js";

/** @import { Rendered } from "../common/panel.js" */
/** @import { Content } from "./content.js" */

/**
 * What `lesson.py` says of itself.
 * @typedef {object} Properties
 * @property {Content | Record<string, never>} content
 * @property {{ key: string, text: string }} kept
 * @property {string[]} lit
 */

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
  const { fold, unfold } = makeFold("The whole step", () => root);
  const root = el("section", { className: "step", ariaLabel: "Lesson" },
    el("div", { className: "top" }, el("p", {}, name, " · ", count), fold, close), heading,
    el("div", { className: "rest" }, body, error, verdict, more, el("div", { className: "row foot" }, back, next)));
  host.append(root);
  const draft = new Draft();
  let number = 0, key = "";
  /** Whether the next thing that is drawn was asked for here: then the focus follows it. */
  let asked = false;

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
    const form = el("form", { onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      // Of clicked cells Python knows.
      send({ given: draft.given ?? "" });
    } }, el("p", { className: "ask" }, set(content.ask)), ...controlsOf(content, draft, (cell) => send({ cell })));
    if (content.asks && !content.verdict) form.append(el("button", { className: "check" }, "Check"));
    return [form];
  }

  /** @param {Content} content */
  function drawVerdict({ verdict: found, why = "", again, asks }) {
    const says = found ? [el("p", { className: found.right ? "good" : "bad" }, found.right ? "✓ Right." : "✗ Not right."),
      ...(found.right ? [] : [el("p", {}, "Right is: ", set(found.said), ".")]),
      ...(found.mistake ? [el("p", { className: "mistake" }, set(found.mistake))] : [])] : [];
    const said = [...says, ...(why && (found || !asks) ? [el("p", {}, set(why))] : [])];
    const text = said.map((node) => node.outerHTML).join("");
    // A screen reader says again what is written again.
    if (verdict.innerHTML !== text) verdict.replaceChildren(...said);
    more.replaceChildren(...(found?.explain ? [button("Explain this number", "explain")] : []),
      ...(again ? [button("Again with other numbers", "again")] : []));
  }

  /** @param {Content} content */
  function over({ over: end }) {
    if (!end) return [];
    const of = end.asked === 1 ? "the one question" : `${end.asked} questions`;
    return [el("p", {}, "You can say now: ", set(end.learns)),
      ...(end.asked ? [el("p", {}, `At the first try ${end.right} of ${of} right${end.done ? "" : "; some are still open"}.`)] : []),
      el("div", { className: "row" }, ...(end.following ? [el("button", { type: "button", className: "check",
        onclick: () => say(host, "lesson", end.following) }, "The next lesson")] : []),
      button("Begin anew", "anew"), button("End the lesson", "close"))];
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
    name.innerHTML = step.lesson;
    count.textContent = step.over ? "the end" : `step ${step.step} of ${step.count}`;
    heading.innerHTML = step.over ? "Done" : step.heading;
    body.replaceChildren(...(step.over ? over(step) : [el("p", {}, set(step.text)),
      ...(step.away ? [el("p", { className: "away" }, "You have moved on from here. ", button("Back to this step", "here"))] : []),
      ...question(step)]));
    if (error.textContent !== step.error) error.textContent = step.error;
    drawVerdict(step);
    back.disabled = step.step === 1 && !step.over;
    next.hidden = Boolean(step.over);
    next.textContent = step.step === step.count ? "Finish" : "Next";
    next.classList.toggle("check", Boolean(step.verdict) || !step.asks);
    if (isNew) {
      host.scrollTop = root.scrollTop = 0;
      unfold(true);
    }
    // What had the focus may have gone.
    if (asked && hadFocus && (isNew || step.over)) heading.focus();
    else if (asked && hadFocus && step.verdict) next.focus();
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
    keepProgress(now, text);
  }

  const light = () => say(host, "spotlight", model.lit);
  model.on("content", draw);
  model.on("kept", keep);
  model.on("lit", light);
  hear(model, host, "spotlight?", light);
  draw();
  light();
  whenDrawn(keep);
}
