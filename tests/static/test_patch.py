from __future__ import annotations

import pytest

from static.runtime.patch import expose_linker

CHECK = 'if(!["object","function"].includes(typeof l))throw new Error(`Unexpected object of type'
SOURCE = f"begin;moduleRtn=readyPromise;for(l of r){{{CHECK} ${{l}}`)}}moduleRtn=readyPromise;end"


def test_the_linker_is_exposed_just_before_the_module_is_returned() -> None:
    start, end = expose_linker(SOURCE).rsplit("moduleRtn=readyPromise", 1)
    assert start.endswith("get table(){return wasmTable}};")
    assert start.count("Module.linker=") == 1
    assert end == ";end"


def test_undefined_is_let_through_before_it_is_refused() -> None:
    changed = expose_linker(SOURCE)
    assert changed.count(CHECK) == 1
    assert changed.index("if(l===undefined)") < changed.index(CHECK)


def test_nothing_else_is_changed() -> None:
    changed = expose_linker(SOURCE)
    pieces = SOURCE.split(CHECK)
    assert changed.startswith(pieces[0])
    assert len(pieces) == 2
    kept = iter(changed)
    assert all(letter in kept for letter in SOURCE)


@pytest.mark.parametrize(
    "source",
    ["", SOURCE.replace("moduleRtn", "module"), SOURCE.replace(CHECK, ""), SOURCE + CHECK],
    ids=["empty", "another end", "no check", "two checks"],
)
def test_another_text_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="not the version that"):
        expose_linker(source)
