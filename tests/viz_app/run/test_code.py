"""The code of each preset's iterations, as it is taken along."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core import Flatten, Layer, Linear, Model, load_dataset
from core.code.archive import SCRIPTS, Library, code_of
from core.inspect.trace import StepTrace
from core.tensor import Array
from core.training.history import History
from tests.core.code.recorded import RECORDED, run
from viz_app.dashboard import Dashboard
from viz_app.explore import Explorer, explore
from viz_app.run.edits.edit import Edit
from viz_app.run.presets import PRESETS
from viz_app.run.run import Run

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


def test_a_number_that_was_changed_by_hand_is_part_of_it(tmp_path: Path) -> None:
    viewed = Run(PRESETS["one"].recipe("one"))
    viewed.advance()
    viewed.edit(Edit("conv", "weight", (0, 0, 1, 1), 0.75))
    found = run(viewed.trace, "numpy", tmp_path)
    assert found["saved"]["before.0.weight"][0, 0, 1, 1] == 0.75


def asked(explorer: Explorer, library: str) -> list[str]:
    """Press an entry of the menu; return the names of the files that come."""
    viewer, files = explorer.viewer, list[str]()
    dashboard = Dashboard(viewer)
    dashboard.header.hand_over = lambda name, content: files.append(name)  # type: ignore[method-assign]
    dashboard._hear_header(code=library)  # type: ignore[arg-type]
    return files


class Twice(Layer):
    """A layer of somebody's own."""

    def _forward(self, x: Array) -> Array:
        return 2 * x

    def _backward(self, g: Array) -> Array:
        return 2 * g


def test_a_file_is_named_after_iteration_and_library() -> None:
    explorer = explore("flatten, linear {classes}", load_dataset("digits"))
    explorer.run.advance()
    assert asked(explorer, "torch") == ["convscope-iteration-2-torch.zip"]
    name = "convscope-iteration-2-torch.zip"
    assert explorer.viewer.message == f"Saved as {name}, where this browser keeps downloads."
    assert not explorer.viewer.is_refusal


@pytest.mark.parametrize(
    ("model", "library", "said"),
    [
        (lambda: Model(Twice(), Flatten(), Linear(64, 10)), "numpy", "No code can be written"),
        (lambda: Model(Flatten(), Linear(64, 10)), "jax", "Library is 'jax'"),
    ],
)
def test_what_cannot_be_written_is_said(
    model: Callable[[], Model], library: str, said: str
) -> None:
    explorer = explore(model(), load_dataset("digits"))
    assert asked(explorer, library) == []
    assert explorer.viewer.message.startswith(said)


def test_nothing_is_written_on_the_way_to_another_iteration() -> None:
    explorer = explore("flatten, linear {classes}", load_dataset("digits"))
    explorer.run.extend(9, [])
    assert explorer.run.replaying
    assert asked(explorer, "numpy") == []
    explorer.run.stop()


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
