"""What is said of a schedule: the rates that it has."""

from __future__ import annotations

import re

import pytest

from core.io.parts import SCHEDULES, make_schedule
from viz_app.network.menu import part_menus
from viz_app.network.schedule import schedule_said

RATE = 0.02


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("constant", "The rate stays at 0.02."),
        (
            "step 100 factor 0.5",
            "The rate is 0.02, and times 0.5 after each 100 iterations: 0.01 from iteration 101 "
            "on.",
        ),
        (
            "warmup 20, cosine 300 least 0.004",
            "The rate rises evenly from 0.001 to 0.02 in iteration 20; then it goes from 0.02 to "
            "0.004 in iteration 321 on half a cosine, and stays there.",
        ),
        ("warmup 0, constant", "The rate stays at 0.02."),
    ],
)
def test_a_schedule_is_said_with_its_numbers(text: str, said: str) -> None:
    assert schedule_said(text, RATE) == said


@pytest.mark.parametrize("text", [part.text for part in part_menus()["schedule"]])
def test_every_schedule_of_the_menu_is_said_with_rates_that_it_has(text: str) -> None:
    schedule = make_schedule(text, RATE)
    said = schedule_said(text, RATE)
    assert "of its own" not in said
    rates = re.findall(r"(?:to|:) ([\d.]+) (?:in|from) iteration (\d+)", said)
    assert rates or text in SCHEDULES
    for rate, iteration in rates:
        assert f"{schedule(int(iteration) - 1):.4g}" == rate
