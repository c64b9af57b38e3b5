"""Checkpoints: training goes on from disk bit for bit, or the file is refused with a reason."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data import DataSet, Split
from core.errors import StateError
from core.io.checkpoint import load_checkpoint, save_checkpoint
from core.io.text import parse_model
from core.io.weights import state_dict
from core.optim import SGD, Adam, AdamW, Optimizer
from core.schedule import cosine
from core.training.trainer import Trainer
from tests.core.runs import MODEL, fingerprint, make_trainer, of_result


def saved(run: object) -> bytes:
    file = io.BytesIO()
    save_checkpoint(run, file)
    return file.getvalue()


def steps(trainer: Trainer, count: int = 6) -> object:
    """Fingerprint of the next steps and of the weights behind them; the trainer makes them."""
    results = [of_result(trainer.step()) for _ in range(count)]
    return results, fingerprint(state_dict(trainer.model)), trainer.iteration, trainer.epoch


def with_optimizer(make: Callable[[list[Any]], Optimizer], seed: int = 0) -> Trainer:
    trainer = make_trainer(seed)
    rng = np.random.default_rng(seed)
    return Trainer(trainer.model, make(trainer.model.parameters()), trainer.data, 16, rng)


OPTIMIZERS: dict[str, Callable[[list[Any]], Optimizer]] = {
    "plain": lambda params: SGD(params, 0.05),
    "momentum": lambda params: SGD(params, 0.05, 0.9),
    "adam": lambda params: Adam(params, 0.01),
    "adamw": lambda params: AdamW(params, 0.01, weight_decay=0.1),
}


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
@pytest.mark.parametrize("before", [0, 5])
def test_training_goes_on_from_disk(
    tmp_path: Path, make: Callable[[list[Any]], Optimizer], before: int
) -> None:
    trainer, other = with_optimizer(make), with_optimizer(make, seed=1)
    for _ in range(before):
        trainer.step()
    save_checkpoint(trainer, tmp_path / "run")
    for _ in range(3):
        other.step()
    load_checkpoint(other, tmp_path / "run")
    assert steps(other) == steps(trainer)


def test_a_run_can_be_wound_back(tmp_path: Path) -> None:
    trainer = make_trainer()
    trainer.step()
    save_checkpoint(trainer, tmp_path / "run.npz")
    future = steps(trainer)
    load_checkpoint(trainer, tmp_path / "run.npz")
    assert steps(trainer) == future


def test_settings_that_were_changed_in_between_are_part_of_it() -> None:
    trainer, other = make_trainer(), make_trainer()
    trainer.step()
    assert isinstance(trainer.optimizer, SGD)
    trainer.optimizer.momentum = 0.5
    trainer.optimizer.weight_decay = 0.01
    trainer.batches.set_batch_size(7)
    load_checkpoint(other, io.BytesIO(saved(trainer)))
    assert steps(other) == steps(trainer)


def test_a_schedule_is_part_of_it() -> None:
    def new() -> Trainer:
        return make_trainer(schedule=cosine(0.05, 30))

    trainer, other = new(), new()
    trainer.step()
    load_checkpoint(other, io.BytesIO(saved(trainer)))
    assert steps(other) == steps(trainer)


@pytest.mark.parametrize("kind", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_every_generator(kind: str) -> None:
    def new(seed: int) -> np.random.Generator:
        return np.random.Generator(getattr(np.random, kind)(seed))

    rng, other = new(1), new(2)
    rng.integers(9, dtype=np.uint32)
    run, data = {"rng": rng}, saved({"rng": rng})
    target = {"rng": other}
    load_checkpoint(target, io.BytesIO(data))
    assert np.array_equal(run["rng"].random(9), target["rng"].random(9))


def test_what_an_object_gained_is_created() -> None:
    class Counter:
        def __init__(self, **attributes: Any) -> None:
            self.array: Any = None
            self.again: Any = None
            vars(self).update(attributes)

    full = Counter(
        array=np.arange(3.0),
        pair=(np.ones(2), [1, (2, "x")]),
        by_name={"a": {1: None}, "b": {2, 3}},
        scalar=np.float32(0.3),
        numbers=(1, 2.5, float("inf"), True),
    )
    full.again = full.array
    empty = Counter(gone=3)
    load_checkpoint(empty, io.BytesIO(saved(full)))
    assert fingerprint(vars(empty)) == fingerprint(vars(full))
    assert empty.again is empty.array
    assert not np.shares_memory(empty.array, full.array)
    assert type(vars(empty)["scalar"]) is np.float32


def test_a_tuple_of_objects_is_a_run() -> None:
    def new(seed: int) -> tuple[Any, Any]:
        model = parse_model("flatten, linear 3", (1, 2, 2), np.random.default_rng(seed))
        return model, Adam(model.parameters(), 0.1)

    def go_on(run: tuple[Any, Any]) -> object:
        model, optimizer = run
        optimizer.zero_grad()
        output = model.forward(np.ones((2, 1, 2, 2), np.float32))
        output.grad = output.value
        model.backward()
        optimizer.step()
        return fingerprint(state_dict(model))

    run, other = new(0), new(1)
    go_on(run)
    load_checkpoint(other, io.BytesIO(saved(run)))
    assert go_on(other) == go_on(run)


def refused(run: Trainer, data: bytes) -> str:
    """Return why a file is refused, having checked that nothing changed."""
    before = fingerprint(state_dict(run.model)), run.iteration, run.epoch
    with pytest.raises(StateError) as caught:
        load_checkpoint(run, io.BytesIO(data))
    assert (fingerprint(state_dict(run.model)), run.iteration, run.epoch) == before
    return str(caught.value)


def test_another_model_is_refused() -> None:
    data = saved(make_trainer())
    wider = make_trainer(text=MODEL.replace("conv 3 k3 p1, bn, relu", "conv 3 k5 p2, bn, relu"))
    message = refused(wider, data)
    assert message.startswith("conv.weight has shape (3, 1, 3, 3)")
    assert "but (3, 1, 5, 5)" in message
    assert "in this run" in refused(make_trainer(text=MODEL.replace("relu", "tanh")), data)


def test_another_optimiser_is_refused() -> None:
    message = refused(with_optimizer(lambda params: Adam(params, 0.01)), saved(make_trainer()))
    wanted = "optimizer is a core.optim.sgd.SGD in the checkpoint, but a core.optim.adam.Adam"
    assert message.startswith(wanted)


def test_other_data_are_refused() -> None:
    def on(images: np.ndarray[Any, Any]) -> Trainer:
        split = Split(images, np.arange(8) % 2)
        data = DataSet("mine", "Mine", split, split, ("a", "b"))
        rng = np.random.default_rng(0)
        model = parse_model("flatten, linear 2", (1, 2, 2), rng)
        return Trainer(model, SGD(model.parameters(), 0.1), data, 4, rng)

    images = np.random.default_rng(0).random((8, 1, 2, 2)).astype(np.float32)
    data = saved(on(images))
    load_checkpoint(on(images.copy()), io.BytesIO(data))
    assert "load the same data" in refused(on(images[::-1].copy()), data)


def test_other_files_are_refused() -> None:
    trainer = make_trainer()
    weights = io.BytesIO()
    np.savez(weights, a=np.ones(3))
    assert "no entry 'structure'" in refused(trainer, weights.getvalue())
    assert "no whole .npz archive" in refused(trainer, b"junk")


def test_another_format_is_refused() -> None:
    file = io.BytesIO()
    np.savez(file, structure=np.array(json.dumps({"format": 99})))
    assert "has format 99; this version reads 1" in refused(make_trainer(), file.getvalue())


def test_a_checkpoint_is_plain_arrays_without_pickle() -> None:
    with np.load(io.BytesIO(saved(make_trainer())), allow_pickle=False) as file:
        assert all(file[name].dtype.kind in "biufU" for name in file)
        structure = json.loads(str(file["structure"]))
    assert {"path": "iteration"}.keys() <= structure["nodes"][0].keys()
    assert not any("images" in node["path"] for node in structure["nodes"])


def small() -> Trainer:
    return make_trainer(text="flatten, linear 10")


DATA = saved(small())


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_any_damage_to_the_structure(changes: list[tuple[int, int]]) -> None:
    """Under a right checksum: what the JSON text says may be anything."""
    with np.load(io.BytesIO(DATA)) as file:
        arrays = {name: file[name] for name in file}
    text = list(str(arrays["structure"]))
    for place, value in changes:
        text[place % len(text)] = chr(value or 1)
    arrays["structure"] = np.array("".join(text))
    file_ = io.BytesIO()
    np.savez(file_, **arrays)
    trainer = small()
    before = fingerprint(state_dict(trainer.model))
    try:
        load_checkpoint(trainer, io.BytesIO(file_.getvalue()))
    except StateError:
        assert fingerprint(state_dict(trainer.model)) == before


def test_a_missing_array_is_refused() -> None:
    packed, cut = zipfile.ZipFile(io.BytesIO(DATA)), io.BytesIO()
    with zipfile.ZipFile(cut, "w") as rest:
        for name in packed.namelist()[:-1]:
            rest.writestr(name, packed.read(name))
    assert refused(small(), cut.getvalue())


@pytest.mark.parametrize(("name", "value"), [("lr", -1), ("lr", float("nan")), ("momentum", 2)])
def test_a_setting_out_of_range_is_refused(name: str, value: float) -> None:
    trainer, other = make_trainer(), make_trainer(1)
    trainer.step()
    vars(trainer.optimizer)[name] = value
    file = saved(trainer)
    before = fingerprint(other.get_state())
    with pytest.raises(StateError, match=f"{name} is {value}; expected"):
        load_checkpoint(other, io.BytesIO(file))
    assert fingerprint(other.get_state()) == before


def test_buffers_of_python_are_written() -> None:
    class Run:
        def __init__(self, content: bytes) -> None:
            self.seen = bytearray(content)

    other = Run(b"z")
    load_checkpoint(other, io.BytesIO(saved(Run(b"abc"))))
    assert other.seen == b"abc"
