"""Files of weights of either kind, with the state of an optimiser, ours and PyTorch's."""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save as save_by_package

from core.errors import StateError
from core.io.state.file import KINDS, read_state, write_state
from core.io.state.optimizer import load_optimizer
from core.io.text import parse_model
from core.io.weights import load, load_state_dict, match_by_order, save, state_dict
from core.losses import CrossEntropyLoss
from core.model import Model
from core.optim import SGD, Adam, AdamW, Optimizer, RMSprop
from tests.core.runs import fingerprint, of_state
from tests.rounding import assert_close

Numbers = NDArray[Any]
STATES = Path(__file__).parents[2] / "reference" / "states"
TEXT = "conv 4 k3 p1, bn, relu, pool 2, flatten, linear 3"
NAMES = {"0": "conv1", "1": "bn1", "5": "fc"}
OPTIMISERS: dict[str, tuple[type[Optimizer], dict[str, Any]]] = {
    "SGD": (SGD, {"lr": 0.1}),
    "momentum": (SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    "Adam": (Adam, {"lr": 0.01, "betas": (0.8, 0.95), "max_norm": 1.0}),
    "AdamW": (AdamW, {"lr": 0.01}),
    "RMSprop": (RMSprop, {"lr": 0.01, "momentum": 0.5}),
}


def make(seed: int, kind: str = "Adam") -> tuple[Model, Optimizer]:
    model = parse_model(f"float64: {TEXT}", (1, 8, 8), np.random.default_rng(seed))
    make_optimizer, settings = OPTIMISERS[kind]
    return model, make_optimizer(model.parameters(), **settings)


def train(model: Model, optimizer: Optimizer, steps: int, images: Numbers, labels: Numbers) -> None:
    loss = CrossEntropyLoss()
    for _ in range(steps):
        optimizer.zero_grad()
        loss(model.forward(images), labels)
        loss.backward()
        model.backward()
        optimizer.step()


def batch() -> tuple[Numbers, Numbers]:
    return np.random.default_rng(5).random((6, 1, 8, 8)), np.arange(6) % 3


def of_both(model: Model, optimizer: Optimizer) -> object:
    return of_state(model), fingerprint(optimizer.state_dict())


@pytest.mark.parametrize("file_kind", KINDS)
@pytest.mark.parametrize("kind", OPTIMISERS)
def test_training_goes_on_exactly(kind: str, file_kind: str) -> None:
    first, second = make(0, kind), make(1, kind)
    second[1].lr = 0.5
    train(*first, 3, *batch())
    file = io.BytesIO()
    save(*first[:1], file, first[1], file_kind)
    file.seek(0)
    load(second[0], file, optimizer=second[1])
    assert of_both(*second) == of_both(*first)
    for each in (first, second):
        train(*each, 3, *batch())
    assert of_both(*second) == of_both(*first)


def test_names_are_pytorchs() -> None:
    model, optimizer = make(0)
    train(model, optimizer, 2, *batch())
    file = io.BytesIO()
    model.save(file, optimizer)
    state = read_state(io.BytesIO(file.getvalue()))
    wanted = list(state_dict(model))
    params = [name for name, _ in model.named_parameters()]
    settings = ["lr", "weight_decay", "max_norm", "step", "betas", "eps"]
    wanted += [f"optimizer.Adam.{name}" for name in settings]
    wanted += [f"optimizer.Adam.{slot}.{n}" for slot in ("exp_avg", "exp_avg_sq") for n in params]
    assert sorted(state) == sorted(wanted)
    assert state["optimizer.Adam.step"] == 2
    assert state["optimizer.Adam.betas"].tolist() == [0.8, 0.95]


@pytest.mark.parametrize("ending", ["", ".npz", ".safetensors"])
def test_a_path_says_the_kind_and_the_content_when_it_is_read(tmp_path: Path, ending: str) -> None:
    model = make(0)[0]
    model.save(tmp_path / f"w{ending}")
    (path,) = tmp_path.iterdir()
    assert path.suffix == (ending or ".npz")
    for name in ("anything", "w.npz", "w.safetensors"):
        path = path.rename(tmp_path / name)
        other = make(1)[0]
        other.load(path)
        assert of_state(other) == of_state(model)


def test_an_unknown_kind_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="kind is 'pt'; expected one of npz, safetensors"):
        make(0)[0].save(tmp_path / "w", kind="pt")
    assert not list(tmp_path.iterdir())


