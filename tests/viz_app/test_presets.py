from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from core.data import DATASETS, load_dataset
from viz_app.presets import DEFAULT, PRESETS
from viz_app.session import Session


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_fits_its_own_data(name: str) -> None:
    preset = PRESETS[name]
    data = load_dataset(preset.dataset)
    model = preset.model(data, np.random.default_rng(0))
    assert model.output_shape(data.input_shape) == (data.classes,)
    assert 1 <= preset.batch_size <= len(data.train)


def test_titles_are_all_different() -> None:
    assert len({preset.title for preset in PRESETS.values()}) == len(PRESETS)
    assert DEFAULT in PRESETS


@pytest.mark.parametrize(("preset", "dataset"), [*product(PRESETS, DATASETS)])
def test_every_preset_trains_on_every_data_set_or_says_why_not(preset: str, dataset: str) -> None:
    session = Session()
    session.preset = preset
    before = session.dataset
    session.dataset = dataset
    if session.message:
        assert session.dataset == before
    else:
        assert session.data is load_dataset(dataset)
        assert session.trace.iteration == 1
    for _ in range(3):
        session.step()
    assert session.message == ""
    assert session.trace.iteration == 4
    assert np.isfinite(session.history.losses).all()


@pytest.mark.parametrize("name", PRESETS)
def test_the_settings_of_a_preset_make_the_loss_fall(name: str) -> None:
    session = Session()
    session.preset = name
    for _ in range(30):
        session.step()
    losses = session.history.losses
    assert np.mean(losses[-10:]) < np.mean(losses[:10])
