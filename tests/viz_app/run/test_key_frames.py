"""A link that was opened once goes on from a kept key frame: the same run to the bit."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest

from core.training.key_frame import pack
from tests.viz_app.viewers import arrive, numbers, own_data, same, viewer_of
from viz_app.controls import key_frames
from viz_app.controls.key_frames import LEAST, KeyFrames
from viz_app.place.address import read, to_query
from viz_app.place.kept import key_of, spans
from viz_app.viewer import Viewer

FAR = {"preset": "one", "iteration": "400"}
CHANGED = {**FAR, "changes": "100:learning_rate:0.01;150:batch_size:3;399:learning_rate:0.02"}


class Browser:
    """Keeps what a dashboard gives, as the page does."""

    def __init__(self) -> None:
        self.frames: dict[tuple[str, int], bytes] = {}

    def open(self, query: Mapping[str, str], before: int = 1) -> tuple[Viewer, KeyFrames]:
        """Open a link as a new visitor would; what is kept comes after some slices."""
        viewer = viewer_of()
        keeper = KeyFrames(viewer)
        setattr(keeper.store, "_send_msg", self.keep)  # noqa: B010  the type checker forbids it
        keeper.store.ready = True
        viewer.open(read(query))
        for _ in range(before):
            viewer.go_on()
        for span in keeper.store.wanted:
            kept = [k for key, k in self.frames if key == span["key"]]
            fits = [k for k in kept if span["first"] <= k <= span["last"]]
            if fits:
                content = self.frames[span["key"], max(fits)]
                keeper.store._hear(key=span["key"], content=b64encode(content).decode())
                break
        return viewer, keeper

    def keep(self, data: Mapping[str, Any]) -> None:
        self.frames[data["key"], data["iteration"]] = data["content"]


def arrived(query: Mapping[str, str]) -> Viewer:
    viewer = viewer_of()
    viewer.open(read(query))
    arrive(viewer)
    return viewer


@pytest.fixture(autouse=True)
def short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a replay is still on its way when the page answers."""
    monkeypatch.setattr("viz_app.run.replay.SLICE", 0.001)


def filled(*queries: Mapping[str, str]) -> Browser:
    browser = Browser()
    for query in queries:
        viewer, _ = browser.open(query)
        arrive(viewer)
    return browser


@pytest.mark.parametrize("query", [FAR, CHANGED, {**FAR, "preset": "residual", "seed": "3"}])
def test_the_second_opening_is_there_at_once_with_the_same_run(query: Mapping[str, str]) -> None:
    browser = filled(query)
    assert [k for _, k in browser.frames] == [399]
    viewer, keeper = browser.open(query)
    assert not viewer.run.replaying
    assert keeper.store.resumed == 399
    plain = arrived(query)
    assert same(numbers(viewer), numbers(plain))
    assert to_query(viewer.run, viewer.place) == to_query(plain.run, plain.place)
    assert viewer.status == plain.status
    assert viewer.run.changes == plain.run.changes
    assert viewer.run.settings == plain.run.settings
    one, other = viewer.run.history, plain.run.history
    assert (one.losses, one.accuracies, one.length) == (other.losses, other.accuracies, 400)
    for _ in range(5):
        viewer.step()
        plain.step()
        assert same(numbers(viewer), numbers(plain))
    # And back, where nothing was computed here: by a replay, with its changes.
    for iteration in (400, 150, 120, 151, 399):
        viewer.goto(iteration)
        arrive(viewer)
        plain.goto(iteration)
        assert same(numbers(viewer), numbers(plain)), iteration
        assert viewer.run.settings == plain.run.settings


def test_it_goes_on_from_the_nearest_before() -> None:
    browser = filled(FAR, {**FAR, "iteration": "200"}, {**FAR, "iteration": "300"})
    assert sorted(k for _, k in browser.frames) == [199, 299, 399]
    viewer, keeper = browser.open({**FAR, "iteration": "399"})
    assert keeper.store.resumed == 299
    arrive(viewer)
    assert same(numbers(viewer), numbers(arrived({**FAR, "iteration": "399"})))


OTHERS = {
    "seed": {**FAR, "seed": "1"},
    "model": {**FAR, "model": "conv 1 k3, relu, pool 2, flatten, linear {classes}"},
    "size": {**FAR, "model": "conv 2 k3, relu, pool 2, flatten, linear {classes}"},
    "rate": {**FAR, "rate": "0.04"},
    "batch": {**FAR, "batch": "2"},
    "dtype": {**FAR, "dtype": "float32"},
    "data": {**FAR, "data": "digits"},
    "no change": FAR,
    "other value": {**FAR, "changes": "100:learning_rate:0.02;150:batch_size:3"},
    "earlier": {**FAR, "changes": "99:learning_rate:0.01;150:batch_size:3"},
    "one less": {**FAR, "changes": "150:batch_size:3"},
}


@pytest.mark.parametrize("query", OTHERS.values(), ids=OTHERS)
def test_a_link_to_another_run_takes_no_wrong_frame(query: Mapping[str, str]) -> None:
    changed = {**CHANGED, "changes": CHANGED["changes"].rpartition(";")[0]}
    browser = filled(changed)
    viewer, keeper = browser.open(query)
    assert keeper.store.resumed == 0
    # Not even if the page gave it under the name that is asked for.
    key, content = keeper.store.wanted[0]["key"], next(iter(browser.frames.values()))
    keeper.store._hear(key=key, content=b64encode(content).decode())
    assert keeper.store.resumed == 0
    arrive(viewer)
    assert same(numbers(viewer), numbers(arrived(query)))


