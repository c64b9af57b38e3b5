"""What fails on the server is said on the page and logged once; the run and the page go on."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import numpy as np
import pytest

from core.data import DataSet, Split
from core.layer import Layer
from core.layers import Flatten, Linear
from core.model import Model
from core.tensor import Array
from tests.viz_app.viewers import arrive, numbers, same, viewer_of
from viz_app import told as module
from viz_app.components.component import Component
from viz_app.dashboard import Dashboard
from viz_app.explore import explore
from viz_app.scene import registry
from viz_app.scene.registry import Look, view
from viz_app.scene.scene import Scene
from viz_app.told import DRAWING, MESSAGE
from viz_app.viewer import Viewer

SECRET = "this view has a mistake"


class Odd(Layer):
    """A layer of a stranger; its formula, its stages or its view can be broken."""

    keyword = ""
    broken = ""

    def _forward(self, x: Array) -> Array:
        return x * 2

    def _backward(self, g: Array) -> Array:
        return g * 2

    @property
    def formulas(self) -> str:
        if type(self).broken == "formula":
            raise KeyError(SECRET)
        return "X_out[*i] = X_in[*i] * 2"

    def forward_stages(self) -> dict[str, dict[str, Array]]:
        if type(self).broken == "stages":
            raise ZeroDivisionError(SECRET)
        return super().forward_stages()


@pytest.fixture
def odd(monkeypatch: pytest.MonkeyPatch) -> Iterator[Dashboard]:
    monkeypatch.setattr(registry, "_VIEWS", dict(registry._VIEWS))
    rng = np.random.default_rng(0)
    split = Split(rng.uniform(0, 1, (12, 1, 3, 3)).astype(np.float32), np.arange(12) % 2)
    data = DataSet("own", "Own", split, split, ("a", "b"))
    explorer = explore(Model(Odd(), Flatten(), Linear(9, 2, rng=rng)), data)
    explorer.panel()
    explorer.viewer.change(grain="Iteration")
    assert explorer._dashboard is not None
    yield explorer._dashboard
    Odd.broken = ""


def shown(dashboard: Dashboard) -> str:
    return " ".join(map(str, dashboard.player.told.values()))


def test_a_view_that_raises_is_said_logged_once_and_replaced(
    odd: Dashboard, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(look: Look) -> Scene:
        raise LookupError(SECRET)

    view("forward", Odd)(broken)
    viewer = odd.viewer
    with caplog.at_level(logging.ERROR):
        for k in range(2, 5):
            viewer.step()
            assert viewer.trace.iteration == k
            assert f"{DRAWING}: LookupError: {SECRET}" in shown(odd)
    assert (
        sum(SECRET in record.getMessage() + str(record.exc_info) for record in caplog.records) == 1
    )
    # The default view draws what the broken one does not.
    assert "X_out" in odd.board.scene["text"]
    viewer.go_to_stage(1)
    assert odd.head.content["layer"] == "flatten"
    assert odd.player.at["stage"] == 1


@pytest.mark.parametrize("broken", ["formula", "stages"])
def test_a_layer_that_raises_while_it_is_drawn_is_said(odd: Dashboard, broken: str) -> None:
    viewer = odd.viewer
    viewer.select("X_out", [0, 0, 1, 1], {})
    Odd.broken = broken
    viewer.step()
    assert SECRET in shown(odd)
    Odd.broken = ""
    viewer.reset()
    assert viewer.message.startswith("A new run begins at iteration 1: ")
    viewer.step()
    assert viewer.trace.iteration == 2


def test_a_chart_that_raises_leaves_the_rest(
    odd: Dashboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ArithmeticError(SECRET)

    odd.viewer.change(side="flow")
    monkeypatch.setattr(odd.charts.flow, "update", broken)
    odd.viewer.step()
    assert SECRET in shown(odd)
    assert "iteration 2" in shown(odd)
    assert odd.board.scene["text"]


# Messages

KEYS = [
    *("stage", "key", "index", "coordinates", "number", "what", "opened", "drawn", "part"),
    *("files", "content", "n", "c", "o", "odd"),
]
VALUES: list[Callable[[random.Random], object]] = [
    lambda r: None,
    lambda r: r.choice([True, 0, 1, -1, 3, 10**9, 10**30]),
    lambda r: r.choice([0.5, 1.0, float("nan"), float("inf"), -0.0]),
    lambda r: r.choice(["", "close", "check", "step", "X_in", "conv1", "Layer", "x" * 5000, "\0"]),
    lambda r: [value(r) for _ in range(r.randint(0, 4))],
    lambda r: {r.choice(KEYS): value(r) for _ in range(r.randint(0, 5))},
]


def value(r: random.Random) -> object:
    return r.choice(VALUES)(r)


def messages(r: random.Random) -> Iterator[object]:
    """Messages of no component, and such as are nearly those of one."""
    while True:
        yield value(r)
        yield {"stage": 0, "key": "X_in", "index": value(r), "coordinates": {"n": value(r)}}
        yield {"stage": 0, "key": "X_in", "index": [0, 0, 1, 1], "coordinates": {"c": value(r)}}
        yield {"number": r.randint(0, 3), "what": value(r)}
        yield {"opened": value(r)}
        yield {"key": value(r)}
        yield {"part": value(r), "files": value(r)}
        yield {"key": value(r), "content": value(r)}
        yield {r.choice(["grain", "speed", "stage", "inner", "iteration", "sample"]): value(r)}
        yield {r.choice(["press", "layer"]): value(r)}


def send(component: Component, message: object) -> None:
    """As Panel gives a message of the page to a component."""
    for callback in list(component._msg__callbacks):
        callback(SimpleNamespace(data=message))


def test_no_message_breaks_the_page() -> None:
    viewer = viewer_of("one")
    dashboard = Dashboard(viewer)
    dashboard.drawer.opened = True
    components = dashboard._root.select(Component)
    names = {type(component).__name__ for component in components}
    assert names >= {
        *("Header", "Head", "NetworkStrip", "Board", "ExplanationPanel", "SideTabs", "Player"),
        *("Page", "Upload", "KeyFrameStore"),
    }
    r = random.Random(0)
    sent = messages(r)
    for _ in range(1500):
        send(r.choice(components), next(sent))
        viewer.stop()
    viewer.reset()
    dashboard.open({"preset": "one"})
    arrive(viewer)
    assert viewer.message == ""
    assert same(numbers(viewer), numbers(viewer_of("one")))
    assert dashboard.board.scene["text"]


def test_a_message_that_is_not_understood_is_said() -> None:
    viewer = viewer_of("one")
    dashboard = Dashboard(viewer)
    send(dashboard.board, {"cell": 3})
    assert viewer.message.startswith(f"{MESSAGE}: TypeError: ")
    assert MESSAGE in shown(dashboard)
    viewer.step()
    assert viewer.trace.iteration == 2


# How long a refusal is there


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(module, "monotonic", lambda: clock.now)
    return clock


def refused(viewer: Viewer) -> bool:
    return viewer.message.startswith("Batch size is 0")


def test_a_refusal_can_be_read_while_the_run_goes_on(clock: SimpleNamespace) -> None:
    viewer = viewer_of("one")
    viewer.set("batch_size", 0)
    viewer.step()
    viewer.set("learning_rate", 0.5)
    assert refused(viewer)
    clock.now += module.READING
    assert refused(viewer)
    viewer.step()
    assert viewer.message == ""


def test_a_refusal_ends_with_what_was_refused(clock: SimpleNamespace) -> None:
    viewer = viewer_of("one")
    viewer.set("batch_size", 0)
    viewer.set("batch_size", 2)
    assert viewer.message == ""
    viewer.set("batch_size", 0)
    viewer.set("learning_rate", -1)
    assert viewer.message.startswith("Learning rate is -1")


def test_a_refusal_can_be_closed() -> None:
    viewer = viewer_of("one")
    dashboard = Dashboard(viewer)
    viewer.set("batch_size", 0)
    assert dashboard.player.told["message"] == viewer.message != ""
    send(dashboard.player, {"press": "close"})
    assert viewer.message == dashboard.player.told["message"] == ""
    viewer.set("batch_size", 0)
    send(dashboard.browser, {"key": "deselect"})
    assert viewer.message == ""
