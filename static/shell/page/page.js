// The page: draws the recorded first iteration, then brings Python to life behind it.
//
// What is drawn and what Python holds are the same document with the same ids. So the page is
// looked at and pressed from the beginning; what is pressed before Python lives is kept for it.

/** @type {Site} */
const site = JSON.parse(byId("cs-site").textContent ?? "");
const notice = byId("cs-notice");
const told = /** @type {HTMLElement} */ (notice.querySelector("p"));
const bar = /** @type {HTMLProgressElement} */ (notice.querySelector("progress"));
const again = /** @type {HTMLButtonElement} */ (notice.querySelector("button"));

// Components of the app import nothing, so the browser's own import is all they need.
window.importShim ??= Object.assign((/** @type {string} */ address) => import(address), { addImportMap() {} });

const QUIET = 1500; // ms
const READ = 12_000; // ms that a notice of an error which Python survived is shown
const PATIENCE = 20_000; // ms that Python may take for one answer before it is called lost

/** @type {BokehDocument} */
let jsdoc; // what is drawn
/** @type {Worker | null} */
let worker = null;
let alive = false, busy = false, patching = false;
/** @type {number | undefined} */
let waiting; // for an answer
let turns = 0; // messages to Python so far
/** @type {Changed[]} */
let outbox = []; // changes that Python has not been told

/**
 * @param {string} words
 * @param {number | null} part how much of it is done, from 0 to 1
 */
function say(words, part = null) {
  notice.hidden = false;
  told.textContent = withMoment(words);
  bar.hidden = part === null;
  if (part !== null) bar.value = part;
}

/**
 * Draw a document in place of what was there.
 * @param {Rendering} rendering
 */
async function draw(rendering) {
  document.title = rendering.title;
  const styles = byId("cs-styles");
  styles.textContent = rendering.css.join("\n");
  const places = rendering.roots.map((id) => {
    const place = document.createElement("div");
    place.id = `cs-${id}`;
    return place;
  });
  byId("cs-app").replaceChildren(...places);
  const roots = Object.fromEntries(rendering.roots.map((id, k) => [id, places[k].id]));
  const item = { docid: "convscope", roots, root_ids: rendering.roots };
  const [views] = await Bokeh.embed.embed_items({ convscope: embeddedStyles(rendering.doc) }, [item]);
  jsdoc = [...views.roots.values()][0].model.document;
  jsdoc.on_change((event) => { if (!patching) changed(event); }, false);
}

/**
 * The document with the style sheets that Panel would fetch from its own server.
 * @param {unknown} doc
 */
function embeddedStyles(doc) {
  return JSON.parse(JSON.stringify(doc), (key, value) => {
    if (key !== "url" || !(value in site.styles)) return value;
    return `data:text/css;charset=utf-8,${encodeURIComponent(site.styles[value])}`;
  });
}

/** @param {Changed} event */
function changed(event) {
  if (!outbox.length) queueMicrotask(flush);
  outbox.push(event);
  if (!alive && event.kind !== "ModelChanged") {
    notice.classList.add("asked");
    look(event);
  }
}

/**
 * Draw changes that come from Python.
 * @param {unknown} patch
 * @param {Map<string, ArrayBuffer>} buffers
 */
function show(patch, buffers) {
  patching = true;
  try {
    jsdoc.apply_json_patch(patch, buffers);
  } finally {
    patching = false;
  }
}

/** Tell Python what was changed, when it has taken in what it was told before. */
function flush() {
  if (!alive || busy || !outbox.length) return;
  const patch = jsdoc.create_json_patch(outbox);
  sending(outbox);
  outbox = [];
  post({ type: "patch", patch: JSON.stringify(patch, withoutBuffers) });
}

/**
 * @param {string} _
 * @param {any} value
 */
function withoutBuffers(_, value) {
  if (!(value?.buffer instanceof ArrayBuffer)) return value;
  return btoa(Array.from(new Uint8Array(value.buffer), (byte) => String.fromCharCode(byte)).join(""));
}

/**
 * @param {object} message
 * @param {Transferable[]} transfer
 */
function post(message, transfer = []) {
  busy = true;
  turns += 1;
  clearTimeout(waiting);
  waiting = setTimeout(lost, convscope.patience, "it does not answer");
  worker?.postMessage(message, transfer);
}

