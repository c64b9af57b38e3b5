from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from core.data import DATASETS, load_dataset
from core.inspect.flow import diagnose
from tests.viz_app.viewers import viewer_of
from viz_app.run.presets import DEFAULT, PRESETS
from viz_app.viewer import Viewer


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_fits_its_own_data(name: str) -> None:
    recipe = PRESETS[name].recipe(name)
    model, data = recipe.trainer().model, recipe.data
    assert model.output_shape(data.input_shape) == (data.classes,)
    assert 1 <= recipe.batch_size <= len(data.train)


def test_titles_are_all_different() -> None:
    assert len({preset.title for preset in PRESETS.values()}) == len(PRESETS)
    assert DEFAULT in PRESETS


@pytest.mark.parametrize(("preset", "dataset"), [*product(PRESETS, DATASETS)])
def test_every_preset_trains_on_every_data_set_or_says_why_not(preset: str, dataset: str) -> None:
    viewer = viewer_of(preset)
    before = viewer.run.settings["dataset"]
    viewer.set("dataset", dataset)
    if viewer.message:
        assert viewer.run.settings["dataset"] == before
    else:
        assert viewer.run.data is load_dataset(dataset)
        assert viewer.trace.iteration == 1
    for _ in range(3):
        viewer.step()
    assert viewer.message == ""
    assert viewer.trace.iteration == 4
    assert np.isfinite(viewer.run.history.losses).all()


# They are there to show what goes wrong.
FAILING = ("deep-sigmoid", "too-fast")


@pytest.mark.parametrize("name", [name for name in PRESETS if name not in FAILING])
def test_the_settings_of_a_preset_make_the_loss_fall(name: str) -> None:
    viewer = viewer_of(name)
    for _ in range(30):
        viewer.step()
    losses = viewer.run.history.losses
    assert np.mean(losses[-10:]) < np.mean(losses[:10])


def after(name: str, iterations: int) -> Viewer:
    viewer = viewer_of(name)
    while viewer.trace.iteration < iterations:
        viewer.step()
    return viewer


def accuracy(viewer: Viewer) -> float:
    viewer.evaluate()
    while viewer.run.evaluation.is_on:
        viewer.continue_evaluation()
    evaluation = viewer.run.evaluation.result
    assert evaluation is not None
    return evaluation.accuracy


def test_one_sees_what_a_preset_is_there_for() -> None:
    def reaching(name: str) -> float:
        flows = viewer_of(name).run.flows
        return flows[0].output / flows[-1].output

    assert reaching("deep-sigmoid") < 0.02 < 0.2 < reaching("deep-relu")
    by_heart = after("one-batch", 100)
    assert by_heart.trace.accuracy == 1
    assert by_heart.trace.loss < 0.01
    assert accuracy(by_heart) < 0.8
    dead = after("too-fast", 100)
    (finding,) = diagnose(dead.run.flows)
    assert finding.text.startswith("relu: all its units are zero for the whole batch")
    kinds = {
        name: [layer.keyword for layer in viewer_of(name).run.history.trainer.model.leaves()]
        for name in ("digits", "no-norm", "average")
    }
    whole = kinds["digits"]
    assert kinds["no-norm"] == [kind for kind in whole if kind != "bn"]
    assert kinds["average"] == ["avgpool" if kind == "pool" else kind for kind in whole]


def test_what_to_look_for_is_a_sentence() -> None:
    for preset in PRESETS.values():
        assert preset.look_for.endswith((".", "?"))
        assert len(preset.look_for) <= 100
