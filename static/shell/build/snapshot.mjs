// Start the dashboard once and save the heap: node snapshot.mjs PYODIDE DATA SITE OUT
//
// PYODIDE holds Pyodide with its linker exposed (static/runtime/patch.py), DATA and SITE are the
// archives that the browser unpacks. OUT gets heap.bin, link.json and rendering.json.
import fs from "fs";
import path from "path";
import { given, start } from "./node.mjs";

const [pyodide, data, site, out] = given();

// More table than the modules need: whoever restores the heap must not have used their slots yet.
const TABLE_SLACK = 2048;

const py = await start(pyodide, [data, site], { _makeSnapshot: true }, ({ _module: { linker } }) =>
  linker.table.grow(TABLE_SLACK));
const { linker } = py._module;
const rendering = py.runPython("from static.start import connect, rendering; rendering");
// The rendering goes along as a file. What is free is overwritten: zeros take no room.
py.runPython(`
import gc, sys
del rendering, sys.modules["static.start"].rendering
gc.collect()
zeros = [bytes(size) for size in (1 << 18, 1 << 16, 1 << 14, 1 << 12, 1 << 10) for _ in range((1 << 21) // size)]
del zeros
gc.freeze()
`);

// What the dynamic linker decided: where each side module lies, and every slot of the offset table.
const words = py._module.HEAPU32;
const modules = Object.entries(linker.LDSO.loadedLibsByHandle)
  .filter(([, library]) => library.name?.endsWith(".so"))
  .map(([handle, { name }]) => {
    const at = (/** @type {number} */ offset) => words[(Number(handle) + offset) >> 2];
    return { name, memory: at(12), size: at(16), table: at(20), slots: at(24) };
  })
  .sort((a, b) => a.table - b.table);
const offsets = Object.fromEntries(Object.entries(linker.GOT).map(([name, entry]) => [name, entry.value]));

const heap = py.makeMemorySnapshot({ serializer: (/** @type {unknown} */ object) => ({ source: String(object) }) });
fs.mkdirSync(out, { recursive: true });
fs.writeFileSync(path.join(out, "heap.bin"), heap);
fs.writeFileSync(path.join(out, "link.json"), JSON.stringify({ modules, offsets, table: linker.table.length }));
fs.writeFileSync(path.join(out, "rendering.json"), rendering);
process.exit(0);
