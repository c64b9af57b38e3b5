"""Viewers for the tests, and the numbers that they see."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data import DataSet, from_images
from viz_app.place import address
from viz_app.run.presets import PRESETS
from viz_app.run.run import Run
from viz_app.viewer import Viewer

# Words of the run of most tests, which step through it by iterations.
USUAL = {"preset": "digits", "grain": "Iteration"}
Numbers = list[NDArray[Any]]


def viewer_of(preset: str = USUAL["preset"], **settings: object) -> Viewer:
    """Somebody who steps by iterations through a new run, with other settings if given."""
    viewer = Viewer(Run(PRESETS[preset].recipe(preset).with_(**settings)))
    viewer.change(grain=USUAL["grain"])
    return viewer


def trained(iterations: int) -> Viewer:
    """Somebody who has stepped to an iteration of the usual run."""
    viewer = viewer_of()
    for _ in range(iterations - 1):
        viewer.step()
    return viewer


def arrive(viewer: Viewer) -> None:
    """Let a replay come to its end."""
    while viewer.run.replaying:
        viewer.go_on()


def opened(viewer: Viewer) -> Viewer:
    """Somebody else who opens the address of a viewer's moment."""
    query = address.text(address.to_query(viewer.run, viewer.place))
    moment = address.read(address.parse(query))
    assert moment.wrong == ()
    other = viewer_of("one")
    other.open(moment)
    arrive(other)
    return other


def numbers(viewer: Viewer) -> Numbers:
    """Every number of the iteration that is shown, and of the model behind it."""
    trace = viewer.trace
    outputs = [
        array.copy()
        for layer in trace.layers.values()
        for array in (layer.output.value, layer.output.grad)
    ]
    params = [param.value.copy() for param in viewer.run.history.trainer.model.parameters()]
    return [np.array([trace.loss, trace.accuracy, trace.lr]), trace.indices, *outputs, *params]


def same(first: Numbers, second: Numbers) -> bool:
    return len(first) == len(second) and all(map(np.array_equal, first, second))


def own_data(size: int = 8, n: int = 20) -> DataSet:
    images = np.random.default_rng(0).integers(0, 256, (n, size, size)).astype(np.uint8)
    return from_images(images, np.arange(n) % 2, name="halves")
