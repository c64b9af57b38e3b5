// How the parts of Python get here: fetched from a server; in a page without one, from scripts
// beside it or out of the page itself.

const BY = document.querySelector("[id^=cs-part-]") ? "page"
  : location.protocol === "file:" ? "script" : "server";

// A page can be kept for a visit without network if a server gave it over a safe connection.
const CAN_KEEP = BY === "server" && Boolean(navigator.serviceWorker && window.caches);
const loaded = new Map(); // what came of the network, until it is kept

/** The bytes of a part; `progress` is told how many more have come. */
async function bring(part, progress) {
  const stream = await { page: embedded, script: scripted, server: fetched }[BY](part, progress);
  const bytes = part.gzip ? stream.pipeThrough(new DecompressionStream("gzip")) : stream;
  return new Response(bytes).arrayBuffer();
}

async function fetched(part, progress) {
  const response = await fetch(part.file);
  if (!response.ok) throw new Error(`${part.file} answers ${response.status} ${response.statusText}`);
  if (CAN_KEEP) loaded.set(part.file, response.clone());
  return response.body.pipeThrough(new TransformStream({
    transform(chunk, queue) { progress(chunk.length); queue.enqueue(chunk); },
  }));
}

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

const expected = new Map();
window.csPart = (file, text) => { expected.get(file)?.(text); expected.delete(file); };

async function embedded(part, progress) {
  const node = document.getElementById(`cs-part-${part.name}`);
  const stream = decoded(node.textContent);
  node.remove(); // tens of megabytes of text
  progress(part.size);
  return stream;
}

/** The bytes of base64, as a stream. */
function decoded(text) {
  const bytes = Uint8Array.fromBase64?.(text) ?? Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Blob([bytes]).stream();
}
