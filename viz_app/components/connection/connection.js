// Says when the line to Python is lost. The page of a server then tries by itself until the server
// answers, and opens the moment of its address anew; Bokeh's own means give up after five attempts,
// and come back to what the server has kept for some seconds only. Elsewhere the run has gone with
// the line, and it is only said. In a notebook nobody says so: a kernel that was started again knows
// nothing of what is pressed, and one that is busy answers later.

import { documentOf, sendByIds, whenChanged, whenClosed, whenDrawn } from "../common/bokeh.js";
import { el } from "../common/elements.js";
import { again, whenPressed } from "./presses.js";
import { Watch } from "./watch.js";

/** @import { Rendered } from "../common/panel.js" */
/** @import { Press } from "./presses.js" */

/**
 * What `connection.py` says of itself.
 * @typedef {{ whole: boolean, address: string, settings: unknown }} Properties
 */

/**
 * How the line is: open and heard of, open, or neither.
 * @typedef {"fine" | "silent" | "closed"} State
 */

/**
 * What is left for the page that is opened in place of this one.
 * @typedef {{ settings: unknown, press: Press | null, tries: number }} Left
 */

const PAUSES = [1000, 2000, 4000, 8000, 10_000]; // ms from one attempt to the next
const ANSWER = 4000; // ms that an attempt may take
const DEAD = 20_000; // ms after which a line that is open and silent is given up
const LONG = 60_000; // ms after which the way without a server is told
const STEADY = 10_000; // ms after which attempts begin anew with the shortest pause
const LEFT = "convscope left";
const BUSY_OR_GONE = "Is a cell running? Then this goes on by itself when it has ended. "
  + "Was the kernel started again? Then run the cells again to go on.";

/**
 * Leave something for the next page of this tab, or take it; a browser may permit neither.
 * @param {Left} [left]
 * @returns {Left | null}
 */
function forNextPage(left) {
  try {
    const found = sessionStorage.getItem(LEFT);
    if (left) sessionStorage.setItem(LEFT, JSON.stringify(left)); else sessionStorage.removeItem(LEFT);
    return found && JSON.parse(found);
  } catch (error) {
    console.debug(`Nothing is left for the next page: ${error}`);
    return null;
  }
}

/** Whether the server answers; asking makes no session. */
async function serverAnswers() {
  try {
    const address = `${location.pathname.replace(/\/$/, "")}/metadata`;
    return (await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(ANSWER) })).ok;
  } catch {
    return false;
  }
}

/**
 * The words that are shown in front of the page.
 * @param {HTMLElement} host
 * @param {() => void} tryNow
 */
function makeBanner(host, tryNow) {
  const what = el("b"), then = el("span"), query = el("code");
  const without = el("p", { className: "without", hidden: true },
    "To go on without a server, open convscope.html, the page that needs none, and put this moment "
      + "after its address: ", query);
  const button = el("button", { type: "button", onclick: tryNow }, "Try now");
  const banner = el("div", { className: "lost", role: "alert", hidden: true },
    el("p", {}, what, " ", then), button, without);
  host.append(banner);
  const room = () => document.documentElement.style
    .setProperty("--cs-banner", `${banner.hidden ? 0 : banner.offsetHeight}px`);
  return { banner, what, then, query, without, button, room };
}

/** @param {Rendered<Properties>} component */
export function render({ model, el: host }) {
  sendByIds(documentOf(model));
  const watches = model.whole ? watchPage : watchPart;
  watches(model, host);
}

/**
 * @param {Rendered<Properties>["model"]} model
 * @param {HTMLElement} host
 */
function watchPart(model, host) {
  const { banner, what, then, button } = makeBanner(host, () => {});
  const part = documentOf(model);
  button.hidden = true;
  let closed = false;

  /**
   * @param {string} happened
   * @param {string} help
   */
  function say(happened, help) {
    what.textContent = `${happened} since ${new Date().toLocaleTimeString()}.`;
    then.textContent = `What is drawn stays. ${help}`;
    banner.hidden = false;
  }

  // A beat behind every press, and no other: in a notebook each of them is work of the kernel.
  const watch = new Watch((beat) => model.send_msg({ beat }), (silent) => {
    if (closed) return;
    if (silent) say("No answer from Python", BUSY_OR_GONE); else banner.hidden = true;
  }, false);
  whenClosed(part, () => {
    closed = true;
    watch.stop();
    say("No connection to Python", "Run the cell, or open the page, again to go on.");
  });
  whenChanged(part, ({ byPage }) => { if (!byPage) watch.alive(); });
  whenPressed(part, () => queueMicrotask(() => watch.beat()));
  model.on("msg:custom", ({ beat }) => watch.answered(beat));
  model.on("remove", () => watch.stop());
}

