"""The clockwork of Play."""

from __future__ import annotations

import pytest

from tests.viz_app.viewers import viewer_of
from viz_app.controls import transport as module
from viz_app.controls.transport import AHEAD, SPEEDS, Transport


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


def test_several_pages_play_a_run_no_faster_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = viewer_of()
    one, other = Transport(viewer), Transport(viewer)
    now = 100.0
    monkeypatch.setattr(module, "perf_counter", lambda: now)
    period = SPEEDS["normal"] / 1000
    for _ in range(3):
        one._play_on()
        now += 0.3 * period
        other._play_on()
        now += 0.7 * period
    assert viewer.trace.iteration == 4
    # The other one goes on alone.
    other._play_on()
    assert viewer.trace.iteration == 5