def test_an_optimiser_of_another_model_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="none of the model"):
        make(0)[0].save(tmp_path / "w", make(1)[1])


@pytest.mark.parametrize("file_kind", KINDS)
def test_weights_alone_are_read_past_an_optimiser(file_kind: str) -> None:
    model, optimizer = make(0)
    file = io.BytesIO()
    save(model, file, optimizer, file_kind)
    other, own = make(1, "RMSprop")
    before = fingerprint(own.state_dict())
    assert load(other, io.BytesIO(file.getvalue())) == ([], [])
    assert load_state_dict(other, read_state(io.BytesIO(file.getvalue()))) == ([], [])
    assert of_state(other) == of_state(model)
    assert fingerprint(own.state_dict()) == before


def state_of(kind: str = "Adam") -> dict[str, Any]:
    model, optimizer = make(0, kind)
    train(model, optimizer, 2, *batch())
    file = io.BytesIO()
    save(model, file, optimizer)
    return read_state(io.BytesIO(file.getvalue()))


def refusal(state: Mapping[str, Any], kind: str = "Adam") -> str:
    """Return why a file is refused, having checked that neither model nor optimiser changed."""
    model, optimizer = make(1, kind)
    train(model, optimizer, 1, *batch())
    before = of_both(model, optimizer)
    file = io.BytesIO()
    write_state(file, state)
    with pytest.raises(StateError) as caught:
        load(model, io.BytesIO(file.getvalue()), optimizer=optimizer)
    assert of_both(model, optimizer) == before
    return str(caught.value)


def test_another_kind_of_optimiser_is_said() -> None:
    message = refusal(state_of("RMSprop"))
    assert "no state of Adam, it has that of RMSprop" in message
    alone = {name: array for name, array in state_of().items() if "optimizer" not in name}
    assert "no state of Adam, it has none" in refusal(alone)


ZEROS = np.zeros(3)
SLOT = "optimizer.Adam.exp_avg.5.bias"
FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "another shape": ({SLOT: np.zeros(4)}, "has shape"),
    "NaN": ({SLOT: ZEROS * np.nan}, f"{SLOT!r} of the optimiser's state holds nan at [0]"),
    "a negative mean of squares": (
        {"optimizer.Adam.exp_avg_sq.5.bias": np.array([0, 1, -2e-9])},
        "'optimizer.Adam.exp_avg_sq.5.bias' of the optimiser's state holds -2e-09 at [2], expected "
        "means of squares, which are never below 0",
    ),
    "no numbers": ({SLOT: np.array(["a"] * 3)}, "has type <U1, expected numbers"),
    "too large": ({SLOT: np.zeros(2000)}, "takes 16128 bytes"),
    "a large setting": ({"optimizer.Adam.lr": np.zeros(2000)}, "takes 16128 bytes"),
    "no such param": ({"optimizer.Adam.exp_avg.7.bias": ZEROS}, "of no param of this"),
    "no such slot": ({"optimizer.Adam.velocity.5.bias": ZEROS}, "unknown"),
    "no such setting": ({"optimizer.Adam.nesterov": np.array(True)}, "unknown"),
    "nothing behind the kind": ({"optimizer.Adam": np.array(True)}, "of no param of this"),
    "out of range": ({"optimizer.Adam.lr": np.array(-1.0)}, "lr is -1.0"),
    "weights": ({"0.bias": np.zeros(5)}, "0.bias has shape"),
    "a negative variance": ({"1.running_var": np.array([1, 0, -0.5, 1])}, "variance (-0.5 at [2])"),
    "infinite weights": ({"0.bias": np.array([1, 0, np.inf, 1])}, "infinity (inf at [2])"),
}


@pytest.mark.parametrize(("change", "message"), FAULTS.values(), ids=FAULTS)
def test_a_wrong_state_of_an_optimiser_changes_nothing(
    change: dict[str, Any], message: str
) -> None:
    assert message in refusal(state_of() | change)


