// The page: draws the recorded first iteration, then brings Python to life behind it.
//
// What is drawn and what Python holds are the same document with the same ids. So the page is
// looked at and pressed from the beginning; what is pressed before Python lives is kept for it.

const site = JSON.parse(document.getElementById("cs-site").textContent);
const notice = document.getElementById("cs-notice");
const told = notice.querySelector("p"), bar = notice.querySelector("progress");
const again = notice.querySelector("button");

// Components of the app import nothing, so the browser's own import is all they need.
window.importShim ??= Object.assign((address) => import(address), { addImportMap() {} });

let jsdoc = null; // what is drawn
let worker = null;
let alive = false, busy = false, patching = false;
let outbox = []; // changes that Python has not been told

function say(words, part = null) {
  notice.hidden = false;
  told.textContent = words;
  bar.hidden = part === null;
  if (part !== null) bar.value = part;
}

/** Draw a document in place of what was there. */
async function draw(rendering) {
  document.title = rendering.title;
  const styles = document.getElementById("cs-styles");
  styles.textContent = rendering.css.join("\n");
  const places = rendering.roots.map((id) => {
    const place = document.createElement("div");
    place.id = `cs-${id}`;
    return place;
  });
  document.getElementById("cs-app").replaceChildren(...places);
  const roots = Object.fromEntries(rendering.roots.map((id, k) => [id, places[k].id]));
  const item = { docid: "convscope", roots, root_ids: rendering.roots };
  const [views] = await Bokeh.embed.embed_items({ convscope: embeddedStyles(rendering.doc) }, [item]);
  jsdoc = [...views.roots.values()][0].model.document;
  jsdoc.on_change((event) => { if (!patching) changed(event); }, false);
}

/** The document with the style sheets that Panel would fetch from its own server. */
function embeddedStyles(doc) {
  return JSON.parse(JSON.stringify(doc), (key, value) => {
    if (key !== "url" || !(value in site.styles)) return value;
    return `data:text/css;charset=utf-8,${encodeURIComponent(site.styles[value])}`;
  });
}

function changed(event) {
  if (!outbox.length) queueMicrotask(flush);
  outbox.push(event);
  if (!alive && event.kind !== "ModelChanged") notice.classList.add("asked");
}

/** Tell Python what was changed, when it has taken in what it was told before. */
function flush() {
  if (!alive || busy || !outbox.length) return;
  const patch = jsdoc.create_json_patch(outbox);
  outbox = [];
  post({ type: "patch", patch: JSON.stringify(patch, withoutBuffers) });
}

function withoutBuffers(key, value) {
  if (!(value?.buffer instanceof ArrayBuffer)) return value;
  return btoa(Array.from(new Uint8Array(value.buffer), (byte) => String.fromCharCode(byte)).join(""));
}

function post(message, transfer = []) {
  busy = true;
  worker.postMessage(message, transfer);
}

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
    notice.hidden = true;
    post({ type: "attach", location: JSON.stringify(location) });
    alive = true;
  },
  patch({ patch, buffers }) {
    patching = true;
    try {
      jsdoc.apply_json_patch(JSON.parse(patch), new Map(buffers.map(([id, bytes]) => [id, bytes.buffer])));
    } finally {
      patching = false;
    }
    // The next message comes when this one is on the screen.
    requestAnimationFrame(() => worker.postMessage({ type: "drawn" }));
  },
  done() {
    busy = false;
    flush();
    if (!alive) return;
  },
  error({ error }) {
    console.error(error);
    say(`Python met an error and goes on: ${lastLine(error)}`);
    again.hidden = true;
  },
  failed({ error }) {
    if (!alive && mode === "heap") {
      console.warn(`The saved heap could not be restored; Python starts by importing instead.\n${error}`);
      start("import");
      return;
    }
    lost(lastLine(error));
  },
};

const lastLine = (error) => String(error).trim().split("\n").filter((line) => !/^ +at /.test(line)).pop();

/** Python is gone: say so, and offer to come back to this very moment, which the address holds. */
function lost(why) {
  console.error(why);
  worker?.terminate();
  alive = false;
  say(`Python has stopped: ${why} `);
  again.hidden = false;
}

let mode;

async function start(how) {
  mode = how;
  worker?.terminate();
  worker = new Worker(URL.createObjectURL(new Blob(
    [document.getElementById("cs-worker").textContent], { type: "text/javascript" })));
  worker.onmessage = ({ data }) => ANSWERS[data.type](data);
  worker.onerror = (event) => lost(event.message || "its worker broke down");
  const parts = site.parts.filter((part) => part.modes.includes(how));
  const total = parts.reduce((sum, part) => sum + part.size, 0);
  let come = 0;
  const mb = (bytes) => (bytes / 1e6).toFixed(1);
  const progress = (bytes) => {
    come += bytes;
    say(come < total ? `Loading Python: ${mb(come)} of ${mb(total)} MB` : "Python is starting", come / total);
  };
  progress(0);
  try {
    const files = {};
    await Promise.all(parts.map(async (part) => { files[part.name] = await bring(part, progress); }));
    worker.postMessage({ type: "start", mode: how, files }, Object.values(files));
  } catch (error) {
    lost(String(error.message ?? error));
  }
}

again.onclick = () => location.reload();
window.convscope = { get worker() { return worker; }, get alive() { return alive; } };
draw(site.rendering).then(() => performance.mark("cs-drawn"));
start(new URLSearchParams(location.search).get("start") === "import" ? "import" : "heap");
