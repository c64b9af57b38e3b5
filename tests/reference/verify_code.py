"""Runs the code of iterations with core, NumPy and PyTorch, and prints the worst differences.

Run it as `python -m tests.reference.verify_code` (`make verify-torch`): the presets in both dtypes,
with all their samples, and all that the tests of `core.code` record. It ends with an error where a
script does not compute what the trace holds.
"""

from __future__ import annotations

import io
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from core.code.archive import Library
from core.inspect.trace import StepTrace
from core.training.history import History
from tests.core.code.recorded import LAYERS, RECORDED, of_layer, run
from viz_app.run.presets import PRESETS

LIBRARIES: tuple[Library, ...] = ("core", "numpy", "torch")
# Iterations before the one that is compared.
BEFORE = 3


def preset(name: str, dtype: str) -> StepTrace:
    """Return an iteration of a preset."""
    history = History(PRESETS[name].recipe(name).with_(dtype=dtype).trainer())
    for _ in range(BEFORE):
        history.advance()
    return history.advance()


def groups() -> Iterator[tuple[str, list[Callable[[], StepTrace]]]]:
    """Yield names of lines of the table, with what records their iterations."""
    for name in PRESETS:
        for dtype in ("float64", "float32"):
            yield f"{name} {dtype}", [partial(preset, name, dtype)]
    kinds: dict[str, list[Callable[[], StepTrace]]] = {}
    for one in RECORDED:
        precision = " float32" if one.id.endswith("float32") else ""
        kinds.setdefault(f"every {one.id.split()[0]}{precision}", []).append(one.record)
    yield from kinds.items()
    yield "every layer, every option", [partial(of_layer, case) for case in LAYERS]


def worst_of(records: list[Callable[[], StepTrace]]) -> dict[str, float]:
    """Return the largest difference relative to the largest number, by library."""
    worst: dict[str, float] = dict.fromkeys(LIBRARIES, 0.0)
    for record in records:
        trace = record()
        for library in LIBRARIES:
            with TemporaryDirectory() as folder, redirect_stdout(io.StringIO()):
                found = run(trace, library, Path(folder))
            worst[library] = max(worst[library], found["worst"])
    return worst


def main() -> int:
    """Print a table; return how many of its lines failed."""
    # PyTorch says how fast some convolutions are.
    warnings.simplefilter("ignore")
    failed, begun = 0, perf_counter()
    print(
        f"{'largest difference, relative to the largest number':52}",
        *map("{:>9}".format, LIBRARIES),
    )
    for name, records in groups():
        line = f"{name} ({len(records)})" if len(records) > 1 else name
        try:
            worst = worst_of(records)
        except AssertionError as error:
            failed += 1
            print(f"{line:52} {error}", flush=True)
            continue
        print(f"{line:52}", *(f"{worst[library]:9.1e}" for library in LIBRARIES), flush=True)
    print(f"{failed} failed; {perf_counter() - begun:.0f} s")
    return failed


if __name__ == "__main__":
    sys.exit(main() > 0)
