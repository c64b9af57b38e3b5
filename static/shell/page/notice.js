// The notice: how far the page is, and what is wrong with what to do about it.

const notice = byId("cs-notice");
const told = /** @type {HTMLElement} */ (notice.querySelector("p"));
const bar = /** @type {HTMLProgressElement} */ (notice.querySelector("progress"));
const again = /** @type {HTMLButtonElement} */ (notice.querySelector("button"));

const READ = 12_000; // ms that a remark is shown
const ELSEWHERE = "Open the page in a window of its own, in another browser, or as the single file";

let over = false; // what is said is the last
let unsaid = ""; // what is remarked once the page shows what it was opened for

/**
 * @param {string} words
 * @param {"status" | "alert"} role
 */
function write(words, role) {
  notice.setAttribute("role", role);
  notice.hidden = false;
  told.textContent = withMoment(words);
  bar.hidden = true;
  again.hidden = true;
}

/**
 * Say how far the page is.
 * @param {string} words
 * @param {number | null} part how much of it is done, from 0 to 1
 */
function say(words, part = null) {
  if (over) return;
  write(words, "status");
  bar.hidden = part === null;
  if (part !== null) bar.value = part;
}

/**
 * Say for a while what went wrong, but stops nothing.
 * @param {string} words
 * @param {"status" | "alert"} role
 */
function remark(words, role = "alert") {
  if (over) return;
  write(words, role);
  setTimeout(() => { if (told.textContent === withMoment(words)) notice.hidden = true; }, READ);
}

/**
 * Say for good what cannot go on.
 * @param {string} words
 */
function alarm(words) {
  over = true;
  write(words, "alert");
  again.hidden = false;
}

/**
 * An error in words, on one line; never empty.
 * @param {unknown} error
 */
function reason(error) {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.trim().split("\n").filter((line) => !/^ +at /.test(line)).pop() || "no reason was given";
}
