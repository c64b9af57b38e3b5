// Start the dashboard once and save the heap: node snapshot.mjs PYODIDE NATIVE SITE OUT
//
// PYODIDE holds Pyodide with its linker exposed (static/pyodide_patch.py), NATIVE and SITE are the
// archives that the browser unpacks. OUT gets heap.bin, link.json, rendering.json and
// first-look.json.
import fs from "fs";
import path from "path";

// Node would print the whole of pyodide.asm.js, in one line, in front of the message.
process.on("uncaughtException", (error) => {
  console.error(error.message);
  process.exit(1);
});

const [pyodide, native, site, out] = process.argv.slice(2).map((name) => path.resolve(name));
const { loadPyodide } = await import(path.join(pyodide, "pyodide.mjs"));
// Panel looks for it when it is imported; a worker has the real one.
globalThis.XMLHttpRequest ??= class {};

// More table than the modules need: whoever restores the heap must not have used their slots yet.
const TABLE_SLACK = 2048;

const py = await loadPyodide({
  indexURL: `${pyodide}/`,
  _makeSnapshot: true,
  // Panel's style sheets come with the page; see static/drawing.py.
  env: { PANEL_CDN_ROOT: "panel/" },
});
const linker = py._module.linker;
linker.table.grow(TABLE_SLACK);
for (const archive of [native, site]) {
  py.unpackArchive(new Uint8Array(fs.readFileSync(archive)), "zip", { extractDir: py._api.sitePackages });
}
const look = await py.runPythonAsync("from static.first_look import record\nawait record()");
const rendering = py.runPython("from static.start import connect, rendering; rendering");
py.runPython("import gc; gc.collect(); gc.freeze()");

// What the dynamic linker decided: where each side module lies, and every slot of the offset table.
const words = py._module.HEAPU32;
const modules = Object.entries(linker.LDSO.loadedLibsByHandle)
  .filter(([, library]) => library.name?.endsWith(".so"))
  .map(([handle, { name }]) => {
    const at = (offset) => words[(Number(handle) + offset) >> 2];
    return { name, memory: at(12), size: at(16), table: at(20), slots: at(24) };
  })
  .sort((a, b) => a.table - b.table);
const offsets = Object.fromEntries(Object.entries(linker.GOT).map(([name, entry]) => [name, entry.value]));

const heap = py.makeMemorySnapshot({ serializer: (object) => ({ source: String(object) }) });
fs.mkdirSync(out, { recursive: true });
fs.writeFileSync(path.join(out, "heap.bin"), heap);
fs.writeFileSync(path.join(out, "link.json"), JSON.stringify({ modules, offsets, table: linker.table.length }));
fs.writeFileSync(path.join(out, "rendering.json"), rendering);
fs.writeFileSync(path.join(out, "first-look.json"), look);
process.exit(0);
