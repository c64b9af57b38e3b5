"""Grain Cell on the page without a server: Python is not needed for a cell."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open
from tests.browser.dashboard import eventually
from tests.browser.motion.result import Result

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_cells_are_computed_without_a_server(open_export: Open) -> None:
    dashboard = open_export("?preset=one&grain=Cell&stage=1&inner=3")
    result = Result(dashboard)
    result.expect(0, 16)
    for k in range(3):
        dashboard.press("Step")
        result.expect(k + 1, 16)
    result.expect_filled("K_X_col", (1, 16), [[0, 0], [0, 1], [0, 2]])
    page = dashboard.page
    eventually(page, lambda: "cells=3&cell=K_X_col,0,2" in page.url, bool, page.url)
