// Run the task with the browser's Python under Node: node browser_task.mjs PYODIDE DATA SITE TASK
import fs from "fs";
import { given, start } from "../static/shell/node.mjs";

const [pyodide, data, site, task] = given();
const py = await start(pyodide, [data, site]);
console.log(py.runPython(`${fs.readFileSync(task, "utf8")}\nrun()`));
process.exit(0);
