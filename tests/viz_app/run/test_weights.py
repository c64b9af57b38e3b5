from __future__ import annotations

import zipfile
from io import BytesIO

import numpy as np
import pytest

from core.data import from_images
from core.io.weights import load, state_dict, weights_of
from core.tensor import Array
from tests.viz_app.viewers import viewer_of
from viz_app.components.files.download import Download
from viz_app.controls.settings.weights import WeightsFiles
from viz_app.run.presets import PRESETS
from viz_app.run.weights import weights_file
from viz_app.viewer import Viewer


def weights(viewer: Viewer) -> tuple[str, dict[str, Array]]:
    name, content = weights_file(viewer.run.history.trainer)
    with np.load(BytesIO(content)) as file:
        return name, weights_of(dict(file))


def same(first: dict[str, Array], second: dict[str, Array]) -> bool:
    return first.keys() == second.keys() and all(
        np.array_equal(first[name], second[name]) for name in first
    )


def test_weights_are_those_after_the_iteration_in_sight() -> None:
    viewer, seen = viewer_of(), []
    for _ in range(4):
        name, state = weights(viewer)
        assert name == f"convscope-digits-iteration-{viewer.trace.iteration}.npz"
        assert same(state, state_dict(viewer.run.history.trainer.model))
        update = viewer.trace.stage("update", "conv1")
        np.testing.assert_array_equal(state["0.weight"], update.inner["weight"]["after"])
        seen.append((name, state))
        viewer.step()
    for name, state in reversed(seen):
        viewer.back()
        found = weights(viewer)
        assert found[0] == name
        assert same(found[1], state)


def test_the_page_says_which_weights_it_saves_and_under_which_name() -> None:
    viewer, handed = viewer_of(), list[str]()
    download = Download()
    download.hand_over = lambda name, content: handed.append(name)  # type: ignore[method-assign]
    files = WeightsFiles(viewer, viewer.use_weights, download)
    for _ in range(2):
        viewer.step()
    said = (
        "The file holds the weights after the update of iteration 3; the layers on the board "
        "compute with those before it."
    )
    assert files.choice.saved == said
    files.save.clicks += 1
    name = "convscope-digits-iteration-3.npz"
    assert handed == [name]
    assert viewer.message == f"Saved as {name}, where this browser keeps downloads. {said}"
    assert not viewer.is_refusal
    viewer.back()
    assert "iteration 2;" in files.choice.saved


def test_they_are_still_those_after_an_iteration_that_diverged() -> None:
    viewer = viewer_of()
    viewer.set("learning_rate", 1e6)
    while not viewer.message:
        before = weights(viewer)
        viewer.step()
    assert "diverged" in viewer.message
    found = weights(viewer)
    assert found[0] == before[0] == (f"convscope-digits-iteration-{viewer.trace.iteration}.npz")
    assert same(found[1], before[1])


@pytest.mark.parametrize("preset", PRESETS)
def test_a_model_of_the_same_layers_takes_them(preset: str) -> None:
    viewer, other = viewer_of(preset), viewer_of(preset, seed=1)
    viewer.step()
    _, content = weights_file(viewer.run.history.trainer)
    assert zipfile.is_zipfile(BytesIO(content))
    model = other.run.history.trainer.model
    load(model, BytesIO(content))
    assert same(state_dict(model), weights(viewer)[1])


def test_any_name_of_own_data_makes_a_name_of_a_file() -> None:
    viewer = viewer_of()
    images = np.zeros((8, 8, 8), np.uint8)
    viewer.use_data(from_images(images, np.arange(8) % 2, "../my: blätter*"))
    assert weights_file(viewer.run.history.trainer)[0] == "convscope-my-blätter-iteration-1.npz"
