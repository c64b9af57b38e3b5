// A saved heap brought back to life in a new process.
//
// The heap holds all of Python, but not what the browser holds beside it: the code of the side
// modules (NumPy's), and where the dynamic linker put it. Each module is made again at its old
// address, without its constructors and relocations, whose work the heap has already.

/**
 * Start Pyodide from a heap.
 * @param {ArrayBuffer} heap
 * @param {Link} link where its modules lay
 * @param {(py: Pyodide) => void} unpack brings their files
 */
async function restore(heap, link, unpack) {
  const py = await loadPyodide({
    ...LOCAL,
    _loadSnapshot: new Uint8Array(heap),
    _snapshotDeserializer: (/** @type {{ source: string }} */ { source }) => (0, eval)(`(${source})`),
  });
  unpack(py);
  const { linker, FS } = py._module;
  const setOffsets = () => {
    for (const [name, offset] of Object.entries(link.offsets)) {
      linker.GOT[name] ??= new WebAssembly.Global({ value: "i32", mutable: true }, 0);
      linker.GOT[name].value = offset | 0;
    }
  };
  /** @param {number} length */
  const growTable = (length) => {
    if (linker.table.length < length) linker.table.grow(length - linker.table.length);
  };
  setOffsets();
  const codes = await Promise.all(link.modules.map(({ name }) => WebAssembly.compile(FS.readFile(name))));
  /** @type {Symbols} */
  const symbols = {};
  link.modules.forEach((module, k) => {
    growTable(module.table + module.slots);
    instantiate(py._module, module, codes[k], symbols);
  });
  growTable(link.table);
  setOffsets();
  // Functions whose addresses were taken lie behind the modules' own slots.
  for (const [name, offset] of Object.entries(link.offsets)) {
    const slot = offset >>> 0;
    if (slot === 0 || slot >= linker.table.length || linker.table.get(slot) !== null) continue;
    const found = linker.resolveGlobalSymbol(name).sym || symbols[name];
    if (typeof found === "function") linker.table.set(slot, found);
  }
  return py;
}

/**
 * Make one side module again at its old place, and add what it exports to `symbols`.
 * @param {Module} runtime
 * @param {SideModule} module
 * @param {WebAssembly.Module} code
 * @param {Symbols} symbols
 */
function instantiate({ linker, HEAPU8 }, { memory, size, table, slots }, code, symbols) {
  /** @type {Symbols} */
  const own = {};
  const imports = new Proxy(/** @type {Symbols} */ ({}), {
    /** @param {string} name */
    get(stubs, name) {
      if (name === "__memory_base") return memory;
      if (name === "__table_base") return table;
      if (name in linker.wasmImports && !linker.wasmImports[name].stub) return linker.wasmImports[name];
      /** @type {any} */
      let found;
      // Looked up at the first call: modules call each other in circles.
      stubs[name] ??= (/** @type {unknown[]} */ ...args) => {
        found ??= linker.resolveGlobalSymbol(name).sym || symbols[name] || own[name];
        return found(...args);
      };
      return stubs[name];
    },
  });
  const offsets = () => new Proxy({}, linker.GOTHandler);
  // Making the module writes its initial data over what it had become.
  const data = HEAPU8.slice(memory, memory + size);
  const { exports } = new WebAssembly.Instance(code, {
    "GOT.mem": offsets(), "GOT.func": offsets(), env: imports, wasi_snapshot_preview1: imports,
  });
  HEAPU8.set(data, memory);
  linker.updateTableMap(table, slots);
  for (const [name, value] of Object.entries(exports)) {
    own[name] = value;
    symbols[name] ??= value;
  }
}
