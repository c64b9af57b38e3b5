"""Iterations as code: each script computes what the trace holds, and would notice if it did not."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import core
from core import (
    SGD,
    CrossEntropyLoss,
    Flatten,
    Linear,
    Model,
    MSELoss,
    ReLU,
    Sigmoid,
    save_code,
)
from core.code.archive import SCRIPTS, Library, code_of
from core.code.constructors import BOTH, CORE, TORCH
from core.code.losses import LOSSES
from core.code.optimisers import OPTIMISERS
from core.code.plain import JOINED
from core.code.plain_layers import PLAIN
from core.layer import LAYERS as KEYWORDS
from core.layer import Layer
from tests.core.cases import Case, own_layers
from tests.core.code.recorded import RECORDED, SOME_LAYERS, Recorded, of_layer, of_text, record, run

ROOT = Path(core.__file__).parents[1]
LIBRARIES: tuple[Library, ...] = ("core", "numpy")


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: str(recorded.id))
def test_a_script_computes_what_was_recorded(recorded: Recorded, tmp_path: Path) -> None:
    trace = recorded.record()
    for library in LIBRARIES:
        found = run(trace, library, tmp_path)
        assert found["gradients"]
        assert found["after"]
        # A number that is not there would be as close to another as any.
        assert np.isfinite(found["worst"])
    compile(code_of(trace, "torch")["iteration.py"], "iteration.py", "exec")


@pytest.mark.parametrize("case", SOME_LAYERS, ids=lambda case: str(case.id))
def test_every_layer_with_every_option(case: Case, tmp_path: Path) -> None:
    trace = of_layer(case)
    for library in LIBRARIES:
        assert run(trace, library, tmp_path)["worst"] < 1e-9
    compile(code_of(trace, "torch")["iteration.py"], "iteration.py", "exec")


def test_everything_of_core_can_be_written() -> None:
    own = {KEYWORDS[word] for word in own_layers()}
    assert own | {Model} == PLAIN.keys() | JOINED.keys()
    for dialect in (CORE, TORCH):
        assert own | {Model} == BOTH.keys() | dialect.makers.keys() | dialect.composites.keys()
    named = [getattr(core, name) for name in core.__all__]
    kinds = [kind for kind in named if isinstance(kind, type)]
    assert {k for k in kinds if issubclass(k, core.Loss)} - {core.Loss} == LOSSES.keys()
    optimisers = {k for k in kinds if issubclass(k, core.Optimizer)} - {core.Optimizer}
    assert optimisers == OPTIMISERS.keys()


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    "name", ["loss", "gradient.0.weight", "after.6.bias", "after.1.running_var", "velocity.0.bias"]
)
def test_a_number_that_is_wrong_is_noticed(name: str, library: Library, tmp_path: Path) -> None:
    run(of_text(), library, tmp_path)
    with np.load(tmp_path / "iteration.npz") as read:
        saved = dict(read)
    wrong = saved[name].copy()
    wrong.flat[-1] += 1e-5 * max(1.0, np.abs(wrong).max())
    np.savez(tmp_path / "iteration.npz", **{**saved, name: wrong})
    # A velocity shows in what it leads to.
    shown = name.replace("velocity", "after")
    command = [sys.executable, str(tmp_path / "iteration.py")]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 1
    assert f"AssertionError: {shown} differs by" in done.stderr


def test_the_script_without_core_needs_numpy_only(tmp_path: Path) -> None:
    run(of_text(), "numpy", tmp_path)
    command = [sys.executable, "-I", str(tmp_path / "iteration.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "8 gradients" not in done.stdout
    assert "6 gradients and 9 updated arrays agree" in done.stdout
    assert "core" not in (tmp_path / "iteration.py").read_text()


def test_only_what_is_used_is_written() -> None:
    text = code_of(of_text("flatten, linear 3"), "numpy")["iteration.py"].decode()
    defined = [line.split("(")[0] for line in text.splitlines() if line.startswith("def ")]
    assert defined == ["def linear", "def linear_backward", "def cross_entropy", "def check"]


def test_a_zip_of_script_and_arrays_is_the_same_each_time(tmp_path: Path) -> None:
    trace, packed = of_text(), io.BytesIO()
    save_code(trace, packed, "numpy")
    save_code(trace, tmp_path / "code.zip", "numpy")
    assert (tmp_path / "code.zip").read_bytes() == packed.getvalue()
    with zipfile.ZipFile(packed) as archive:
        assert archive.namelist() == ["iteration.py", "iteration.npz"]
        assert {n: archive.read(n) for n in archive.namelist()} == code_of(trace, "numpy")


class Twice(Layer):
    """A layer of somebody's own."""

    def _forward(self, x: np.ndarray) -> np.ndarray:
        return 2 * x

    def _backward(self, g: np.ndarray) -> np.ndarray:
        return 2 * g


class Own(MSELoss):
    """A loss of somebody's own."""


class Slow(SGD):
    """An optimiser of somebody's own."""


def vectors(model: Model, **parts: object) -> core.StepTrace:
    rng = np.random.default_rng(0)
    given: dict[str, object] = {"before": 0, **parts}
    model.astype(np.float64)
    return record(model, rng.uniform(-1, 1, (8, 3)), rng.integers(0, 3, 8), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("library", SCRIPTS)
def test_what_is_not_of_core_is_named(library: Library, tmp_path: Path) -> None:
    model = Model(Linear(3, 3), Twice())
    with pytest.raises(ValueError, match=r"layer twice: its class .*\.Twice is none of core's"):
        save_code(vectors(model), tmp_path / "code.zip", library)
    with pytest.raises(ValueError, match="loss Own"):
        save_code(vectors(Model(Linear(3, 3)), loss=Own()), tmp_path / "code.zip", library)
    model = Model(Linear(3, 3)).astype(np.float64)
    slow = Slow(model.parameters(), lr=0.1)
    with pytest.raises(ValueError, match="optimiser Slow"):
        save_code(vectors(model, optimizer=slow), tmp_path / "code.zip", library)
    assert not (tmp_path / "code.zip").exists()


def test_shared_weights_are_refused() -> None:
    model = Model(Linear(3, 3), ReLU(), Linear(3, 3)).astype(np.float64)
    first, _, last = model
    last.params["weight"] = first.params["weight"]
    last.weight = first.params["weight"]  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match=r"0 and 2 share weights"):
        code_of(vectors(model), "numpy")


@pytest.mark.parametrize("given", [None, Model(Flatten())])
def test_what_is_no_iteration_is_refused(given: object, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"trace is .*; expected a recorded iteration: what train"):
        save_code(given, tmp_path / "code.zip", "numpy")  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_another_library_is_refused() -> None:
    with pytest.raises(ValueError, match="library is 'jax'; expected 'core', 'numpy', 'torch'"):
        code_of(of_text("flatten, linear 3"), "jax")  # type: ignore[arg-type]


def test_nested_models_keep_their_places(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    inner = Model(Linear(3, 4, rng=rng), Model(Sigmoid(), Linear(4, 3, rng=rng)))
    trace = vectors(Model(inner, Flatten()), loss=CrossEntropyLoss())
    for library in LIBRARIES:
        found = run(trace, library, tmp_path)
        assert list(found["gradients"])[-1] in ("0.1.1.bias", "0.0.bias")
