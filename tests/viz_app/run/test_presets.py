from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from core.data import DATASETS, load_dataset
from tests.viz_app.viewers import viewer_of
from viz_app.run.presets import DEFAULT, PRESETS


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


@pytest.mark.parametrize("name", PRESETS)
def test_the_settings_of_a_preset_make_the_loss_fall(name: str) -> None:
    viewer = viewer_of(name)
    for _ in range(30):
        viewer.step()
    losses = viewer.run.history.losses
    assert np.mean(losses[-10:]) < np.mean(losses[:10])
