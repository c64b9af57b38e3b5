// Run the task with the browser's Python under Node: node browser_task.mjs PYODIDE DATA SITE TASK
import fs from "fs";
import path from "path";

const [pyodide, data, site, task] = process.argv.slice(2).map((name) => path.resolve(name));
const { loadPyodide } = await import(path.join(pyodide, "pyodide.mjs"));
const py = await loadPyodide({ indexURL: `${pyodide}/` });
for (const archive of [data, site]) {
  py.unpackArchive(new Uint8Array(fs.readFileSync(archive)), "zip", { extractDir: py._api.sitePackages });
}
console.log(py.runPython(`${fs.readFileSync(task, "utf8")}\nrun()`));
process.exit(0);
