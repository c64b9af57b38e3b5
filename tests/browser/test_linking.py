"""Which cells belong together, as the browser decides it, for every combination of places."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Browser

from viz_app.components.component import script

pytestmark = pytest.mark.browser

# Windows with a dilation, and channels in two groups of two in and three out.
GEOMETRY: dict[str, Any] = {
    "kernel": [3, 2], "stride": [2, 1], "padding": [1, 0], "output": [3, 4], "dilation": [2, 3],
    "groups": [2, 3],
}  # fmt: skip


def answers(browser: Browser, pairs: list[tuple[dict[str, int], dict[str, int]]]) -> list[bool]:
    """What `compatible` of `linking.js` says of pairs of coordinates."""
    page = browser.new_page()
    try:
        page.add_script_tag(content=script("board/linking.js"))
        found: list[bool] = page.evaluate(
            "([pairs, geometry]) => pairs.map(([a, b]) => compatible(a, b, geometry))",
            [pairs, GEOMETRY],
        )
        return found
    finally:
        page.close()


def test_a_weight_an_output_and_an_input_belong_together_where_a_window_lies(
    browser: Browser,
) -> None:
    places = list(product(range(7), range(3), range(3)))
    pairs = [({"i": i, "s": s}, {"y": y}) for y, i, s in places]
    pairs += [({"i": i}, {"y": y}) for y, i, _ in places]
    pairs += [({"s": s}, {"y": y}) for y, _, s in places]
    met = {(y, i, s) for y, i, s in places if y == 2 * i + 2 * s - 1}
    expected = [place in met for place in places]
    expected += [any((y, i, k) in met for k in range(3)) for y, i, _ in places]
    expected += [any((y, k, s) in met for k in range(3)) for y, _, s in places]
    assert answers(browser, pairs) == expected
    assert any(expected)
    assert not all(expected)


def test_channels_of_one_group_belong_together(browser: Browser) -> None:
    places = list(product(range(4), range(6), range(2)))
    pairs = [({"o": o, "q": q}, {"c": c}) for c, o, q in places]
    assert answers(browser, pairs) == [c == 2 * (o // 3) + q for c, o, q in places]
    pairs = [({"o": o}, {"c": c}) for c, o, _ in places]
    assert answers(browser, pairs) == [c // 2 == o // 3 for c, o, _ in places]
