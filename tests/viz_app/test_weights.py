from __future__ import annotations

import zipfile
from io import BytesIO

import numpy as np
import pytest

from core.data import from_images
from core.io.weights import load, state_dict
from core.tensor import Array
from viz_app.presets import PRESETS
from viz_app.session import Session
from viz_app.weights import weights_file


def weights(session: Session) -> tuple[str, dict[str, Array]]:
    name, content = weights_file(session)
    with np.load(BytesIO(content)) as file:
        return name, dict(file)


def same(first: dict[str, Array], second: dict[str, Array]) -> bool:
    return first.keys() == second.keys() and all(
        np.array_equal(first[name], second[name]) for name in first
    )


def test_weights_are_those_after_the_iteration_in_sight() -> None:
    session, seen = Session(), []
    for _ in range(4):
        name, state = weights(session)
        assert name == f"convscope-digits-iteration-{session.trace.iteration}.npz"
        assert same(state, state_dict(session.history.trainer.model))
        update = session.trace.stage("update", "conv1")
        np.testing.assert_array_equal(state["0.weight"], update.inner["weight"]["after"])
        seen.append((name, state))
        session.next_iteration()
    for name, state in reversed(seen):
        session.goto(session.trace.iteration - 1)
        found = weights(session)
        assert found[0] == name
        assert same(found[1], state)


def test_they_are_still_those_after_an_iteration_that_diverged() -> None:
    session = Session()
    session.learning_rate = 1e30
    while not session.message:
        before = weights(session)
        session.next_iteration()
    assert "diverged" in session.message
    found = weights(session)
    assert found[0] == before[0] == (f"convscope-digits-iteration-{session.trace.iteration}.npz")
    assert same(found[1], before[1])


@pytest.mark.parametrize("preset", PRESETS)
def test_a_model_of_the_same_layers_takes_them(preset: str) -> None:
    session, other = Session(), Session()
    session.begin(preset=preset)
    other.begin(preset=preset, seed=1)
    session.next_iteration()
    _, content = weights_file(session)
    assert zipfile.is_zipfile(BytesIO(content))
    model = other.history.trainer.model
    load(model, BytesIO(content))
    assert same(state_dict(model), weights(session)[1])


def test_any_name_of_own_data_makes_a_name_of_a_file() -> None:
    session = Session()
    images = np.zeros((8, 8, 8), np.uint8)
    session.use_data(from_images(images, np.arange(8) % 2, "../my: blätter*"))
    assert weights_file(session)[0] == "convscope-my-blätter-iteration-1.npz"
