"""The colours can be told apart by everybody."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from tests.viz_app.style.sight import SIGHTS, apart, lab
from viz_app.style.theme import DARK, DARK_PALETTES, LIGHT, PALETTES

# Distances (CIE 1976) of colours that are told apart without being side by side.
CLEAR = 15.0
PHASES = ("forward", "loss", "backward", "update")
both = pytest.mark.parametrize("palettes", [PALETTES, DARK_PALETTES], ids=["light", "dark"])
everybody = pytest.mark.parametrize("sight", SIGHTS)


def test_the_simulation_is_what_is_published() -> None:
    # White and greys are seen as they are; red and green of one lightness meet.
    for sight in SIGHTS:
        assert lab("#ffffff", sight) == pytest.approx([100, 0, 0], abs=0.1)
        assert lab("#808080", sight) == pytest.approx(lab("#808080"), abs=0.1)
    for sight in ("protanopia", "deuteranopia"):
        assert apart("#c00000", "#00a000", sight) < 0.7 * apart("#c00000", "#00a000")
    assert apart("#0000ff", "#006060", "tritanopia") < 0.7 * apart("#0000ff", "#006060")


@both
@everybody
def test_more_is_always_darker_or_always_brighter(
    palettes: dict[str, list[str]], sight: str
) -> None:
    for name in ("sequential", "mask"):
        lightness = [lab(code, sight)[0] for code in palettes[name]]
        steps = np.diff(lightness)
        assert (steps > 0).all() or (steps < 0).all(), name
        for one, other in pairwise(palettes[name]):
            assert apart(one, other, sight) > CLEAR, (name, one, other)


@both
@everybody
def test_signs_are_told_apart_and_from_zero(palettes: dict[str, list[str]], sight: str) -> None:
    strong_minus, minus, zero, plus, strong_plus = palettes["diverging"]
    for one, other in combinations((minus, zero, plus), 2):
        assert apart(one, other, sight) > CLEAR, (one, other)
    assert apart(strong_minus, strong_plus, sight) > CLEAR
    # On either side more is further from zero.
    for weak, strong in ((minus, strong_minus), (plus, strong_plus)):
        steps = [lab(code, sight)[0] for code in (zero, weak, strong)]
        assert (np.diff(steps) > 0).all() or (np.diff(steps) < 0).all()
        assert apart(weak, strong, sight) > CLEAR


@both
def test_zero_has_the_colour_of_an_empty_tile(palettes: dict[str, list[str]]) -> None:
    zeros = {palettes[name][0] for name in ("sequential", "mask", "none")}
    assert zeros == {palettes["diverging"][2]}


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@everybody
def test_phases_are_told_apart(colours: dict[str, str], sight: str) -> None:
    # Their stages have shapes of their own besides: chevrons to the right and to the left, a
    # diamond, a pill.
    for one, other in combinations(PHASES, 2):
        assert apart(colours[one], colours[other], sight) > CLEAR, (one, other)