def test_a_frame_from_before_a_change_serves_a_link_with_the_change() -> None:
    browser = filled({**FAR, "iteration": "200"})
    query = {**FAR, "changes": "300:learning_rate:0.01"}
    viewer, keeper = browser.open(query)
    assert keeper.store.resumed == 199
    arrive(viewer)
    assert same(numbers(viewer), numbers(arrived(query)))
    # But not one from behind the iteration at which it is made.
    browser = filled(FAR)
    assert browser.open(query)[1].store.resumed == 0


def test_another_version_of_the_program_has_other_names(monkeypatch: pytest.MonkeyPatch) -> None:
    browser = filled(FAR)
    monkeypatch.setattr("viz_app.place.kept.PROGRAM", "another")
    assert browser.open(FAR)[1].store.resumed == 0


def test_a_machine_that_computes_otherwise_has_other_names() -> None:
    viewer = viewer_of("one")
    key = key_of(viewer.run, 1)
    viewer.run.history.trainer.model.parameters()[0].value[:] *= 1 + 2**-52
    viewer.run.fingerprint = "other"
    assert key_of(viewer.run, 1) != key


def test_what_is_damaged_is_left_and_the_run_computed() -> None:
    browser = filled(FAR)
    ((key, content),) = browser.frames.items()
    for spoilt in (b"", content[:-30], b"x" * len(content), content[:500] + content[501:]):
        browser.frames[key] = spoilt
        viewer, keeper = browser.open(FAR)
        assert keeper.store.resumed == 0
        assert viewer.run.replaying
        arrive(viewer)
        assert same(numbers(viewer), numbers(arrived(FAR)))


def test_what_comes_late_or_is_not_asked_for_changes_nothing() -> None:
    browser = filled(FAR)
    ((key, content),) = (((k, c)) for (k, _), c in browser.frames.items())
    viewer, keeper = browser.open({**FAR, "iteration": "20"}, before=200)
    assert not viewer.run.replaying
    keeper.store._hear(key=key, content=b64encode(content).decode())
    assert viewer.trace.iteration == 20
    # Of the same run, but from behind the moment.
    viewer, keeper = browser.open({**FAR, "iteration": "300"})
    keeper.store._hear(key=key, content=b64encode(content).decode())
    assert keeper.store.resumed == 0


def test_own_data_are_not_kept() -> None:
    browser = Browser()
    viewer, _ = browser.open({"preset": "one"})
    viewer.use_data(own_data())
    viewer.playing = True
    for _ in range(LEAST + 10):
        viewer.step()
    viewer.playing = False
    assert browser.frames == {}
    assert spans(viewer.run, 50) == []


def test_playing_gives_frames_now_and_then_and_single_steps_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    browser = Browser()
    viewer, _ = browser.open({"preset": "one", "grain": "Iteration"})
    for _ in range(2 * LEAST + 1):
        viewer.step()
    assert browser.frames == {}
    viewer.playing = True
    monkeypatch.setattr(key_frames, "PAUSE", 1e9)
    for _ in range(LEAST):
        viewer.step()
    assert len(browser.frames) == 0
    monkeypatch.setattr(key_frames, "PAUSE", 0.0)
    for _ in range(1500):
        viewer.step()
    found = sorted(k for _, k in browser.frames)
    gaps = [b - a for a, b in pairwise(found)]
    assert min(gaps) >= LEAST
    assert 10 <= len(found) <= 24
    viewer.playing = False
    assert max(k for _, k in browser.frames) >= viewer.trace.iteration - 1 - LEAST
    # What was kept while it played is of the run that a link replays.
    query = to_query(viewer.run, viewer.place)
    again, keeper = browser.open(query)
    assert keeper.store.resumed == max(k for _, k in browser.frames)
    arrive(again)
    assert same(numbers(again), numbers(viewer))


def test_what_is_kept_before_there_is_a_page_waits_for_it() -> None:
    viewer, sent = viewer_of("one"), list[dict[str, Any]]()
    keeper = KeyFrames(viewer)
    setattr(keeper.store, "_send_msg", sent.append)  # noqa: B010
    viewer.open(read(FAR))
    arrive(viewer)
    assert sent == []
    keeper.store.ready = True
    keeper.store.param.trigger("ready")
    assert [message["iteration"] for message in sent] == [399]


def test_stop_right_after_going_on_from_a_frame() -> None:
    browser = filled({**FAR, "iteration": "200"})
    viewer, keeper = browser.open({**FAR, "iteration": "100000"})
    assert keeper.store.resumed == 199
    viewer.stop()
    assert viewer.trace.iteration >= 200
    query = to_query(viewer.run, viewer.place)
    assert same(numbers(viewer), numbers(arrived(query)))


def test_back_over_what_was_not_computed_here_keeps_the_place() -> None:
    browser = filled(FAR)
    viewer, _ = browser.open({**FAR, "grain": "Layer", "stage": "1"})
    viewer.back()
    assert viewer.run.replaying
    assert viewer.run.progress.target == 399
    arrive(viewer)
    assert (viewer.trace.iteration, viewer.at_start) == (399, False)
    assert viewer.place.stage == len(viewer.trace.stages) - 1


def test_a_frame_too_large_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_frames, "LARGEST", 1000)
    assert filled(FAR).frames == {}


def test_the_content_says_whose_it_is() -> None:
    viewer = arrived(FAR)
    frame = viewer.run.history.key_frame(399)
    content = pack(frame, key_of(viewer.run, 399))
    assert key_of(viewer.run, 399).encode("utf-32-le") in content
