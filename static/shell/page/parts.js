// How the parts of Python get here: fetched from a server; in a page without one, from scripts
// beside it or out of the page itself. Each is gzip, whose checksum tells of any damage.

// Without an origin, as by double click or in a sandbox, a page may load scripts but fetch nothing.
const BY = document.querySelector("[id^=cs-part-]") ? "page" : self.origin === "null" ? "script" : "server";

// A page can be kept for a visit without network if a server gave it over a safe connection. That of
// a learning platform is behind a login.
const CAN_KEEP = BY === "server" && !site.lesson && "serviceWorker" in navigator && "caches" in window;
/** @type {Map<string, Response>} */
const loaded = new Map(); // what came whole, until it is kept
/** @type {Set<string>} */
const mended = new Set(); // what came whole at the second try only

const SILENCE = 60_000; // ms without a byte after which a connection counts as broken
const REMEDY = {
  page: "Get this file anew, as a whole: it was damaged on the way here.",
  script: "Copy the whole folder anew: index.html and the folder parts belong together.",
  server: "Restart; if it says so again, the whole folder has to be copied to the server anew.",
};

/** A part that did not come whole; the message names it and says what to do. */
class PartError extends Error {
  /**
   * @param {Part} part
   * @param {unknown} error
   */
  constructor(part, error) {
    super(`the part ${part.name} ${reason(error)}. ${REMEDY[BY]}`);
    this.part = part;
  }
}

/**
 * The bytes of a part; `progress` is told how many more have come.
 * @param {Part} part
 * @param {Progress} progress
 * @returns {Promise<ArrayBuffer>}
 * @throws {PartError} it did not come whole, from a server at the second try either
 */
async function bring(part, progress) {
  let come = 0;
  /** @type {Progress} */
  const count = (bytes) => { come += bytes; progress(bytes); };
  try {
    return await unpacked(part, count, "default");
  } catch (error) {
    if (BY !== "server") throw new PartError(part, error);
    console.warn(`${part.file} ${reason(error)}; it is fetched once more.`);
  }
  progress(-come);
  try {
    // Past what the browser or the service worker has kept: that may be what is damaged.
    const content = await unpacked(part, progress, "reload");
    mended.add(part.file);
    return content;
  } catch (error) {
    throw new PartError(part, error);
  }
}

/**
 * @param {Part} part
 * @param {Progress} progress
 * @param {RequestCache} cache
 * @returns {Promise<ArrayBuffer>}
 */
async function unpacked(part, progress, cache) {
  const stream = await { page: embedded, script: scripted, server: fetched }[BY](part, progress, cache);
  try {
    return await new Response(stream.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  } catch (error) {
    loaded.delete(part.file);
    throw new Error("is damaged or incomplete", { cause: error });
  }
}

/**
 * @param {Part} part
 * @param {Progress} progress
 * @param {RequestCache} cache
 * @returns {Promise<Bytes>}
 */
async function fetched(part, progress, cache) {
  const stop = new AbortController();
  /** @type {number | undefined} */
  let silence;
  const listen = () => {
    clearTimeout(silence);
    silence = setTimeout(() => stop.abort(new Error(`nothing came for ${SILENCE / 1000} s`)), SILENCE);
  };
  listen();
  const response = await fetch(part.file, { cache, signal: stop.signal }).catch((error) => {
    throw new Error(`cannot be reached (${reason(error)})`, { cause: error });
  });
  if (!response.ok) throw new Error(`is missing (${part.file} answers ${response.status} ${response.statusText})`);
  if (CAN_KEEP) loaded.set(part.file, response.clone());
  const { body } = response;
  if (!body) throw new Error("is empty");
  return body.pipeThrough(new TransformStream({
    transform(chunk, queue) { listen(); progress(chunk.length); queue.enqueue(chunk); },
    flush() { clearTimeout(silence); },
  }));
}

/**
 * @param {Part} part
 * @param {Progress} progress
 * @returns {Promise<Bytes>}
 */
async function scripted(part, progress) {
  /** @type {string} */
  const text = await new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = `${part.file}.js`;
    // The script calls `csPart` with its name and its content.
    expected.set(part.file, resolve);
    script.onerror = () => reject(new Error(`is missing: there is no ${part.file}.js beside the page`));
    script.onload = () => {
      script.remove();
      reject(new Error(`is damaged or incomplete (${part.file}.js)`));
    };
    document.head.append(script);
  });
  progress(part.size);
  return decoded(text);
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
  const text = document.getElementById(`cs-part-${part.name}`)?.textContent;
  if (!text) throw new Error("is missing");
  progress(part.size);
  return decoded(text);
}

/** Let go the text of embedded parts, tens of megabytes, once nothing more is read of them. */
function release() {
  for (const node of document.querySelectorAll("[id^=cs-part-]")) node.remove();
}

/**
 * The bytes of base64, as a stream.
 * @param {string} text
 * @returns {Bytes}
 */
function decoded(text) {
  try {
    const bytes = Uint8Array.fromBase64?.(text) ?? Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return new Blob([bytes]).stream();
  } catch {
    throw new Error("is damaged (it is no base64)");
  }
}
