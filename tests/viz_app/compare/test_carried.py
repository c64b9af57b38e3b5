"""A second run with another network, made from one that begins from a person's own weights."""

from __future__ import annotations

import numpy as np
import pytest

from core.inspect.cell import Cell
from core.io.weights import state_dict
from tests.viz_app.compare.test_beside import WITHOUT
from tests.viz_app.compare.test_comparison import second
from tests.viz_app.viewers import arrive, numbers, same, viewer_of
from viz_app.compare.choices import choices
from viz_app.compare.difference import NETWORK, Difference
from viz_app.dashboard import Dashboard
from viz_app.place.address import to_query
from viz_app.place.place import COMPARE
from viz_app.run.edits.origin import origin_of
from viz_app.run.run import Run
from viz_app.run.weights import read_weights, weights_file
from viz_app.viewer import Viewer


def loaded(preset: str = "digits") -> Viewer:
    """Somebody whose run begins from weights that were trained for a while."""
    viewer = viewer_of(preset, seed=5)
    for _ in range(3):
        viewer.step()
    _, content = weights_file(viewer.run.history.trainer)
    viewer = viewer_of(preset)
    viewer.use_weights(read_weights("mine.npz", len(content), content))
    return viewer


def test_without_batch_norm_is_offered_and_takes_over_the_weights_of_the_other_layers() -> None:
    viewer = loaded()
    assert choices(viewer.run)["without batch norm"] == WITHOUT
    viewer.compare(WITHOUT)
    said = "All else of run B begins from mine.npz: the seed draws conv1.bias and conv2.bias."
    assert (viewer.message, viewer.is_refusal) == (said, False)
    recipe, whole = WITHOUT.recipe(viewer.run.recipe), viewer.run.recipe.weights
    assert whole is not None
    trainer = recipe.trainer()
    found = state_dict(trainer.model)
    kept = {
        name: trainer.optimizer.slots["velocity"][k]
        for k, (name, _) in enumerate(trainer.model.named_parameters())
    }
    velocity = "optimizer.SGD.momentum_buffer."
    # Behind a batch norm that is gone, a layer has another number.
    for here, there in (("0", "0"), ("3", "4"), ("7", "9")):
        name, theirs = f"{here}.weight", f"{there}.weight"
        assert np.array_equal(found[name], whole.state[theirs])
        assert np.array_equal(kept[name], whole.state[velocity + theirs])
        assert kept[name].any()
    assert not found["0.bias"].any()
    assert not kept["0.bias"].any()
    # Its numbers are those that it has alone, and are not begun anew by each step.
    history = second(viewer).history
    for _ in range(2):
        viewer.step()
    assert second(viewer).history is history
    alone = Viewer(Run(recipe))
    alone.change(grain="Iteration")
    for _ in range(2):
        alone.step()
    assert same(numbers(Viewer(second(viewer))), numbers(alone))


def test_the_panel_says_what_is_drawn_anew_as_long_as_both_run() -> None:
    viewer = loaded()
    dashboard = Dashboard(viewer)
    viewer.change(side=COMPARE)
    viewer.compare(WITHOUT)
    viewer.step()
    lines = [line["html"] for line in dashboard.comparing.said.lines]
    assert (
        "All else of run B begins from mine.npz: the seed draws conv1.bias and conv2.bias." in lines
    )
    viewer.swap()
    assert viewer.is_refusal
    assert viewer.message.startswith("Run B begins from a part of mine.npz")
    assert viewer.against == WITHOUT


@pytest.mark.parametrize(
    ("preset", "difference", "said"),
    [
        ("deep-relu", Difference("preset", "deep-sigmoid"), ""),
        (
            "digits", Difference(NETWORK, "flatten, linear 12, relu, linear {classes}"),
            "Nothing of run B begins from mine.npz: the seed draws linear1.weight, linear1.bias, "
            "linear2.weight and linear2.bias.",
        ),
    ],
)  # fmt: skip
def test_whatever_fits_goes_along(preset: str, difference: Difference, said: str) -> None:
    viewer = loaded(preset)
    viewer.compare(difference)
    assert second(viewer) is not None
    assert viewer.message == said


def test_a_link_to_it_opens_with_the_same_numbers() -> None:
    viewer = loaded()
    viewer.compare(WITHOUT)
    viewer.step()
    other = viewer_of("one")
    other.run.own_weights = viewer.run.recipe.weights
    dashboard = Dashboard(other)
    dashboard.open(to_query(viewer.run, viewer.place))
    arrive(other)
    assert other.against == WITHOUT
    assert same(numbers(Viewer(second(other))), numbers(Viewer(second(viewer))))


def test_where_a_number_of_run_b_comes_from_is_told_of_what_the_file_gives_only() -> None:
    viewer = loaded()
    viewer.compare(WITHOUT)
    beside, run = viewer.look.beside, second(viewer)
    assert beside is not None
    assert beside.trace is not None
    for array, said in (("kernels", "from mine.npz"), ("bias", "")):
        place = (0, 0, 1, 1) if array == "kernels" else (0,)
        cell = Cell("forward", "conv1", array, place)
        assert origin_of(run, beside.trace, cell) == said


def test_a_network_of_the_same_params_has_all_of_the_weights() -> None:
    viewer = viewer_of("deep-sigmoid")
    _, content = weights_file(viewer.run.history.trainer)
    viewer.use_weights(read_weights("mine.npz", len(content), content))
    recipe = viewer.run.recipe
    same = Difference("network", str(recipe.network))
    assert same.is_none(recipe)
    other = Difference("preset", "deep-relu")
    assert other.recipe(recipe).weights is recipe.weights
    viewer.compare(other)
    assert viewer.run.companion.begins == ""
    viewer.swap()
    arrive(viewer)
    assert viewer.message == "A and B are swapped: run A is the one with preset “Deep ReLU” now."
