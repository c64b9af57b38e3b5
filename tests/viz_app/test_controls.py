"""The clockwork of Play."""

from __future__ import annotations

import pytest

from tests.viz_app.viewers import viewer_of
from viz_app.controls import transport as module
from viz_app.controls.transport import AHEAD, Transport


def test_play_waits_for_a_browser_that_is_slower(monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = viewer_of()
    transport = Transport(viewer)
    now = 100.0
    monkeypatch.setattr(module, "perf_counter", lambda: now)
    for _ in range(10):
        transport._play_on()
    assert viewer.trace.iteration == 1 + AHEAD
    transport.drawn()
    for _ in range(10):
        transport._play_on()
    assert viewer.trace.iteration == 2 + AHEAD
    # A page that was left never says that it has drawn.
    now += 2 * module.LOST
    transport._play_on()
    assert viewer.trace.iteration == 3 + AHEAD