@pytest.mark.parametrize("slot", ["exp_avg", "exp_avg_sq"])
def test_a_state_that_float32_cannot_hold_is_refused(slot: str) -> None:
    name = f"optimizer.Adam.{slot}.5.bias"
    state = state_of() | {name: np.array([0, 1e300, 0])}
    model = parse_model(TEXT, (1, 8, 8), np.random.default_rng(0))
    optimizer = Adam(model.parameters(), lr=0.01)
    before = of_both(model, optimizer)
    file = io.BytesIO()
    write_state(file, state)
    with pytest.raises(
        StateError, match=r"holds 1e\+300 at \[1\], expected finite numbers of float32"
    ):
        load(model, io.BytesIO(file.getvalue()), optimizer=optimizer)
    assert of_both(model, optimizer) == before


@pytest.mark.parametrize("name", [SLOT, "optimizer.Adam.lr"])
def test_a_missing_state_of_an_optimiser_changes_nothing(name: str) -> None:
    state = state_of()
    del state[name]
    assert refusal(state)


def test_settings_may_stay() -> None:
    state, (model, optimizer) = state_of("momentum"), make(1, "SGD")
    assert isinstance(optimizer, SGD)
    load_optimizer(optimizer, model, state, settings=False)
    assert (optimizer.momentum, optimizer.steps) == (0.0, 2)
    other, with_momentum = make(1, "momentum")
    with_momentum.lr = 7
    load_optimizer(with_momentum, other, state, settings=False)
    assert with_momentum.lr == 7
    wanted = state["optimizer.SGD.momentum_buffer.5.bias"]
    assert np.array_equal(with_momentum.slots["velocity"][-1], wanted)
    load_optimizer(with_momentum, other, state_of("SGD"), settings=False)
    assert not with_momentum.slots["velocity"][-1].any()


# What PyTorch wrote (see `tests.reference.make_states`).


@pytest.mark.parametrize("name", ["torch.npz", "torch.safetensors"])
def test_training_goes_on_from_pytorch(name: str) -> None:
    model, optimizer = make(0, "AdamW")[0], None
    optimizer = Adam(model.parameters())
    with np.load(STATES / "after.npz") as after:
        wanted = dict(after)
    state = read_state(STATES / name)
    matched = match_by_order(model, state)
    load_state_dict(model, matched)
    load_optimizer(optimizer, model, matched)
    assert (optimizer.lr, optimizer.betas, optimizer.weight_decay) == (0.01, (0.8, 0.95), 0.1)
    assert optimizer.steps == 3
    for own, theirs in NAMES.items():
        assert np.array_equal(state_dict(model)[f"{own}.weight"], state[f"{theirs}.weight"])
    train(model, optimizer, 2, wanted["images"], wanted["labels"])
    for own, array in state_dict(model).items():
        front, leaf = own.split(".")
        assert_close(array, wanted[f"after/{NAMES[front]}.{leaf}"], magnitude=1, what=own)


@pytest.mark.parametrize("name", ["torch.pt", "old.pt"])
def test_a_pickle_is_never_opened_and_two_lines_make_an_npz(name: str) -> None:
    with pytest.raises(StateError) as caught:
        read_state(STATES / name)
    message = str(caught.value)
    assert "pickle, which could run any code" in message
    # `tests.reference.verify_torch_files` runs them.
    first, second = message.splitlines()[2:4]
    assert first.startswith(f'state = torch.load("{name}", ')
    assert second.startswith(f'np.savez("{name.removesuffix(".pt")}.npz", ')


class Bomb:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return pytest.fail, ("the pickle was run",)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_no_pickle_is_run(protocol: int) -> None:
    with pytest.raises(StateError, match="is a pickle"):
        read_state(io.BytesIO(pickle.dumps(Bomb(), protocol)))


def test_a_file_of_keras_is_explained() -> None:
    with pytest.raises(StateError, match=r"HDF5.*np\.savez.*transpose\(3, 2, 0, 1\)"):
        read_state(io.BytesIO(b"\x89HDF\r\n\x1a\n" + bytes(100)))


def test_arrays_beyond_a_limit_are_not_read() -> None:
    content = save_by_package({"w": np.zeros(1000)})
    with pytest.raises(StateError, match="take 8,000 bytes; at most 7,999 are read"):
        read_state(io.BytesIO(content), 7999)
    assert len(read_state(io.BytesIO(content), 8000)["w"]) == 1000
