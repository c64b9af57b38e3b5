"""The clockwork of Play."""

from __future__ import annotations

import pytest

from viz_app import controls as module
from viz_app.controls import AHEAD, Controls
from viz_app.session import Session


def test_play_waits_for_a_browser_that_is_slower(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()
    controls = Controls(session)
    now = 100.0
    monkeypatch.setattr(module, "perf_counter", lambda: now)
    for _ in range(10):
        controls._play_on()
    assert session.trace.iteration == 1 + AHEAD
    controls.drawn()
    for _ in range(10):
        controls._play_on()
    assert session.trace.iteration == 2 + AHEAD
    # A page that was left never says that it has drawn.
    now += 2 * module.LOST
    controls._play_on()
    assert session.trace.iteration == 3 + AHEAD
