// How the parts of Python get here: fetched from a server; in a page without one, from scripts
// beside it or out of the page itself.

const BY = document.querySelector("[id^=cs-part-]") ? "page"
  : location.protocol === "file:" ? "script" : "server";

// A page can be kept for a visit without network if a server gave it over a safe connection.
const CAN_KEEP = BY === "server" && Boolean(navigator.serviceWorker && window.caches);
/** @type {Map<string, Response>} */
const loaded = new Map(); // what came of the network, until it is kept

/**
 * An element of page.html.
 * @param {string} id
 */
function byId(id) {
  const node = document.getElementById(id);
  if (!node) throw new Error(`the page has no element ${id}`);
  return node;
}

/**
 * The bytes of a part; `progress` is told how many more have come.
 * @param {Part} part
 * @param {Progress} progress
 * @returns {Promise<ArrayBuffer>}
 */
async function bring(part, progress) {
  const stream = await { page: embedded, script: scripted, server: fetched }[BY](part, progress);
  const bytes = part.gzip ? stream.pipeThrough(new DecompressionStream("gzip")) : stream;
  return new Response(bytes).arrayBuffer();
}

/**
 * @param {Part} part
 * @param {Progress} progress
 * @returns {Promise<Bytes>}
 */
async function fetched(part, progress) {
  const response = await fetch(part.file);
  if (!response.ok) throw new Error(`${part.file} answers ${response.status} ${response.statusText}`);
  if (CAN_KEEP) loaded.set(part.file, response.clone());
  const { body } = response;
  if (!body) throw new Error(`${part.file} is empty`);
  return body.pipeThrough(new TransformStream({
    transform(chunk, queue) { progress(chunk.length); queue.enqueue(chunk); },
  }));
}

/**
 * @param {Part} part
 * @param {Progress} progress
 * @returns {Promise<Bytes>}
 */
function scripted(part, progress) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${part.file}.js`;
    // The script calls `csPart` with its name and its content.
    expected.set(part.file, (text) => { progress(part.size); resolve(decoded(text)); });
    script.onerror = () => reject(new Error(`${part.file}.js is not beside the page`));
    script.onload = () => script.remove();
    document.head.append(script);
  });
}

/** @type {Map<string, (text: string) => void>} */
const expected = new Map();
window.csPart = (file, text) => { expected.get(file)?.(text); expected.delete(file); };

/**
 * @param {Part} part
 * @param {Progress} progress
 * @returns {Promise<Bytes>}
 */
async function embedded(part, progress) {
  const node = byId(`cs-part-${part.name}`);
  const stream = decoded(node.textContent ?? "");
  node.remove(); // tens of megabytes of text
  progress(part.size);
  return stream;
}

/**
 * The bytes of base64, as a stream.
 * @param {string} text
 * @returns {Bytes}
 */
function decoded(text) {
  const bytes = Uint8Array.fromBase64?.(text) ?? Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Blob([bytes]).stream();
}
