// Run a task with the browser's Python under Node: node run.mjs PYODIDE DATA SITE TASK
//
// The task is a Python file that defines run(); what that returns is printed. The folder of the task
// is /task there.
import fs from "fs";
import path from "path";
import { given, start } from "./node.mjs";

const [pyodide, data, site, task] = given();
const py = await start(pyodide, [data, site]);
py.FS.mkdir("/task");
py.FS.mount(py.FS.filesystems.NODEFS, { root: path.dirname(task) }, "/task");
console.log(py.runPython(`${fs.readFileSync(task, "utf8")}\nrun()`));
process.exit(0);
