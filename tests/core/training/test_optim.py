"""Optimisers against steps worked out by hand on L = x²/2 from x = 1, whose gradient is x."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import nan, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import optim
from core.errors import StateError
from core.formula.evaluate import evaluate_all
from core.formula.syntax import Formula, parse, spread
from core.optim import SGD, Adam, AdamW, Optimizer, RMSprop, clip_grad_norm
from core.tensor import Array, Tensor
from tests.core.runs import make_trainer
from tests.reference.optimisers import CLIPPED
from tests.rounding import assert_close, largest

FILE = Path(__file__).parents[2] / "reference" / "losses.npz"

Maker = Callable[[Sequence[Tensor]], Optimizer]

HALF = (0.5, 0.5)
PATHS: dict[str, tuple[Maker, list[float]]] = {
    "sgd": (partial(SGD, lr=0.1), [0.9, 0.81, 0.729]),
    # v = 1, 1.8, 2.34
    "momentum": (partial(SGD, lr=0.1, momentum=0.9), [0.9, 0.72, 0.486]),
    # v = 1, 1.71, 2.1141; x falls by 0.1 (x + 0.9 v)
    "nesterov": (partial(SGD, lr=0.1, momentum=0.9, nesterov=True), [0.81, 0.5751, 0.327321]),
    # The gradient is 1.5 x.
    "decay": (partial(SGD, lr=0.1, weight_decay=0.5), [0.85, 0.7225, 0.614125]),
    # m = 1/2, 0.7 and v = 1/2, 0.655; the corrections are 1/2 and 3/4.
    "adam": (
        partial(Adam, lr=0.1, betas=HALF, eps=0.0),
        [0.9, 0.9 - 0.1 * (0.7 / 0.75) / sqrt(0.655 / 0.75)],
    ),
    # g = 1.5, 1.35: the decay goes through the moments.
    "adam-decay": (
        partial(Adam, lr=0.1, betas=HALF, eps=0.0, weight_decay=0.5),
        [0.9, 0.9 - 0.1 * (1.05 / 0.75) / sqrt(1.47375 / 0.75)],
    ),
    # g = 1, 0.85: the decay takes 0.05 x past the moments.
    "adamw": (
        partial(AdamW, lr=0.1, betas=HALF, eps=0.0, weight_decay=0.5),
        [0.85, 0.85 - 0.0425 - 0.1 * (0.675 / 0.75) / sqrt(0.61125 / 0.75)],
    ),
    # s = 1/4, 0.3475
    "rmsprop": (partial(RMSprop, lr=0.1, alpha=0.75, eps=0.0), [0.8, 0.8 - 0.08 / sqrt(0.3475)]),
    # v = 2, 1 + 0.8 / sqrt(s)
    "rmsprop-momentum": (
        partial(RMSprop, lr=0.1, alpha=0.75, eps=0.0, momentum=0.5),
        [0.8, 0.7 - 0.08 / sqrt(0.3475)],
    ),
    # The gradient is 1.5 x, so s = 0.5625, 0.78187500.
    "rmsprop-decay": (
        partial(RMSprop, lr=0.1, alpha=0.75, eps=0.0, weight_decay=0.5),
        [0.8, 0.8 - 0.12 / sqrt(0.421875 + 0.25 * 1.44)],
    ),
    # eps stands beside the root: 0.1 · 1 / (1 + 1).
    "adam-eps": (partial(Adam, lr=0.1, eps=1.0), [0.95]),
    "rmsprop-eps": (partial(RMSprop, lr=0.1, alpha=0.75, eps=0.5), [0.9]),
    # Seven numbers of 1 have the norm sqrt(7); scaled to 1, each is 1 / sqrt(7).
    "sgd-clipped": (partial(SGD, lr=1.0, max_norm=1.0), [1 - 1 / (sqrt(7) + 1e-6)]),
    "sgd-not-clipped": (partial(SGD, lr=0.1, max_norm=3.0), [0.9]),
}
MAKERS: list[Maker] = [
    partial(SGD, lr=0.1),
    partial(SGD, lr=0.1, momentum=0.9),
    Adam,
    AdamW,
    RMSprop,
    partial(RMSprop, momentum=0.9),
    partial(SGD, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.1, max_norm=0.5),
    partial(Adam, weight_decay=0.1, max_norm=0.5),
    partial(RMSprop, momentum=0.9, weight_decay=0.1, max_norm=0.5),
]


def ones(*shape: int) -> Tensor:
    return Tensor(np.ones(shape))


@pytest.mark.parametrize(("make", "path"), PATHS.values(), ids=PATHS)
def test_steps_are_those_by_hand(make: Maker, path: list[float]) -> None:
    x, other = ones(2, 3), ones()
    optimizer = make([x, other])
    for steps, wanted in enumerate(path, start=1):
        x.grad = x.value.copy()
        other.grad = other.value.copy()
        optimizer.step()
        assert optimizer.steps == steps
        assert_close(x.value, np.full((2, 3), wanted), magnitude=1)
        assert_close(other.value, wanted, magnitude=1)


@pytest.mark.parametrize("make", MAKERS)
def test_the_rate_may_change_between_steps(make: Maker) -> None:
    x = ones(2)
    optimizer = make([x])
    optimizer.lr = 0.0
    x.grad = np.ones(2)
    optimizer.step()
    np.testing.assert_array_equal(x.value, [1, 1])
    optimizer.lr = 0.1
    optimizer.step()
    assert (x.value < 1).all()


@pytest.mark.parametrize("make", MAKERS)
def test_a_step_works_in_place_and_keeps_the_type(make: Maker) -> None:
    x = Tensor(np.ones((2, 3), np.float32))
    array = x.value
    optimizer = make([x])
    x.grad = np.ones((2, 3), np.float32)
    optimizer.step()
    assert x.value is array
    assert array.dtype == np.float32
    assert {a.dtype for kept in optimizer.slots.values() for a in kept} <= {np.dtype(np.float32)}
    assert {a.shape for kept in optimizer.slots.values() for a in kept} <= {(2, 3)}
    np.testing.assert_array_equal(x.grad, np.ones((2, 3)))


@pytest.mark.parametrize("make", [SGD, Adam, RMSprop])
def test_without_a_gradient_nothing_moves(make: Callable[..., Optimizer]) -> None:
    x = ones(2)
    make([x], lr=0.1).step()
    np.testing.assert_array_equal(x.value, [1, 1])


def test_zero_grad_clears_every_gradient() -> None:
    params = [ones(2), ones(3)]
    for param in params:
        param.accumulate_grad(param.value)
    SGD(params, 0.1).zero_grad()
    assert [param.grad.sum() for param in params] == [0, 0]


@pytest.mark.parametrize("make", [SGD, Adam, AdamW, RMSprop])
@pytest.mark.parametrize("value", [-0.1, nan, float("inf")])
@pytest.mark.parametrize("name", ["lr", "weight_decay"])
def test_rates_are_finite_and_not_negative(
    make: Callable[..., Optimizer], name: str, value: float
) -> None:
    with pytest.raises(ValueError, match=rf"^{name} is {value!r}; expected"):
        make([ones(1)], **{"lr": 0.1, name: value})


@pytest.mark.parametrize("make", MAKERS)
def test_there_must_be_something_to_update(make: Maker) -> None:
    with pytest.raises(ValueError, match="at least one param"):
        make([])


@pytest.mark.parametrize("make", [SGD, RMSprop])
def test_momentum_is_not_negative(make: Callable[..., Optimizer]) -> None:
    with pytest.raises(ValueError, match=r"^momentum is -0.5; expected"):
        make([ones(1)], 0.1, momentum=-0.5)


def test_nesterov_needs_momentum() -> None:
    with pytest.raises(ValueError, match="nesterov needs a momentum above 0"):
        SGD([ones(1)], 0.1, nesterov=True)


@pytest.mark.parametrize("betas", [(1.0, 0.9), (0.9, -0.1), (nan, 0.9)])
def test_betas_are_shares_below_one(betas: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="betas are"):
        Adam([ones(1)], betas=betas)


# Clipping.


@pytest.mark.parametrize("apart", [False, True], ids=["max_norm", "clip_grad_norm"])
@pytest.mark.parametrize("name", CLIPPED)
def test_clipped_steps_are_those_of_pytorch(name: str, apart: bool) -> None:
    kind, options, max_norm = CLIPPED[name]
    with np.load(FILE) as file:
        start = f"optimiser {name}/"
        entries = {k.removeprefix(start): file[k] for k in file.files if k.startswith(start)}
    params = [Tensor(entries[f"before/{k}"].copy()) for k in (0, 1)]
    optimizer = getattr(optim, kind)(params, **options, **({} if apart else {"max_norm": max_norm}))
    for step in range(5):
        for k, param in enumerate(params):
            param.grad = entries[f"g/{k}"][step].copy()
        if apart:
            assert_close(clip_grad_norm(params, max_norm), entries["norms"][step])
        optimizer.step()
        for k, param in enumerate(params):
            assert_close(param.value, entries[f"after/{k}"][step], magnitude=4)
            unchanged = np.array_equal(param.grad, entries[f"g/{k}"][step])
            assert unchanged != (apart and entries["norms"][step] > max_norm)


def test_frozen_params_do_not_count_for_the_norm() -> None:
    params = [ones(2), ones(2)]
    for param in params:
        param.grad = np.full(2, 3.0)
    params[1].requires_grad = False
    assert clip_grad_norm(params, 1.0) == sqrt(18)
    assert_close(np.linalg.norm(params[0].grad), sqrt(18) / (sqrt(18) + 1e-6))
    np.testing.assert_array_equal(params[1].grad, [3, 3])


@pytest.mark.parametrize("value", [0.0, -1.0, nan])
def test_the_largest_norm_is_above_zero(value: float) -> None:
    with pytest.raises(ValueError, match="max_norm is"):
        clip_grad_norm([ones(1)], value)
    with pytest.raises(ValueError, match="max_norm is"):
        SGD([ones(1)], 0.1, max_norm=value)


# Frozen params, and settings that change.


@pytest.mark.parametrize("make", MAKERS)
def test_a_frozen_param_and_its_slots_stay(make: Maker) -> None:
    x, other = ones(2), ones(2)
    optimizer = make([x, other])
    x.grad = other.grad = np.ones(2)
    optimizer.step()
    x.requires_grad = False
    value, slots = x.value.copy(), {name: s[0].copy() for name, s in optimizer.slots.items()}
    before = other.value.copy()
    optimizer.step()
    np.testing.assert_array_equal(x.value, value)
    for name, slot in slots.items():
        np.testing.assert_array_equal(optimizer.slots[name][0], slot)
    assert (other.value < before).all()


@pytest.mark.parametrize("kind", [SGD, RMSprop])
def test_momentum_may_be_switched_on_and_off(kind: type[SGD] | type[RMSprop]) -> None:
    x = ones(2)
    optimizer = kind([x], 0.1)
    x.grad = np.ones(2)
    optimizer.step()
    assert "velocity" not in optimizer.slots
    optimizer.momentum = 0.5
    optimizer.step()
    assert optimizer.slots["velocity"][0].all()
    optimizer.momentum = 0.0
    optimizer.step()
    assert "velocity" not in optimizer.slots


def test_params_may_be_added_and_converted() -> None:
    x = Tensor(np.ones(2, np.float32))
    optimizer = SGD([x], 0.1, 0.9)
    x.grad = np.ones(2, np.float32)
    optimizer.step()
    optimizer.params.append(ones(3))
    x.value = x.value.astype(np.float64)
    optimizer.step()
    assert [slot.dtype for slot in optimizer.slots["velocity"]] == [np.dtype(np.float64)] * 2
    assert [slot.shape for slot in optimizer.slots["velocity"]] == [(2,), (3,)]


# What a recorded update shows.


@pytest.mark.parametrize("make", MAKERS)
def test_every_array_of_an_update_is_what_its_line_says(make: Maker) -> None:
    trainer = make_trainer(text="flatten, linear 6, tanh, linear 10", batch_size=8)
    trainer.model.astype(np.float64)
    trainer.optimizer = make(trainer.model.parameters())
    for _ in range(3):
        trace = trainer.record_step()
        for stage in (stage for stage in trace.stages if stage.phase == "update"):
            maker: Any = stage.maker
            lines = parse(maker.formulas)
            for arrays in stage.inner.values():
                assert arrays.keys() - {"before", "gradient"} <= lines.keys()
                check_lines(arrays, lines, maker.formula_constants())


def check_lines(
    arrays: dict[str, Array], lines: Mapping[str, Formula], constants: dict[str, float]
) -> None:
    for name, array in arrays.items():
        line = lines.get(name)
        if line is None or line.body is None:
            continue
        written = spread(line, lambda key: np.ndim(arrays[key]), "ijkl")
        value = evaluate_all(written, arrays, constants)
        # A step is the difference of two values.
        size = largest(arrays["before"], array, *(arrays[n] for n in arrays if n != "inv_root"))
        relative = np.abs(array) if name == "inv_root" else size
        assert_close(array, value, magnitude=relative, what=name)


# The state.


def trained(make: Maker, steps: int = 3) -> tuple[list[Tensor], Optimizer]:
    params = [ones(2, 3), ones(4)]
    optimizer = make(params)
    go_on(params, optimizer, steps)
    return params, optimizer


def go_on(params: list[Tensor], optimizer: Optimizer, steps: int) -> None:
    for _ in range(steps):
        for param in params:
            param.grad = param.value * 0.7
        optimizer.step()


@pytest.mark.parametrize("make", MAKERS)
def test_a_state_goes_on_bit_for_bit(make: Maker) -> None:
    params, optimizer = trained(make)
    state = optimizer.state_dict()
    copies = [Tensor(param.value.copy()) for param in params]
    other = make(copies)
    other.lr, other.weight_decay = 0.5, 0.3
    other.load_state_dict(state)
    go_on(params, optimizer, 3)
    go_on(copies, other, 3)
    for param, copied in zip(params, copies, strict=True):
        np.testing.assert_array_equal(param.value, copied.value)
    assert state.keys() == optimizer.state_dict().keys()
    assert all(array.dtype.kind in "fib" for array in state.values())


def test_a_state_holds_settings_and_slots() -> None:
    _, optimizer = trained(partial(SGD, lr=0.1, momentum=0.9))
    state = optimizer.state_dict()
    assert sorted(state) == [
        "lr", "momentum", "nesterov", "steps", "velocity.0", "velocity.1", "weight_decay",
    ]  # fmt: skip
    state["velocity.0"][...] = 0
    assert optimizer.slots["velocity"][0].all()
    # The momentum of the state decides which slots there are.
    plain = SGD([ones(2, 3), ones(4)], 0.1)
    plain.load_state_dict(optimizer.state_dict())
    assert plain.momentum == 0.9
    np.testing.assert_array_equal(plain.slots["velocity"][1], optimizer.slots["velocity"][1])


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "missing slot": ({"velocity.1": None}, "has no 'velocity.1'"),
    "missing setting": ({"lr": None}, "has no 'lr'"),
    "unknown": ({"first_moment.0": np.zeros(2)}, "has 'first_moment.0', which is unknown"),
    "another param": ({"velocity.2": np.zeros(2)}, "has 'velocity.2', which is unknown"),
    "shape": ({"velocity.0": np.zeros(6)}, r"'velocity.0' .* shape \(6,\); the param has \(2, 3\)"),
    "not finite": ({"velocity.0": np.full((2, 3), nan)}, "'velocity.0' .* finite"),
    "text": ({"velocity.0": np.full((2, 3), "x")}, "'velocity.0' .* type <U1, expected numbers"),
    "kind": ({"nesterov": 0.5}, "'nesterov' .* expected a value such as False"),
    "shape of a setting": ({"lr": [0.1, 0.2]}, "'lr' .* expected a value such as 0.1"),
    "range": ({"lr": -1.0}, "lr is -1.0; expected"),
    "steps": ({"steps": 1.5}, "steps is 1.5; expected a whole number"),
}


@pytest.mark.parametrize(("change", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_state_is_refused_and_changes_nothing(change: dict[str, Any], message: str) -> None:
    _, optimizer = trained(partial(SGD, lr=0.1, momentum=0.9))
    before = optimizer.state_dict()
    state = {name: value for name, value in (before | change).items() if value is not None}
    with pytest.raises(StateError, match=message):
        optimizer.load_state_dict(state)
    after = optimizer.state_dict()
    assert before.keys() == after.keys()
    for name, array in before.items():
        np.testing.assert_array_equal(after[name], array, name)


def test_a_state_of_another_kind_of_optimiser_is_refused() -> None:
    _, adam = trained(Adam)
    with pytest.raises(StateError, match="has no 'momentum'"):
        SGD([ones(2, 3), ones(4)], 0.1).load_state_dict(adam.state_dict())


def test_arguments_stand_in_the_order_of_pytorch() -> None:
    x = [ones(1)]
    sgd, adam = SGD(x, 0.1, 0.9), Adam(x, 0.1, (0.8, 0.9), 1e-4, 0.2)
    assert (sgd.lr, sgd.momentum) == (0.1, 0.9)
    assert (adam.betas, adam.eps, adam.weight_decay) == ((0.8, 0.9), 1e-4, 0.2)
    rms = RMSprop(x, 0.1, 0.8, 1e-4, 0.2, 0.9)
    assert (rms.alpha, rms.eps, rms.weight_decay, rms.momentum) == (0.8, 1e-4, 0.2, 0.9)
    rates = [kind(x).lr for kind in (SGD, Adam, AdamW, RMSprop)]
    assert rates == [1e-3, 1e-3, 1e-3, 1e-2]
    assert AdamW(x).weight_decay == 0.01


# Settings are checked wherever they come from.

BAD: list[tuple[Maker, str, Any, str]] = [
    (SGD, "lr", -1, "lr is -1; expected a finite number of at least 0"),
    (SGD, "lr", nan, "lr is nan; expected a finite"),
    (SGD, "lr", "0.1", "lr is '0.1'; expected a finite"),
    (SGD, "lr", None, "lr is None; expected a finite"),
    (SGD, "lr", np.zeros(2), "lr is array"),
    (SGD, "momentum", 2, "momentum is 2; expected a number from 0 to below 1"),
    (RMSprop, "momentum", 1.0, "momentum is 1.0; expected"),
    (SGD, "weight_decay", -0.1, "weight_decay is -0.1; expected"),
    (SGD, "max_norm", 0, "max_norm is 0; expected a number above 0, or None"),
    (Adam, "betas", 0.9, "betas are 0.9; expected two numbers"),
    (Adam, "betas", (0.9, 1), r"betas are \(0.9, 1\); expected two numbers"),
    (Adam, "betas", (0.9, "x"), "betas are .* expected two numbers"),
    (AdamW, "eps", -1e-8, "eps is -1e-08; expected"),
    (RMSprop, "alpha", 1.5, "alpha is 1.5; expected a number from 0 to 1"),
    (SGD, "steps", 1.5, "steps is 1.5; expected a whole number"),
]


@pytest.mark.parametrize(("make", "name", "value", "message"), BAD)
def test_a_setting_out_of_range_is_refused_when_assigned(
    make: Maker, name: str, value: object, message: str
) -> None:
    params, optimizer = trained(make)
    before = vars(optimizer).copy()
    with pytest.raises(ValueError, match=f"^{message}"):
        setattr(optimizer, name, value)
    assert vars(optimizer) == before
    # Past the assignment: the step refuses, and nothing has moved.
    vars(optimizer)[name] = value
    values = [param.value.copy() for param in params]
    with pytest.raises(ValueError, match=f"^{message}"):
        optimizer.step()
    for param, kept in zip(params, values, strict=True):
        np.testing.assert_array_equal(param.value, kept)
    assert name == "steps" or optimizer.steps == 3


@pytest.mark.parametrize(("name", "value"), [(n, v) for m, n, v, _ in BAD if m is SGD][:-1])
def test_constructors_refuse_the_same(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^{name} is"):
        SGD([ones(1)], **{"lr": 0.1, name: value})  # type: ignore[arg-type]


def test_settings_become_plain_numbers() -> None:
    adam = Adam([ones(1)], lr=np.float32(0.5), max_norm=2)  # type: ignore[arg-type]
    adam.betas = [0.5, np.float64(0.25)]  # type: ignore[assignment]
    assert (adam.lr, type(adam.lr), type(adam.max_norm)) == (0.5, float, float)
    assert (adam.betas, type(adam.betas[1])) == ((0.5, 0.25), float)
    assert "betas" in adam.state_dict()


# Params.


def test_a_param_that_occurs_twice_is_stepped_once() -> None:
    x, y = ones(2), ones(2)
    optimizer = SGD([x, y, x], 0.1)
    x.grad = y.grad = np.ones(2)
    optimizer.step()
    assert len(optimizer.params) == 2
    np.testing.assert_array_equal(x.value, y.value)


@pytest.mark.parametrize("make", MAKERS)
def test_params_are_tensors(make: Callable[[Any], Optimizer]) -> None:
    model = make_trainer().model
    wrong: list[tuple[object, str]] = [
        (model, r"got a Model: pass its `parameters\(\)`"),
        (model.named_parameters(), r"pass `parameters\(\)`, not `named_parameters\(\)`"),
        ([{"params": model.parameters()}], "groups of params are not supported"),
        (dict(model.named_parameters()), r"pass list\(d.values\(\)\)"),
        (ones(1), r"pass \[tensor\]"),
        ([ones(1), np.ones(1)], "number 1 of its params is a ndarray"),
        (3, "got 3"),
    ]
    for params, message in wrong:
        with pytest.raises(TypeError, match=message):
            make(params)
