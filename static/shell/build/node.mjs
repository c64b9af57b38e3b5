// The browser's Python under Node, with the archives that the browser unpacks.
import fs from "fs";
import path from "path";

// Node would print the whole of pyodide.asm.js, in one line, in front of the message.
process.on("uncaughtException", (error) => {
  console.error(error.message);
  process.exit(1);
});
// Panel looks for it when it is imported; a worker has the real one.
if (!("XMLHttpRequest" in globalThis)) Object.assign(globalThis, { XMLHttpRequest: class {} });

/** The paths that were given on the command line. */
export const given = () => process.argv.slice(2).map((name) => path.resolve(name));

/**
 * Load Pyodide, which brings no types, from a folder.
 * @param {string} pyodide
 * @param {string[]} archives
 * @param {object} options
 * @param {(py: any) => void} prepare called before the archives are unpacked
 */
export async function start(pyodide, archives, options = {}, prepare = () => {}) {
  const { loadPyodide } = await import(path.join(pyodide, "pyodide.mjs"));
  // Panel's style sheets come with the page; see static/drawing.py.
  const env = { PANEL_CDN_ROOT: "panel/" };
  const py = await loadPyodide({ indexURL: `${pyodide}/`, env, ...options });
  prepare(py);
  for (const archive of archives) {
    py.unpackArchive(new Uint8Array(fs.readFileSync(archive)), "zip", { extractDir: py._api.sitePackages });
  }
  return py;
}
