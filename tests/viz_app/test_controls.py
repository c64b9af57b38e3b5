"""The moves of the player, and the clockwork of Play."""

from __future__ import annotations

import pytest

from tests.viz_app.viewers import viewer_of
from viz_app.controls import transport as module
from viz_app.controls.transport import AHEAD, SPEEDS, Transport
from viz_app.place.address import read


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


def test_each_name_of_the_button_asks_for_one_thing() -> None:
    viewer = viewer_of("one")
    transport = Transport(viewer)
    # Stop, pressed while the replay was arriving.
    transport.press("stop")
    assert not viewer.playing
    viewer.open(read({"preset": "one", "iteration": "4000"}))
    viewer.go_on()
    # Play or Pause from before.
    for late in ("play", "pause"):
        transport.press(late)
        assert viewer.run.replaying
        assert not viewer.playing
    assert transport.player.moves["play"] == "Stop"
    transport.press("stop")
    assert not viewer.run.replaying
    transport.press("play")
    assert viewer.playing
    assert transport.player.moves["play"] == "Pause"
    transport.press("stop")
    assert viewer.playing
    transport.press("pause")
    assert not viewer.playing
    # A key that nobody knows.
    transport.press("fly")


def test_what_is_in_force_already_takes_no_word_away() -> None:
    viewer = viewer_of("one")
    for _ in range(3):
        viewer.step()
    viewer.back()
    viewer.set("learning_rate", 0.07)
    said = viewer.message
    assert said.startswith("A new branch begins")
    # A field that was rewritten answers once more.
    viewer.set("learning_rate", 0.07)
    assert viewer.message == said
    viewer.enter("learning_rate", "0,07")
    assert viewer.message == said
    viewer.set("learning_rate", -1)
    assert viewer.message.startswith("Learning rate is -1")
    viewer.set("learning_rate", 0.07)
    assert viewer.message == ""


def test_what_a_step_leads_to_is_told() -> None:
    viewer = viewer_of("one")
    transport = Transport(viewer)

    def told() -> str:
        return str(transport.player.moves["next"])

    viewer.change(grain="Inside")
    seen = []
    for _ in range(sum(len(stage.inner) for stage in viewer.trace.stages)):
        seen.append(told())
        viewer.step()
    assert seen[:5] == ["unroll", "multiply", "reshape", "forward relu, output", "gate"]
    assert "the loss" in seen
    assert seen[-1] == "iteration 2"
    viewer.change(grain="Layer")
    assert told() == "forward relu, output"
    viewer.change(grain="Iteration")
    assert told() == "iteration 3"
