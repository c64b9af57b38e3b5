// What the worker uses of Pyodide and its dynamic linker, and what the page asks of it.

type Files = Record<string, ArrayBuffer>;

/** What the page asks, by type, once Python is there. */
interface ToPython {
  attach: object;
  patch: { patch: string };
  drawn: object;
  later: { files: Files };
}

/** A side module in the heap; see snapshot.mjs. */
interface SideModule {
  name: string;
  memory: number;
  size: number;
  table: number;
  slots: number;
}

interface Link {
  modules: SideModule[];
  offsets: Record<string, number>;
  table: number;
}

/** What modules export, by name. */
type Symbols = Record<string, any>;

/** What patch.py exposes. */
interface Linker {
  GOT: Record<string, WebAssembly.Global>;
  GOTHandler: ProxyHandler<object>;
  wasmImports: Record<string, { stub?: boolean }>;
  table: WebAssembly.Table;
  resolveGlobalSymbol(name: string): { sym?: Function };
  updateTableMap(from: number, count: number): void;
}

interface Module {
  linker: Linker;
  HEAPU8: Uint8Array;
  FS: { readFile(path: string): Uint8Array<ArrayBuffer> };
}

interface Pyodide {
  _module: Module;
  _api: { sitePackages: string };
  unpackArchive(archive: ArrayBuffer, format: string, options: object): void;
  runPython(code: string): any;
  globals: { get(name: string): any };
}

/** What `connect` of start.py returns. */
interface Line {
  attach(): void;
  receive(patch: string): void;
  drawn(): void;
}

/** What Python sends beside a patch. */
type Buffers = [id: string, bytes: Uint8Array<ArrayBuffer>][];

declare function loadPyodide(options: object): Promise<Pyodide>;
