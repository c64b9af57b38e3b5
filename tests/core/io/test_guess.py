"""Models guessed from the shapes of their state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.errors import StateError
from core.io.state.file import read_state
from core.io.state.guess import guess_model
from core.io.text import parse_model
from core.io.weights import load_state_dict, match_by_order, state_dict
from tests.core.io.test_states import STATES
from tests.core.runs import of_state

Shape = tuple[int, ...]

# Networks that are built as most are: their text comes back.
USUAL: list[tuple[str, Shape]] = [
    ("conv 8 k3 p1, bn, relu, pool 2, flatten, linear 10", (1, 8, 8)),
    ("conv 8 k3 p1, relu, pool 2, conv 16 k3 p1, relu, pool 2, flatten, linear 10", (1, 8, 8)),
    (
        "conv 6 k5 p2, relu, pool 2, conv 16 k5, relu, pool 2, flatten, linear 120, relu, "
        "linear 84, relu, linear 10",
        (1, 28, 28),
    ),
    (
        "conv 32 k3, relu, conv 64 k3, relu, pool 2, flatten, linear 128, relu, linear 10",
        (1, 28, 28),
    ),
    ("conv 8 k3 p1, bn, relu, conv 8 k3 p1, bn, relu, gap, flatten, linear 10", (1, 28, 28)),
    ("conv 8 k4 s2 p1, relu, conv 16 k4 s2 p1, relu, flatten, linear 10", (1, 28, 28)),
    ("flatten, linear 32 nobias, relu, linear 10", (3, 8, 8)),
    ("flatten, linear 32, bn1d, relu, linear 10", (1, 8, 8)),
    ("linear 32, layernorm, relu, linear 10", (12,)),
    (
        "conv 8 k3x5 p1x2 nobias, groupnorm 8, relu, conv 8 k3 p1 g8, relu, conv 5 k1, gap, "
        "flatten",
        (3, 8, 9),
    ),
]
# Others: what is guessed has the same weights.
OTHERS: list[tuple[str, Shape]] = [
    ("conv 4 k3 p2 d2, sigmoid, avgpool 2, flatten, linear 3", (1, 8, 8)),
    ("conv 4 k2, relu, conv 4 k2 s3, relu, flatten, linear 3", (2, 9, 7)),
    ("conv 4 k3, relu, pool 3 s1, flatten, dropout, linear 3, softmax", (1, 9, 9)),
]


def state_of(text: str, shape: Shape) -> dict[str, Any]:
    return dict(state_dict(parse_model(text, shape, np.random.default_rng(0))))


def check(state: dict[str, Any], shape: Shape) -> str:
    """Return the guess, having loaded the state into the model that it describes."""
    guess = guess_model(state, shape)
    model = parse_model(guess.text, shape, np.random.default_rng(1))
    load_state_dict(model, match_by_order(model, {name: state[name] for name in guess.order}))
    loaded = state_dict(model).values()
    for name, array in zip(guess.order, loaded, strict=True):
        assert np.array_equal(array, state[name])
    return guess.text


@pytest.mark.parametrize(("text", "shape"), USUAL)
def test_usual_networks_come_back(text: str, shape: Shape) -> None:
    assert check(state_of(text, shape), shape) == text


@pytest.mark.parametrize(("text", "shape"), USUAL)
def test_whatever_order_the_names_are_in(text: str, shape: Shape) -> None:
    state = state_of(text, shape)
    shuffled = np.random.default_rng(2).permutation(list(state))
    assert check({name: state[name] for name in sorted(state)}, shape) == text
    assert check({str(name): state[name] for name in shuffled}, shape) == text


@pytest.mark.parametrize(("text", "shape"), OTHERS)
def test_other_networks_give_one_of_the_same_weights(text: str, shape: Shape) -> None:
    check(state_of(text, shape), shape)


def test_layers_that_are_named_by_their_part_are_put_in_order() -> None:
    text, shape = USUAL[2]
    state, names = state_of(text, shape), {"0": "features.0", "3": "features.3"}
    renamed = {
        f"{names.get(front, f'classifier.{front}')}.{leaf}": array
        for (front, leaf), array in ((name.split("."), a) for name, a in state.items())
    }
    assert check({name: renamed[name] for name in sorted(renamed)}, shape) == text


def test_a_file_of_pytorch() -> None:
    state = read_state(STATES / "torch.safetensors")
    guess = guess_model(state, (1, 8, 8))
    assert guess.text == "conv 4 k3 p1, bn, relu, pool 2, flatten, linear 3"
    model = parse_model(f"float64: {guess.text}", (1, 8, 8))
    other = parse_model(f"float64: {guess.text}", (1, 8, 8))
    load_state_dict(model, match_by_order(model, {name: state[name] for name in guess.order}))
    load_state_dict(other, match_by_order(other, read_state(STATES / "torch.npz")))
    assert of_state(model) == of_state(other)


def test_the_note_says_what_shapes_do_not_tell() -> None:
    note = guess_model(state_of(*USUAL[0]), (1, 8, 8)).note
    for word in ("padding", "stride", "dilation", "pooling", "activations", "ReLU"):
        assert word in note
    note = guess_model(state_of("flatten, linear 3", (1, 2, 2)), (1, 2, 2)).note
    assert "padding" not in note
    text, shape = USUAL[9]
    assert "groups of a group norm" in guess_model(state_of(text, shape), shape).note


REFUSED: dict[str, tuple[dict[str, Shape], str]] = {
    "nothing": ({}, "neither a convolution nor a linear layer"),
    "other images": ({"0.weight": (3, 100)}, r"begins with images of 1×8×8; choose data of the"),
    "a gap in the chain": ({"0.weight": (3, 64), "1.weight": (3, 4)}, "makes a chain of"),
    "an LSTM": ({"rnn.weight_ih_l0": (4, 64)}, "rnn.weight_ih_l0 is of no layer that core has"),
    "a branch": ({"layer1.downsample.0.weight": (4, 1, 1, 1)}, "on a branch .downsample., and sh"),
    "a branch of ours": ({"1.branch0.0.weight": (4, 1, 1, 1)}, "on a branch .branch0., and"),
    "three axes": ({"conv.weight": (4, 1, 3)}, r"conv.* has weight \(4, 1, 3\), as no layer"),
    "a bias of another size": (
        {"fc.weight": (3, 64), "fc.bias": (4,)}, r"fc.* has weight \(3, 64\), bias \(4,\)",
    ),
    "a layer of nothing": ({"fc.weight": (0, 64)}, "as no layer of core"),
    "one that is large": ({f"{k}.weight": (1, 1) for k in range(151)}, "151 layers, at most 150"),
}  # fmt: skip


@pytest.mark.parametrize(("shapes", "message"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_chain_is_said(shapes: dict[str, Shape], message: str) -> None:
    with pytest.raises(StateError, match=message):
        guess_model({name: np.zeros(shape) for name, shape in shapes.items()}, (1, 8, 8))


def test_a_search_has_an_end() -> None:
    """Many layers that could stand in any order, and no order that fits."""
    state = {f"{k}.weight": np.zeros((4, 4, 3, 3)) for k in range(100)}
    with pytest.raises(StateError, match="cannot be guessed"):
        guess_model(
            {"0.weight": np.zeros((4, 1, 3, 3)), "x.weight": np.zeros((3, 7)), **state}, (1, 8, 8)
        )
