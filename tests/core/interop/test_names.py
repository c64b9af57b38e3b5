"""Names of weights that are not those of their places, as a network of PyTorch has them."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest

from core import Flatten, Linear, Model, ReLU, Residual, StateError


def named() -> Model:
    """Return a model as `from_torch` makes it."""
    rng = np.random.default_rng(0)
    model = Model(Flatten(), Residual(Linear(4, 4, rng=rng)), ReLU(), Linear(4, 2, rng=rng))
    model.state_names |= {
        "1.body.0.weight": "block.fc.weight",
        "1.body.0.bias": "block.fc.bias",
        "3.weight": "head.weight",
    }
    return model


NAMES = ["block.fc.weight", "block.fc.bias", "head.weight", "3.bias"]


def test_they_are_those_of_the_state_and_of_the_params(tmp_path: Path) -> None:
    model = named()
    assert list(model.state_dict()) == NAMES
    assert [name for name, _ in model.named_parameters()] == NAMES
    # A copy has them too, and a model that holds the model puts its place in front.
    assert list(deepcopy(model).state_dict()) == NAMES
    outer = Model(model, ReLU())
    assert list(outer.state_dict()) == [f"0.{name}" for name in NAMES]
    assert [name for name, _ in outer.named_parameters()] == [f"0.{name}" for name in NAMES]


def test_weights_go_back_and_forth_by_them(tmp_path: Path) -> None:
    model, other = named(), named()
    for param in model.parameters():
        param.value += 1
    model.save(tmp_path / "weights")
    other.load(tmp_path / "weights")
    for name, array in model.state_dict().items():
        assert np.array_equal(other.state_dict()[name], array)
    state = model.state_dict()
    del state["head.weight"]
    with pytest.raises(StateError, match=r"head\.weight is missing"):
        other.load_state_dict(state)
