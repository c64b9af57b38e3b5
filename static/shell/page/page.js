// The page: draws the recorded first iteration, then brings Python to life behind it.
//
// What is drawn and what Python holds are the same document with the same ids. So the page is
// looked at and pressed from the beginning; what is pressed before Python lives is kept for it.

// Components of the app import nothing, so the browser's own import is all they need.
window.importShim ??= Object.assign((/** @type {string} */ address) => import(address), { addImportMap() {} });

const QUIET = 1500; // ms
const PATIENCE = 20_000; // ms that Python may take for one answer before it is called lost

/** @type {BokehDocument} */
let jsdoc; // what is drawn
/** @type {Worker | null} */
let worker = null;
let alive = false, lived = false, busy = false;
/** @type {number | undefined} */
let waiting; // for an answer
let turns = 0; // messages to Python so far
/** @type {Changed[]} */
let outbox = []; // changes that Python has not been told

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
  // Bokeh marks what comes from Python: all else, even if it is done meanwhile, is for Python.
  jsdoc.on_change((event) => { if (event.sync) changed(event); }, false);
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
  jsdoc.apply_json_patch(patch, buffers);
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
    recorded = null;
    if (opening) say(""); else notice.hidden = true;
    post({ type: "attach" });
    alive = lived = true;
    if (unseen) remark(unseen);
    afterwards();
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
    remark(`Python met an error and goes on: ${reason(error)}`);
  },
  failed({ error }) {
    if (!alive && mode === "heap") {
      console.error(`The saved heap could not be restored; Python starts by importing instead.\n${error}`);
      start("import");
      return;
    }
    lost(lived ? reason(error) : `${reason(error)}. ${ELSEWHERE}.`);
  },
};

let trouble = ""; // why nothing more will come of Python
let unseen = ""; // why the first iteration cannot be looked at before Python lives

/**
 * Python is gone: say so, and offer to come back to this very moment, which the address holds.
 * @param {string} why
 * @param {string} what
 */
function lost(why, what = lived ? "Python has stopped" : "Python cannot start") {
  console.error(why);
  worker?.terminate();
  alive = false;
  trouble = `${what}: ${why.replace(/\.*$/, ".")}`;
  tellTrouble();
}

/** Say why Python is not there, and what can be done without it. */
function tellTrouble() {
  reveal();
  alarm(trouble + (recorded ? " The first iteration can be looked at stage by stage all the same." : ""));
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
  try {
    new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)); // the smallest there is
    worker = new Worker(addressOf(byId("cs-worker").textContent ?? ""));
  } catch (error) {
    lost(`it needs WebAssembly and Worker, which are not allowed or not there (${reason(error)}). ${ELSEWHERE}.`);
    return;
  }
  worker.onmessage = ({ data }) => {
    /** @type {keyof FromPython} */
    const type = data.type;
    ANSWERS[type](data);
  };
  worker.onerror = (event) => lost(event.message || `its worker is not allowed, or broke down. ${ELSEWHERE}.`);
  /** @param {number} bytes */
  const mb = (bytes) => (bytes / 1e6).toFixed(1);
  try {
    const files = await parts(how, (come, total) => {
      if (mode !== how) return;
      say(come < total ? `Loading Python: ${mb(come)} of ${mb(total)} MB` : "Starting Python", come / total);
    });
    worker.postMessage({ type: "start", mode: how, files }, Object.values(files));
  } catch (error) {
    if (trouble) return;
    const both = error instanceof PartError && error.part.modes.includes("import");
    if (both) lost(reason(error)); else ANSWERS.failed({ error: reason(error) });
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
  try {
    await quiet();
    if (mode === "heap") {
      const files = await parts("later");
      await quiet();
      post({ type: "later", files }, Object.values(files));
    }
    release();
  } catch (error) {
    remark(`Some things will not work: ${reason(error)}`);
    return;
  }
  try {
    await keep();
  } catch (error) {
    remark("This page cannot be opened without a network later: the browser did not keep it "
      + `(${reason(error)}). Free some of its storage, or take the single file.`);
  }
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
    node.onerror = () => reject(new Error(`scripts that it makes are not allowed here. ${ELSEWHERE}.`));
    document.head.append(node);
  });
}

async function openPage() {
  cover();
  say("Loading the page", 0);
  if (!("DecompressionStream" in window)) {
    throw new Error("this browser is too old. Take a newer Chrome, Edge or Firefox (of 2024 or later).");
  }
  const { "draw.js": script } = await parts("draw");
  // Python comes while the page is being drawn.
  const starting = start(new URLSearchParams(location.search).get("start") === "import" ? "import" : "heap");
  await run(script);
  await draw(site.rendering);
  performance.mark("cs-drawn");
  try {
    const { "first-look.json": look } = await parts("look");
    if (!lived) recorded = JSON.parse(new TextDecoder().decode(look));
  } catch (error) {
    unseen = `The stages could not be looked at before Python was there: ${reason(error)}`;
    if (alive) remark(unseen);
  }
  if (trouble) tellTrouble();
  await starting;
}

again.onclick = () => location.reload();
globalThis.convscope = { patience: PATIENCE, memory: 0, get worker() { return worker; }, get alive() { return alive; } };
openPage().catch((error) => lost(reason(error), "The page cannot be drawn"));
