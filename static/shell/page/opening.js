// A page that is opened on a moment of its own. What it can draw at first is another moment, so it
// shows nothing until Python has been told; then the dashboard says how far it is.

const asked = new URLSearchParams(location.search);
let opening = false;
let sent = false, known = false; // whether Python was sent the address, and has taken it in

/** Cover the page if its address leads to a moment. */
function cover() {
  opening = site.words.some((word) => asked.has(word));
  document.documentElement.classList.toggle("cs-opening", opening);
}

/** What is being opened, in words. */
function openedMoment() {
  const iteration = /^\d+$/.exec(asked.get("iteration") ?? "1");
  const preset = site.presets[asked.get("preset") ?? ""] ?? site.presets[site.preset];
  const run = asked.has("model") ? "the network of this address" : preset;
  return `Opening ${iteration ? `iteration ${iteration[0]} of ${run}` : "the moment of this address"}`;
}

/**
 * Words of the notice, with what they are for.
 * @param {string} words
 */
function withMoment(words) {
  return opening ? [openedMoment(), words].filter(Boolean).join(": ") : words;
}

/**
 * Note what Python is sent; the address is among what the page says first.
 * @param {Changed[]} events
 */
function sending(events) {
  sent ||= events.some((event) => event.msg_data?.data?.opened !== undefined);
}

/** Note that Python has taken in what it was sent: what it draws from now on is the moment. */
function takenIn() {
  known = sent;
}

/** Show the page once Python has drawn the moment, or how far it is; or cannot. */
function uncover() {
  if (!opening || !known) return;
  reveal();
  notice.hidden = true;
  if (unsaid) remark(unsaid, "status");
}

/** Show the page as it is. */
function reveal() {
  opening = false;
  document.documentElement.classList.remove("cs-opening");
}
