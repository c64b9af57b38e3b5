// What belongs to the page as a whole: keys, light and dark, the width of a phone.

const KEYS = { ArrowRight: "step", ArrowLeft: "back", " ": "play", Escape: "deselect", 1: "Iteration", 2: "Layer", 3: "Inside" };

const REPEAT = 150; // ms

/** Call back once all is drawn. A server that answers earlier would lose a part of its answer. */
function whenDrawn(then) {
  if (Bokeh.documents.every((document) => document.is_idle)) then();
  else setTimeout(() => whenDrawn(then), 20);
}

/** The element that really has the focus, inside shadow roots too. */
function focused() {
  let node = document.activeElement;
  while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
  return node;
}

export function render({ model }) {
  if (!document.querySelector("meta[name=viewport]")) {
    document.head.append(el("meta", { name: "viewport", content: "width=device-width, initial-scale=1" }));
  }
  document.documentElement.lang = "en";
  let last = 0;
  const paint = () => document.documentElement.classList.toggle("cs-dark", model.dark);

  function press(event) {
    const action = KEYS[event.key];
    if (!action || !document.documentElement.matches(".cs-drawn") || event.ctrlKey || event.metaKey || event.altKey) return;
    const at = focused();
    if (["INPUT", "SELECT", "TEXTAREA"].includes(at?.tagName)) return;
    // Space presses the button that has the focus.
    if (event.key === " " && at?.tagName === "BUTTON") return;
    event.preventDefault();
    // A key that is held down does not run ahead of what is drawn.
    if (event.repeat && event.timeStamp - last < REPEAT) return;
    last = event.timeStamp;
    model.send_msg({ key: action });
  }

  document.addEventListener("keydown", press);
  model.on("remove", () => document.removeEventListener("keydown", press));
  // Replaced, not pushed: the browser's own Back leads out of the page, not through a thousand steps.
  // And not too often: browsers ignore a page that does it hundreds of times in a few seconds.
  let late = null;
  model.on("address", () => {
    // So that Play does not run ahead of a slow browser, and Pause not behind it. Not at once: what
    // a page says while it takes in changes is taken for an echo of them.
    if (model.playing) setTimeout(() => model.send_msg({ drawn: true }));
    late ??= setTimeout(() => { late = null; history.replaceState(null, "", model.address); }, 200);
  });
  model.on("dark", paint);
  if (!model.touched && window.matchMedia("(prefers-color-scheme: dark)").matches) model.dark = true;
  paint();
  whenDrawn(() => {
    // Until now the style sheet let nobody press anything.
    document.documentElement.classList.add("cs-drawn");
    if (location.search) model.send_msg({ address: location.search });
  });
}
