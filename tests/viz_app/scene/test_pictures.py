"""The images that go into the network, as pictures."""

from __future__ import annotations

import numpy as np
import pytest

from core.inspect.cell import Cell
from core.layers import Conv2d
from core.losses import MSELoss
from core.model import Model
from tests.viz_app.recorded import trace_of
from tests.viz_app.viewers import viewer_of
from viz_app.components.navigation.strip import ends_of
from viz_app.cover.covered import Covered
from viz_app.place.place import Place
from viz_app.scene.pins import scene_of
from viz_app.scene.registry import Look
from viz_app.scene.scene import Panel
from viz_app.scene.sight import with_covered


def input_of(look: Look) -> Panel:
    return scene_of(look).panels["X_in"]


@pytest.mark.parametrize(("preset", "channels"), [("one", 1), ("shapes", 3)])
def test_a_pixel_is_as_bright_as_its_numbers(preset: str, channels: int) -> None:
    viewer = viewer_of(preset)
    numbers = input_of(viewer.look)
    assert numbers.is_picture is False
    assert numbers.tiles[0].colours is None
    viewer.change(picture=True)
    picture = input_of(viewer.look)
    assert picture.is_picture is True
    large, *small = picture.tiles
    above, _, left, _ = large.ring
    image = viewer.look.arrays["X_in"][0]
    _, height, width = image.shape
    assert large.colours is not None
    inside = large.colours[above : above + height, left : left + width]
    for part in range(3):
        np.testing.assert_array_equal(inside[..., part], image[part if channels == 3 else 0])
    # Padding is black, and the numbers behind the picture are those that they were.
    assert large.colours.sum() == inside.sum()
    np.testing.assert_array_equal(large.values, numbers.tiles[0].values)
    assert (large.prefix, large.row_start) == (numbers.tiles[0].prefix, numbers.tiles[0].row_start)
    for c, tile in enumerate(small):
        assert tile.colours is not None
        np.testing.assert_array_equal(tile.colours[..., c], image[c])
        assert not np.delete(tile.colours, c, axis=-1).any()


def test_only_what_goes_into_the_network_is_a_picture() -> None:
    viewer = viewer_of("shapes")
    for stage, made in enumerate(viewer.trace.stages):
        for inner in range(len(made.inner)):
            look = Look(viewer.trace, Place(stage, inner, picture=True))
            panels = scene_of(look).panels.values()
            seen = {(made.layer, panel.array) for panel in panels if panel.is_picture is not None}
            assert seen <= {("conv1", "X_in")}, made.layer


@pytest.mark.parametrize(("low", "high", "channels"), [(-1.0, 1.0, 3), (0.0, 1.5, 3), (0, 1, 2)])
def test_it_is_not_guessed_what_other_images_looked_like(
    low: float, high: float, channels: int
) -> None:
    model = Model(Conv2d(channels, 1, 3, rng=np.random.default_rng(0))).astype(np.float64)
    x = np.random.default_rng(0).uniform(0, 1, (2, channels, 5, 5))
    x[0, 0, 0, :2] = low, high
    trace = trace_of(model, x, MSELoss(), np.zeros_like(model(x).value))
    panel = input_of(Look(trace, Place(picture=True)))
    assert panel.is_picture is None
    assert panel.tiles[0].colours is None


@pytest.mark.parametrize(("preset", "channels"), [("one", 1), ("shapes", 3)])
def test_a_covered_pixel_is_not_in_the_picture(preset: str, channels: int) -> None:
    viewer = viewer_of(preset)
    viewer.change(picture=True, channel=channels - 1)
    image = viewer.look.arrays["X_in"]
    mask = np.zeros(image.shape, bool)
    mask[0, 0, 2, 3] = True
    viewer.cover(Covered({Cell("forward", viewer.stage.layer, "X_in", ()): mask}))
    picture = with_covered(scene_of(viewer.look), viewer.look).panels["X_in"]
    assert picture.is_picture is True
    large, *small = picture.tiles
    # In every tile that shows a part of its colour, whichever channel is in sight.
    for tile in (large, *small[:1]):
        assert tile.covered is not None
        assert tile.colours is not None
        ((row, column),) = np.argwhere(tile.covered)
        assert (row + tile.row_start, column + tile.column_start) == (2, 3)
        assert np.isnan(tile.colours[row, column, 0])
    for tile in small[1:]:
        assert tile.covered is None
        assert tile.colours is not None
        assert np.isfinite(tile.colours).all()
    # It is one in the strip, too, where nothing is drawn there.
    ends = ends_of(viewer.trace, 0)
    assert ends["picture"]
    assert np.argwhere(np.isnan(ends["image"])).tolist() == [[0, 2, 3]]
