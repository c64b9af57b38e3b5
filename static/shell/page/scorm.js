// The page as a package of one lesson: it opens that where somebody has left it, and tells the
// learning platform (LMS) what they have done, by the run-time API of SCORM 1.2.

const DEEP = 100; // windows around each other among which the API is looked for
const OVER = /^(completed|passed|failed)$/; // what the platform has judged is not changed

/**
 * The API that a window, or one around it, has.
 * @param {Window | null} from
 */
function apiAround(from) {
  for (let at = from, k = 0; at && k < DEEP; k += 1) {
    try {
      // A frame may be called so.
      if (at.API && "LMSInitialize" in at.API) return at.API;
    } catch {
      // It is of another origin; those around it may not be.
    }
    if (at.parent === at) break;
    at = at.parent;
  }
  return null;
}

const began = performance.now();
const platform = apiAround(window) ?? apiAround(window.opener) ?? apiAround(window.top?.opener ?? null);
let isTold = ask("LMSInitialize", "") === "true"; // the platform hears what is reported
let refused = false; // it was said that the platform did not take something
/** @type {Map<string, string>} */
const reported = new Map();

/**
 * Call a function of the API.
 * @param {keyof LearningPlatform} what
 * @param {string[]} about
 */
function ask(what, ...about) {
  try {
    /** @type {(...about: string[]) => unknown} */
    const call = platform?.[what] ?? (() => "");
    return String(call.apply(platform, about));
  } catch (error) {
    console.warn(`${what} of the learning platform: ${reason(error)}`);
    return "";
  }
}

/**
 * Report a value, if it is another one now.
 * @param {string} name
 * @param {string} value
 */
function report(name, value) {
  if (reported.get(name) === value) return;
  reported.set(name, value);
  if (ask("LMSSetValue", name, value) === "true" || refused) return;
  refused = true;
  const code = ask("LMSGetLastError");
  unsaid = `The learning platform did not take ${name}: ${ask("LMSGetErrorString", code)} (${code}).`;
  // Otherwise it is said once the lesson is there.
  if (reported.has("cmi.suspend_data")) remark(unsaid);
}

/** What has to be with all that is reported: the time since the page was opened, as HHHH:MM:SS. */
function commit() {
  const seconds = Math.floor((performance.now() - began) / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  report("cmi.core.session_time", parts.map((part, k) => String(part).padStart(k ? 2 : 4, "0")).join(":"));
  ask("LMSCommit", "");
}

/** @param {CustomEvent<Kept>} event */
function keepThere(event) {
  const { key, short, step, score, done } = event.detail;
  if (!isTold || key !== site.lesson) return;
  event.preventDefault();
  report("cmi.suspend_data", short);
  report("cmi.core.lesson_location", String(step));
  if (!OVER.test(reported.get("cmi.core.lesson_status") ?? "")) {
    report("cmi.core.score.raw", String(Math.round(100 * score)));
    if (done) report("cmi.core.lesson_status", "completed");
  }
  commit();
}

function leave() {
  if (!isTold) return;
  report("cmi.core.exit", "suspend");
  commit();
  ask("LMSFinish", "");
  isTold = false;
}

function beginLesson() {
  const place = isTold ? ask("LMSGetValue", "cmi.core.lesson_location") : "";
  // A page that is loaded again has the address of where it was.
  if (!new URLSearchParams(location.search).has("lesson")) {
    const step = /^[1-9]\d?$/.test(place) ? place : "1";
    history.replaceState(null, "", `?${new URLSearchParams({ lesson: site.lesson, step })}`);
  }
  if (!isTold) {
    unsaid = "No learning platform answers here: nothing is reported. This browser keeps what you answer.";
    return;
  }
  const kept = ask("LMSGetValue", "cmi.suspend_data"), status = ask("LMSGetValue", "cmi.core.lesson_status");
  // What this browser has kept may be of somebody else.
  document.addEventListener("cs-kept", ({ detail }) => { if (detail.key === site.lesson) detail.text = kept; });
  document.addEventListener("cs-keep", keepThere);
  window.addEventListener("pagehide", leave);
  if (OVER.test(status)) {
    reported.set("cmi.core.lesson_status", status);
    return;
  }
  report("cmi.core.lesson_status", "incomplete");
  report("cmi.core.score.min", "0");
  report("cmi.core.score.max", "100");
  commit();
}

beginLesson();
