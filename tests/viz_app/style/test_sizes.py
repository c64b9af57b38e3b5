"""The type scale: as it is declared, in every window and before a class."""

from __future__ import annotations

import re

from viz_app.style import theme

SIZE = re.compile(r"--cs-([\w-]+): (\d+)px;")


def sizes_of(times: float, least: int = 0) -> dict[str, int]:
    return {name: int(size) for name, size in SIZE.findall(theme._sizes(times, least))}


def test_a_small_window_has_the_scale_itself() -> None:
    assert sizes_of(1) == theme.SIZES | theme.CONTROLS | theme.WIDTHS
    assert sizes_of(1)["body"] == 15


def test_larger_windows_have_larger_type() -> None:
    times = [1.0, *(times for *_, times in theme.WINDOWS)]
    assert times == sorted(times)
    for name in theme.SIZES:
        found = [sizes_of(one)[name] for one in times]
        assert found == sorted(set(found)), name


def test_before_a_class_nothing_is_below_20_px() -> None:
    width, height, times = theme.WINDOWS[0]
    assert width <= 1920
    assert height <= 1080
    assert min(sizes_of(times * theme.PRESENT).values()) >= 20


def test_a_finger_hits_all_controls() -> None:
    found = sizes_of(1, theme.TOUCH)
    assert {found[name] for name in theme.CONTROLS} == {theme.TOUCH}
    assert found["body"] == 15