/**
 * @param {Rendered<Properties>["model"]} model
 * @param {HTMLElement} host
 */
function watchPage(model, host) {
  const page = documentOf(model);
  /** @type {State} */
  let state = "fine";
  let since = 0, tries = 0, seeking = false, leaving = false;
  /** @type {(() => void) | null} */
  let hurry = null;
  /**
   * What was pressed last, until a beat behind it is answered; and the address at that time, unless
   * an earlier press had no answer either.
   * @type {{ press: Press, beat: number, address: string | null } | null}
   */
  let unanswered = null;
  const { banner, what, then, query, without, room } = makeBanner(host, () => hurry?.());

  const watch = new Watch(
    (beat) => model.send_msg({ beat }),
    (silent) => { if (state !== "closed") become(silent ? "silent" : "fine"); },
    true,
  );

  /** @param {State} now */
  function become(now) {
    if (state === "fine") since = Date.now();
    state = now;
    if (now === "closed") watch.stop();
    draw();
    if (now !== "fine" && !seeking) seek();
  }

  function draw() {
    banner.hidden = state === "fine";
    if (state !== "fine") {
      const time = new Date(since).toLocaleTimeString();
      what.textContent = state === "closed"
        ? `No connection to the server since ${time}.` : `No answer from the server since ${time}.`;
      then.textContent = "What is drawn stays. The page tries again by itself and comes back to this moment"
        + (unanswered ? "; what was pressed last is done then." : ".");
      query.textContent = location.search;
      without.hidden = Date.now() - since < LONG;
    }
    room();
  }

  /** Try until the server answers. */
  async function seek() {
    seeking = true;
    while (state !== "fine") {
      await /** @type {Promise<void>} */ (new Promise((resolve) => {
        hurry = resolve;
        setTimeout(resolve, PAUSES[Math.min(tries, PAUSES.length - 1)]);
      }));
      tries += 1;
      draw();
      if (await serverAnswers() && mayLeave()) await leave();
    }
    seeking = false;
    setTimeout(() => { if (state === "fine") tries = 0; }, STEADY);
  }

  // A line that is only silent may go on where it was.
  const mayLeave = () => state === "closed" || (state === "silent" && Date.now() - since > DEAD);

  /** Open the moment of the address anew, once all that this page holds is kept. */
  async function leave() {
    if (leaving) return;
    leaving = true;
    /** @type {Promise<unknown>[]} */
    const kept = [];
    document.dispatchEvent(new CustomEvent("cs-leaving", { detail: kept }));
    await Promise.allSettled(kept);
    // The answer may have come, and the beat behind it not: where the page comes back, it is done.
    const before = unanswered?.address ?? model.address;
    const press = before === model.address ? unanswered?.press ?? null : null;
    forNextPage({ settings: model.settings, press, tries });
    location.reload();
  }

  const hurries = () => hurry?.();
  window.addEventListener("online", hurries);
  model.on("remove", () => window.removeEventListener("online", hurries));
  model.on("msg:custom", ({ beat }) => {
    if (unanswered && beat >= unanswered.beat) unanswered = null;
    watch.answered(beat);
  });
  whenClosed(page, () => become("closed"));
  whenChanged(page, ({ byPage }) => { if (!byPage) watch.alive(); });
  whenPressed(page, (press) => {
    // Behind the press, which is still on its way.
    queueMicrotask(() => {
      const address = unanswered ? null : model.address;
      unanswered = { press, beat: state === "closed" ? Infinity : watch.beat(), address };
      if (state !== "fine") draw();
    });
  });
  whenDrawn(() => {
    const left = forNextPage();
    if (left) {
      tries = left.tries;
      setTimeout(() => { if (state === "fine") tries = 0; }, STEADY);
      takeUp(left);
    }
    watch.beat();
  });

  /**
   * Tell Python what the page before has left. What was pressed there may not be there yet: settings
   * are made when they are opened.
   * @param {Left} left
   */
  function takeUp({ settings, press }) {
    const found = press && again(page, press);
    model.send_msg({ settings, press: found });
    let missing = press && !found;
    const end = Date.now() + ANSWER;
    whenChanged(page, () => {
      const made = missing && press && again(page, press);
      missing &&= !made && Date.now() < end;
      if (made) setTimeout(() => model.send_msg({ settings, press: made }));
    });
  }
}
