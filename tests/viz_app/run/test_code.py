"""The code of each preset's iterations, as it is taken along."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.code.archive import SCRIPTS, Library, code_of
from core.inspect.trace import StepTrace
from core.training.history import History
from tests.core.code.recorded import RECORDED, run
from viz_app.run.presets import PRESETS

# Fewer samples than a preset has are as good, and take less time.
MOST_SAMPLES = 8


def second_iteration(preset: str) -> StepTrace:
    """Return the second iteration of a preset, with few samples: the first to have a velocity."""
    recipe = PRESETS[preset].recipe(preset)
    recipe = recipe.with_(batch_size=min(recipe.batch_size, MOST_SAMPLES))
    history = History(recipe.trainer())
    history.advance()
    return history.advance()


@pytest.mark.parametrize("preset", PRESETS)
def test_each_preset_is_computed_again(preset: str, tmp_path: Path) -> None:
    trace = second_iteration(preset)
    libraries: tuple[Library, ...] = ("core", "numpy")
    for library in libraries:
        assert run(trace, library, tmp_path)["worst"] < 1e-9
    compile(code_of(trace, "torch")["iteration.py"], "iteration.py", "exec")


@pytest.mark.parametrize("library", SCRIPTS)
def test_a_script_is_written_as_one_writes_it(library: Library, tmp_path: Path) -> None:
    names = {"network joined", "network conv options", "network sample norms", "frozen"}
    chosen = [one for one in RECORDED if one.id in names or "adamw-clipped" in one.id]
    assert len(chosen) == len(names) + 2
    for k, one in enumerate(chosen):
        text = code_of(one.record(), library)["iteration.py"]
        (tmp_path / f"script{k}.py").write_bytes(text)
    options = ["--isolated", "--line-length", "100", "--target-version", "py311", str(tmp_path)]
    for command in (["format", "--diff"], ["check", "--select", "E,F,W"]):
        ruff = [sys.executable, "-m", "ruff", *command, *options]
        done = subprocess.run(ruff, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
