// Python, in a worker of its own: training never stops the page.
//
// The page sends {start, files}, then {attach}, {patch}, {later}, each answered by {done}, and {drawn}
// for every {patch, buffers} that it gets. {alive}, {error} and {failed} say how Python is.

// Pyodide asks for its files by address; all of them were brought by the page.
// Panel names its style sheets by this address; the page has them (static/drawing.py).
const LOCAL = { indexURL: "https://local.invalid/", env: { PANEL_CDN_ROOT: "panel/" } };

/** @type {Pyodide} */
let py;
/** @type {Line} */
let line;

/**
 * Answer every request from what the page brought: nothing is ever asked of a network.
 * @param {Files} files
 */
function serve(files) {
  /** @type {Record<string, string>} */
  const types = { wasm: "application/wasm", json: "application/json" };
  self.fetch = async (request) => {
    const address = request instanceof Request ? request.url : String(request);
    const name = address.split("/").pop() ?? "";
    if (!(name in files)) throw new TypeError(`${name} is not part of this page`);
    return new Response(files[name], { headers: { "Content-Type": types[name.split(".").pop() ?? ""] ?? "" } });
  };
}

/** @param {ArrayBuffer} script */
function run(script) {
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  importScripts(address);
  URL.revokeObjectURL(address);
}

/** @param {ArrayBuffer} archive */
function unpack(archive) {
  py.unpackArchive(archive, "zip", { extractDir: py._api.sitePackages });
}

/**
 * @param {"heap" | "import"} mode
 * @param {Files} files
 */
async function start(mode, files) {
  /** @param {string} name */
  const text = (name) => new TextDecoder().decode(files[name]);
  serve(files);
  run(files["pyodide.js"]);
  run(files["pyodide.asm.js"]);
  let rendering = null;
  if (mode === "heap") {
    py = await restore(files["heap.bin"], JSON.parse(text("link.json")), (loaded) => {
      py = loaded;
      unpack(files["data.zip"]);
    });
  } else {
    py = await loadPyodide(LOCAL);
    unpack(files["data.zip"]);
    unpack(files["site.zip"]);
    rendering = py.runPython("from static.start import connect, rendering; rendering");
  }
  line = py.globals.get("connect")((/** @type {string} */ patch, /** @type {Buffers} */ buffers) => {
    self.postMessage({ type: "patch", patch, buffers }, buffers.map(([, bytes]) => bytes.buffer));
  });
  self.postMessage({ type: "alive", rendering });
  // The heap keeps what it needs; the rest would only fill memory.
  for (const name of Object.keys(files)) delete files[name];
}

/** @type {{ [Type in keyof ToPython]: (message: ToPython[Type]) => void }} */
const ANSWERS = {
  attach: () => line.attach(),
  patch: ({ patch }) => line.receive(patch),
  drawn: () => line.drawn(),
  // Modules that are imported later, if ever.
  later: ({ files }) => {
    unpack(files["site.zip"]);
    py.runPython("import importlib; importlib.invalidate_caches()");
  },
};

self.onmessage = async ({ data }) => {
  if (data.type === "start") {
    try {
      await start(data.mode, data.files);
    } catch (error) {
      console.warn(error); // with its stack
      self.postMessage({ type: "failed", error: String(error) });
    }
    return;
  }
  try {
    /** @type {keyof ToPython} */
    const type = data.type;
    ANSWERS[type](data);
  } catch (error) {
    // After a fatal error Pyodide refuses everything; after any other the next click may do.
    const type = Object(error).pyodide_fatal_error ? "failed" : "error";
    self.postMessage({ type, error: String(error) });
  }
  if (data.type !== "drawn") self.postMessage({ type: "done", memory: py._module.HEAPU8.length });
};
