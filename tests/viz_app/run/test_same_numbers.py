"""The dashboard computes the same digits on every processor, for thousands of iterations."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from tools.run_on_other_cpus import other_machines
from tools.serving import ROOT
from viz_app.run.presets import PRESETS

RUN = """
import json, sys
from viz_app.run.presets import PRESETS
trainer = PRESETS[sys.argv[1]].recipe(sys.argv[1]).trainer()
print(json.dumps([trainer.step().loss for _ in range(int(sys.argv[2]))]))
"""
# All that is printed has at most this many digits.
DIGITS = 6
LARGE = ("mnist", "fashion")
PRESET_AND_LENGTH = [
    *((name, 3000) for name in PRESETS if name not in LARGE),
    *((name, 300) for name in LARGE),
    *(pytest.param(name, 3000, marks=pytest.mark.slow) for name in LARGE),
]


def losses(preset: str, iterations: int, environment: dict[str, str]) -> list[float]:
    """The losses of a run on an imitated processor."""
    done = subprocess.run(
        [sys.executable, "-c", RUN, preset, str(iterations)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[float] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(("preset", "iterations"), PRESET_AND_LENGTH)
def test_every_processor_prints_the_same_digits(preset: str, iterations: int) -> None:
    imitated = [machine.environment for machine in other_machines()]
    assert len(imitated) > 1
    if preset in LARGE:
        # Those that differ most: two kernels of the BLAS.
        imitated = imitated[:2]
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda one: losses(preset, iterations, one), imitated))
    for run in runs[1:]:
        assert len(run) == iterations
        for one, other in zip(runs[0], run, strict=True):
            assert abs(one - other) <= 10.0**-DIGITS * abs(one)
