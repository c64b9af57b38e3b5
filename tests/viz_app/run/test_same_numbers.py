"""The dashboard prints the same digits on every processor and in the browser, for long runs."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from core.tensor import Array
from static.build import DOWNLOADS
from static.parts import Packed, pack_python
from tools.run_on_other_cpus import other_machines
from tools.serving import ROOT
from viz_app.run.presets import PRESETS

# All that the page could show of the last iteration, and the losses of all.
RECORD = """
import numpy as np
from viz_app.run.presets import PRESETS

def record(preset, iterations, path):
    trainer = PRESETS[preset].recipe(preset).trainer()
    losses = [trainer.step().loss for _ in range(iterations - 1)]
    trace = trainer.record_step()
    numbers = {"losses": np.array([*losses, trace.loss]), **trace.metrics}
    for stage in trace.stages:
        for inner, arrays in stage.inner.items():
            for name, array in arrays.items():
                numbers[f"{stage.phase} {stage.layer} {inner} {name}"] = array
    np.savez(path, **numbers)
"""
# Of the largest number of an array. What is less was left over when larger ones cancelled: its own
# digits are those of their roundings.
CANCELLED = 1e-9
LARGE = ("mnist", "fashion")
# All layers that sum much stand in these; the others have them once more, or take too long.
LONG = ("one", "digits")
PRESET_AND_LENGTH = [(name, 3000 if name in LONG else 300) for name in PRESETS]


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    return pack_python(tmp_path_factory.mktemp("python") / "made", DOWNLOADS, None, print)


def on_processor(environment: dict[str, str], preset: str, iterations: int, path: Path) -> None:
    """Record a run on an imitated processor."""
    done = subprocess.run(
        [sys.executable, "-c", f"{RECORD}\nrecord({preset!r}, {iterations}, {str(path)!r})"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def in_node(packed: Packed, preset: str, iterations: int, path: Path) -> None:
    """Record a run with the browser's Python."""
    task = path.with_suffix(".py")
    call = f"record({preset!r}, {iterations}, '/task/{path.name}')"
    task.write_text(f"{RECORD}\ndef run():\n    {call}\n", encoding="utf-8")
    packed.run("run.mjs", task)


def printed(value: float) -> str:
    """A number in the most digits that the page writes, see `common/format.js`."""
    return f"{value:.4e}" if abs(value) >= 1e4 or abs(value) < 1e-3 else f"{value:.5e}"


def other_digits(one: Array, other: Array) -> list[tuple[str, str]]:
    """The numbers that would be printed differently, but for those that are left of larger ones."""
    assert one.shape == other.shape
    if one.dtype.kind != "f":
        assert np.array_equal(one, other)
        return []
    finite = np.isfinite(one)
    assert np.array_equal(one[~finite], other[~finite], equal_nan=True)
    one, other = one[finite], other[finite]
    apart = np.abs(one - other) > CANCELLED * np.abs(one).max(initial=0)
    pairs = zip(one[apart].tolist(), other[apart].tolist(), strict=True)
    texts = ((printed(a), printed(b)) for a, b in pairs)
    return [(a, b) for a, b in texts if a != b]


@pytest.mark.parametrize(("preset", "iterations"), PRESET_AND_LENGTH)
def test_every_processor_and_the_browser_print_the_same_digits(
    preset: str, iterations: int, packed: Packed, tmp_path: Path
) -> None:
    imitated = [machine.environment for machine in other_machines()]
    assert len(imitated) > 1
    if preset in LARGE:
        # Those that differ most: two kernels of the BLAS.
        imitated = imitated[:2]
    # The slowest begins first.
    runs = [partial(in_node, packed), *(partial(on_processor, one) for one in imitated)]
    paths = [tmp_path / f"{k}.npz" for k in range(len(runs))]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda run, path: run(preset, iterations, path), runs, paths))
    first, *others = (np.load(path) for path in paths)
    assert len(first["losses"]) == iterations
    for other in others:
        assert other.files == first.files
        for name in first.files:
            assert other_digits(first[name], other[name]) == [], name
