"""The one change made to Pyodide: its dynamic linker can be reached, to link a saved heap again."""

from __future__ import annotations

_END = "moduleRtn=readyPromise"
_EXPOSED = (
    "Module.linker={GOT,GOTHandler,wasmImports,resolveGlobalSymbol,updateTableMap,LDSO,"
    "get table(){return wasmTable}};"
)
# A heap may hold `undefined`, which is neither an object nor a function.
_CHECK = 'if(!["object","function"].includes(typeof l))throw new Error(`Unexpected object of type'
_UNDEFINED = 'if(l===undefined){r.push({serialized:{source:"undefined"}});continue}'


def expose_linker(source: str) -> str:
    """Return the text of `pyodide.asm.js` with the change made.

    Raises:
        ValueError: it is not the text that this change was written for.
    """
    if source.count(_CHECK) != 1 or _END not in source:
        raise ValueError("pyodide.asm.js is not the version that static/runtime/runtime.json pins")
    at = source.rindex(_END)
    source = source[:at] + _EXPOSED + source[at:]
    return source.replace(_CHECK, _UNDEFINED + _CHECK)
