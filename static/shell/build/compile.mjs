// Compile a zip of Python sources with the Python that will run them: node compile.mjs PYODIDE IN OUT
import fs from "fs";
import { given, start } from "./node.mjs";

const [pyodide, source, out] = given();
const py = await start(pyodide, []);
py.FS.writeFile("/in.zip", fs.readFileSync(source));
// Hash-based and unchecked: what is unpacked in the browser has no source that it could be older than.
// Without docstrings, which nobody asks for there and which took a tenth of the heap; but NumPy does
// not start without its own.
py.runPython(`
import io, os, py_compile, zipfile

def compiled(name, code):
    optimize = 0 if "/numpy/" in name else 2
    with open("/module.py", "wb") as file:
        file.write(code)
    py_compile.compile("/module.py", "/module.pyc", name, doraise=True, optimize=optimize,
                       invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)
    with open("/module.pyc", "rb") as file:
        return file.read()

with zipfile.ZipFile("/in.zip") as read, zipfile.ZipFile("/out.zip", "w") as write:
    for name in read.namelist():
        content = read.read(name)
        if name.endswith(".py"):
            name, content = name + "c", compiled("/lib/python3.13/site-packages/" + name, content)
        write.writestr(zipfile.ZipInfo(name), content)
`);
fs.writeFileSync(out, py.FS.readFile("/out.zip"));
