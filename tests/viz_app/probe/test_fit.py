"""A person's own picture, fitted to what a network takes."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.data import load_dataset
from core.errors import DataError
from tests.viz_app.viewers import viewer_of
from viz_app.probe.fit import fit
from viz_app.probe.probe import Probe

DIGITS, SHAPES = load_dataset("digits"), load_dataset("shapes")


def grey(height: int, width: int, level: int = 0) -> NDArray[np.uint8]:
    pixels = np.full((height, width, 4), level, np.uint8)
    pixels[:, :, 3] = 255
    return pixels


def test_picture_of_the_same_size_stays_as_it_is() -> None:
    levels = np.round(DIGITS.test.images[0] * 255).astype(np.uint8)
    pixels = grey(8, 8)
    pixels[:, :, :3] = levels.transpose(1, 2, 0)
    image, said = fit(pixels, DIGITS)
    np.testing.assert_array_equal(image, levels)
    assert said == ""


def test_aspect_is_kept_and_the_middle_found() -> None:
    pixels = grey(4, 8)
    pixels[1:3, 2:6, :3] = 255
    image, said = fit(np.repeat(np.repeat(pixels, 5, 0), 5, 1), DIGITS)
    assert image.shape == (1, 8, 8)
    wanted = np.zeros((8, 8), np.uint8)
    wanted[3:5, 2:6] = 255
    np.testing.assert_array_equal(image[0], wanted)
    assert said == "Scaled from 20×40 to 4×8; in the middle of 8×8."


def test_pixel_is_the_mean_of_what_it_covers() -> None:
    pixels = grey(16, 16)
    pixels[::2, :, :3] = 200
    image, _ = fit(pixels, DIGITS)
    assert set(np.unique(image)) == {100}
    # Where sizes are no multiples too, brightness as a whole stays.
    some = grey(13, 13)
    some[4:9, 4:9, :3] = 255
    image, _ = fit(some, DIGITS)
    assert abs(image.mean() - some[:, :, 0].mean()) < 1


def test_ink_on_paper_is_inverted() -> None:
    pixels = grey(8, 8, 255)
    pixels[2:6, 3:5, :3] = 10
    image, said = fit(pixels, DIGITS)
    assert image[0, 0, 0] == 0
    assert image[0, 3, 3] == 245
    assert "Inverted" in said


def test_colours_become_grey_for_one_channel() -> None:
    pixels = grey(8, 8)
    pixels[3, 3, 1] = 255
    image, said = fit(pixels, DIGITS)
    assert image[0, 3, 3] == round(0.587 * 255)
    assert said == "Made grey."


def test_colours_stay_for_three_channels() -> None:
    pixels = grey(16, 16, 30)
    pixels[5, 6, :3] = (250, 100, 7)
    image, said = fit(pixels, SHAPES)
    assert image.shape == (3, 16, 16)
    assert image[:, 5, 6].tolist() == [250, 100, 7]
    assert said == ""


def test_what_is_transparent_is_background() -> None:
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[2:6, 2:6] = 255
    # The colour of what cannot be seen is nobody's.
    pixels[0, 0, :3] = 255
    image, said = fit(pixels, DIGITS)
    assert image[0, 0, 0] == 0
    assert image[0, 3, 3] == 255
    assert "transparent" in said


@pytest.mark.parametrize("shape", [(8, 8, 3), (8, 8), (0, 8, 4)])
def test_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(DataError, match="shape"):
        fit(np.zeros(shape, np.uint8), DIGITS)


def test_opened_picture_is_asked_about_and_said() -> None:
    viewer = viewer_of()
    viewer.ask(Probe("test", 3, label=6))
    viewer.probe_picture(grey(20, 10, 90), "cat.png")
    assert viewer.probe is not None
    assert (viewer.probe.source, viewer.probe.label) == ("opened", 6)
    assert viewer.message == "cat.png: Scaled from 20×10 to 8×4; in the middle of 8×8."
    assert viewer.trace.is_probe
    shown = viewer.place
    viewer.probe_picture(np.zeros((2, 2), np.uint8), "bad.png")
    assert "(H, W, 4)" in viewer.message
    assert viewer.place == shown