/** @type {{ [Type in keyof FromPython]: (message: FromPython[Type]) => void }} */
const ANSWERS = {
  async alive({ rendering }) {
    // Imported anew, Python has made a document of its own. It has the same ids if all is well.
    if (rendering) {
      const made = JSON.parse(rendering);
      if (JSON.stringify(made.roots) !== JSON.stringify(site.rendering.roots)) {
        outbox = [];
        await draw(made);
      }
    }
    performance.mark("cs-alive");
    if (opening) say(""); else notice.hidden = true;
    post({ type: "attach" });
    alive = true;
    afterwards().catch((error) => console.warn(`This visit is not kept for one without network: ${error}`));
  },
  patch({ patch, buffers }) {
    try {
      show(JSON.parse(patch), new Map(buffers.map(([id, bytes]) => [id, bytes.buffer])));
    } finally {
      // The next message comes when this one is on the screen, or cannot be drawn.
      requestAnimationFrame(() => {
        uncover();
        worker?.postMessage({ type: "drawn" });
      });
    }
  },
  done({ memory }) {
    convscope.memory = memory;
    takenIn();
    busy = false;
    clearTimeout(waiting);
    flush();
  },
  error({ error }) {
    console.error(error);
    uncover();
    say(`Python met an error and goes on: ${lastLine(error)}`);
    setTimeout(() => { notice.hidden = true; }, READ);
    again.hidden = true;
  },
  failed({ error }) {
    if (!alive && mode === "heap") {
      console.error(`The saved heap could not be restored; Python starts by importing instead.\n${error}`);
      start("import");
      return;
    }
    lost(lastLine(error));
  },
};

/** @param {string} error */
const lastLine = (error) =>
  String(error).trim().split("\n").filter((line) => !/^ +at /.test(line)).pop() ?? "";

/**
 * Python is gone: say so, and offer to come back to this very moment, which the address holds.
 * @param {string} why
 */
function lost(why) {
  console.error(why);
  worker?.terminate();
  alive = false;
  say(`Python has stopped: ${why} `);
  again.hidden = false;
}

/** @type {"heap" | "import"} */
let mode;

/**
 * Bring the parts for a purpose, all at once; `progress` is told which share of them has come.
 * @param {string} purpose
 * @param {(come: number, total: number) => void} progress
 */
async function parts(purpose, progress = () => {}) {
  const wanted = site.parts.filter((part) => part.modes.includes(purpose));
  const total = wanted.reduce((sum, part) => sum + part.size, 0);
  let come = 0;
  progress(come, total);
  /** @type {Record<string, ArrayBuffer>} */
  const files = {};
  await Promise.all(wanted.map(async (part) => {
    files[part.name] = await bring(part, (bytes) => progress(come += bytes, total));
  }));
  return files;
}

/**
 * Start Python in a worker of its own, from its saved heap or by importing.
 * @param {"heap" | "import"} how
 */
async function start(how) {
  mode = how;
  worker?.terminate();
  worker = new Worker(addressOf(byId("cs-worker").textContent ?? ""));
  worker.onmessage = ({ data }) => {
    /** @type {keyof FromPython} */
    const type = data.type;
    ANSWERS[type](data);
  };
  worker.onerror = (event) => lost(event.message || "its worker broke down");
  /** @param {number} bytes */
  const mb = (bytes) => (bytes / 1e6).toFixed(1);
  try {
    const files = await parts(how, (come, total) => {
      say(come < total ? `Loading Python: ${mb(come)} of ${mb(total)} MB` : "Starting Python", come / total);
    });
    worker.postMessage({ type: "start", mode: how, files }, Object.values(files));
  } catch (error) {
    ANSWERS.failed({ error: error instanceof Error ? error.message : String(error) });
  }
}

/** Wait until nothing was pressed or drawn for a while: what follows takes a moment of Python's time. */
async function quiet() {
  let last;
  do {
    last = turns;
    await new Promise((resolve) => setTimeout(resolve, QUIET));
  } while (busy || turns !== last);
}

/** What is not needed to be live: modules that are imported late, and keeping the page. */
async function afterwards() {
  await quiet();
  if (mode === "heap") {
    const files = await parts("later");
    await quiet();
    post({ type: "later", files }, Object.values(files));
  }
  await keep();
}

/** @param {BlobPart} script */
function addressOf(script) {
  return URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
}

/** @param {BlobPart} script */
function run(script) {
  return new Promise((resolve, reject) => {
    const node = Object.assign(document.createElement("script"), { src: addressOf(script) });
    node.onload = resolve;
    node.onerror = reject;
    document.head.append(node);
  });
}

async function openPage() {
  cover();
  say("Loading the page", 0);
  const { "draw.js": script } = await parts("draw");
  // Python comes while the page is being drawn.
  const starting = start(new URLSearchParams(location.search).get("start") === "import" ? "import" : "heap");
  await run(script);
  await draw(site.rendering);
  performance.mark("cs-drawn");
  recorded = JSON.parse(new TextDecoder().decode((await parts("look"))["first-look.json"]));
  await starting;
}

again.onclick = () => location.reload();
globalThis.convscope = { patience: PATIENCE, memory: 0, get worker() { return worker; }, get alive() { return alive; } };
openPage().catch((error) => lost(String(error?.message ?? error)));
