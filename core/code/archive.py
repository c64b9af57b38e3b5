"""The script of an iteration and its arrays, packed into one file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import IO, Literal

from core.code.libraries import core_script, torch_script
from core.code.moment import moment_of
from core.code.plain import plain_script
from core.code.script import Parts
from core.inspect.trace import StepTrace
from core.io.npz import write_npz
from core.training.arguments import wrong_kind

Library = Literal["core", "numpy", "torch"]
SCRIPTS: Mapping[str, Callable[[Parts], str]] = {
    "core": core_script,
    "numpy": plain_script,
    "torch": torch_script,
}
SCRIPT, ARRAYS = "iteration.py", "iteration.npz"


def code_of(trace: StepTrace, library: Library) -> dict[str, bytes]:
    """Return the files that compute an iteration again, by their names: a script and its arrays.

    The script makes the model as it was before the iteration, runs forward, loss, backward and
    update on the recorded batch, and asserts that loss, gradients and all that is updated are what
    the trace holds. What was drawn at random is among the arrays.

    Args:
        trace: the iteration.
        library: what the script computes with: "core", "numpy" alone, or "torch".

    Raises:
        TypeError: `trace` is no recorded iteration.
        ValueError: there is no such library; or a layer, the loss or the optimiser is of a class of
            somebody's own, for which no code can be written.
    """
    # Without a type checker the caller may have passed anything.
    given: object = trace
    if not isinstance(given, StepTrace):
        expected = "a recorded iteration: what trainer.record_step() returns, or explorer.run.trace"
        raise TypeError(wrong_kind("trace", given, expected))
    if library not in SCRIPTS:
        raise ValueError(f"library is {library!r}; expected {', '.join(map(repr, SCRIPTS))}")
    moment = moment_of(trace)
    arrays = io.BytesIO()
    script = SCRIPTS[library](Parts.of(moment))
    write_npz(arrays, moment.arrays)
    return {SCRIPT: script.encode(), ARRAYS: arrays.getvalue()}


def save_code(trace: StepTrace, file: str | PathLike[str] | IO[bytes], library: Library) -> None:
    """Write a zip of a script that computes an iteration again, and its arrays; see `code_of`.

    Args:
        trace: the iteration, as `Trainer.record_step` returns it.
        file: a path, or a file opened for writing in binary mode.
        library: what the script computes with: "core", "numpy" alone, or "torch".

    Raises:
        TypeError, ValueError: as `code_of`; nothing is written then.
        OSError: the file cannot be written.
    """
    files = code_of(trace, library)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            # Without the time: the same iteration gives the same bytes.
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    if isinstance(file, str | PathLike):
        Path(file).write_bytes(packed.getvalue())
    else:
        file.write(packed.getvalue())
