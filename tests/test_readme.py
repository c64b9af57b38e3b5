"""What the README says is so."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from core import SGD, load_dataset, parse_model

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_its_code_runs(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first, *others = blocks("python")
    assert len(others) >= 3
    namespace: dict[str, object] = {}
    for number, block in enumerate([first, *others]):
        exec(compile(block, f"README.md, block {number}", "exec"), namespace)
    printed = capsys.readouterr().out
    assert float(printed.split()[0]) > 0.8
    assert "multiply-adds" in printed
    assert r"{g(L, K)}_{o,(c,s,t)} = \sum" in printed
    assert "backward and differences agree: True" in printed
    written = {"weights.npz", "run.safetensors", "run.npz", "code.zip"}
    assert {path.name for path in tmp_path.iterdir()} == written


def test_its_loop_trains() -> None:
    namespace: dict[str, Any] = {}
    for block in blocks("python")[:2]:
        exec(compile(block, "README.md", "exec"), namespace)
    test = namespace["data"].test
    right = namespace["model"].predict(test.images).argmax(axis=1) == test.labels
    # By chance it would be a tenth.
    assert right.mean() > 0.6


def test_weights_from_pytorch_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, _ = blocks("python torch")
    monkeypatch.chdir(tmp_path)
    text, shape = "conv 2 k3, bn, relu, flatten, linear 10", load_dataset("digits").input_shape
    trained, model = parse_model(text, shape), parse_model(text, shape)

    class Weights:
        """As much of a tensor of PyTorch as the README uses."""

        def __init__(self, value: np.ndarray) -> None:
            self.value, self.shape = value, value.shape

        def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
            return self.value

        def numpy(self) -> np.ndarray:
            return self.value

    class TorchModel:
        def state_dict(self) -> dict[str, Weights]:
            return {f"module.{k}": Weights(v) for k, v in trained.state_dict().items()}

    exec(code, {"model": model, "torch_model": TorchModel(), "np": np})
    for name, array in trained.state_dict().items():
        np.testing.assert_array_equal(model.state_dict()[name], array)


def test_pytorch_takes_weights_and_optimiser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, code = blocks("python torch")
    monkeypatch.chdir(tmp_path)
    model = parse_model("conv 2 k3, bn, relu, flatten, linear 10", (1, 8, 8))
    optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9)
    optimizer.slots["velocity"][0][...] = 7
    model.save("run.safetensors", optimizer)
    loaded, kept = dict[str, Any](), defaultdict[str, dict[str, Any]](dict)
    # As much of PyTorch as the README uses; a param is what its name is here.
    names = [name for name, _ in model.named_parameters()]
    torch_model = SimpleNamespace(
        load_state_dict=loaded.update, named_parameters=lambda: zip(names, names, strict=True)
    )
    torch_like = SimpleNamespace(torch=SimpleNamespace(load_file=load_file))
    optimizer_like = SimpleNamespace(state=kept)
    exec(
        code,
        {"safetensors": torch_like, "torch_model": torch_model, "torch_optimizer": optimizer_like},
    )
    assert loaded.keys() == model.state_dict().keys()
    assert list(kept) == names
    assert (kept["0.weight"]["momentum_buffer"] == 7).all()


def test_every_path_it_names_exists() -> None:
    quoted = re.findall(r"`((?:\w+/)+[\w.-]*)`", README)
    linked = re.findall(r"\]\(([^):#]+)\)", README)
    assert len(quoted) > 8
    assert len(linked) > 5
    assert [path for path in quoted + linked if not (ROOT / path).exists()] == []


def test_every_command_it_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = set(re.findall(r"(?:^|`)make ([\w-]+)", README, re.MULTILINE))
    assert {"serve", "test"} <= named
    assert named <= set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    for module in re.findall(r"python -m ((?:static|tools|benchmarks)\.\w+)", README):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


def test_what_make_test_does_is_what_it_says() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    recipe = re.search(r"^test: .*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert recipe is not None
    for part in ("lint", "test-browser", "test-python", "test-cpus", "test-oldest", "soak-small"):
        assert part in recipe[0]
    assert "run_on_other_cpus tests/core" in makefile
