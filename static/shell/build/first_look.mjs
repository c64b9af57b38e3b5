// Record the first iteration place by place: node first_look.mjs PYODIDE DATA SITE OUT
//
// In a process of its own: what that leaves in memory would only make the saved heap larger.
import fs from "fs";
import { given, start } from "./node.mjs";

const [pyodide, data, site, out] = given();
const py = await start(pyodide, [data, site]);
fs.writeFileSync(out, await py.runPythonAsync("from static.first_look import record\nawait record()"));
process.exit(0);
