"""Layers, losses and optimisers of strangers are drawn, whatever arrays they record."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import ArrayLike

import viz_app.layer_views  # noqa: F401  registers the views
from core.inspect.trace import StepTrace
from core.layer import Layer, Stages
from core.layers import BatchNorm2d, Conv2d, GroupNorm, Linear
from core.losses import Loss, MSELoss
from core.model import Model
from core.optim import Optimizer
from core.tensor import Array, Tensor
from tests.core.inspect.test_explain import record_by_hand
from tests.viz_app.recorded import scene_with_all, shown_indices, trace_of
from viz_app.components.navigation.head import head_of
from viz_app.components.wire import packed
from viz_app.place.place import Place
from viz_app.scene.registry import Look, view_of

N = 3


class Stranger(Layer):
    """Has no keyword, no formulas, and arrays of every rank."""

    def _forward(self, x: Array) -> Array:
        return 2 * x

    def _backward(self, g: Array) -> Array:
        return 2 * g

    def forward_stages(self) -> Stages:
        x = self.input.value
        shapes: dict[str, tuple[int, ...]] = {
            "scalar": (), "samples": (N,), "channels": (2,), "table": (N, 4), "matrix": (5, 4),
            "sequence": (N, 2, 4), "cube": (2, 5, 4), "images": (N, 2, 3, 4),
            "kernels": (4, 2, 3, 3),
            "volumes": (N, 2, 2, 3, 4), "five": (2, 2, 2, 3, 4), "six": (N, 1, 2, 2, 2, 2),
        }  # fmt: skip
        rng = np.random.default_rng(0)
        arrays = {name: rng.normal(size=shape) for name, shape in shapes.items()}
        more = {"yes": x > 0, "whole": np.arange(N), "nothing": np.zeros((0, 3))}
        return {"all": {"X_in": x, **arrays, **more, "X_out": self.output.value}}


class Huber(Loss):
    """Has a forward and a backward pass, nothing else."""

    def forward(self, output: Tensor, targets: ArrayLike) -> float:
        self.output, self.error = output, output.value - np.asarray(targets)
        return float(np.abs(self.error).mean())

    def backward(self) -> None:
        self.output.grad = np.sign(self.error) / self.error.size


class Plain(Optimizer):
    """Says nothing of how it computes its steps."""

    def _step(self, param: Tensor, k: int) -> Array:
        return np.asarray(self.lr * param.grad)


def check(trace: StepTrace) -> None:
    """Every stage is drawn, every array that is not empty in full truth."""
    for number, stage in enumerate(trace.stages):
        for inner in range(len(stage.inner)):
            look = Look(trace, Place(number, inner, "Inside", 1, 1, 1))
            scene = scene_with_all(look)
            packed(scene.message())
            assert head_of(look)["text"].endswith(".")
            arrays = list(stage.inner.values())[inner]
            shown = {panel.array for panel in scene.panels.values()}
            assert shown >= {key for key, array in arrays.items() if np.size(array)}
            for panel in scene.panels.values():
                if panel.tiles[0].bins is None:
                    for index, value in shown_indices(panel):
                        assert look.arrays[panel.array][index] == value, (panel.key, index)
                        panel.coordinates(index)


def test_arrays_of_every_rank_are_drawn() -> None:
    x = np.random.default_rng(1).normal(size=(N, 2, 3, 4))
    model = Model(Stranger()).astype(np.float64)
    trace = trace_of(model, x, MSELoss(), np.zeros_like(x))
    check(trace)
    assert trace.stages[0].kind == ""


def test_a_loss_and_an_optimiser_that_say_nothing_are_drawn() -> None:
    x = np.random.default_rng(1).normal(size=(N, 4))
    model = Model(Linear(4, 2, rng=np.random.default_rng(0))).astype(np.float64)
    made = record_by_hand(model, x, Huber(), np.zeros((N, 2)), Plain(model.parameters(), 0.1))
    check(made)


class OwnNorm(GroupNorm):
    """A subclass without a keyword."""


class OwnConvolution(Conv2d):
    """A subclass without a keyword."""


@pytest.mark.parametrize(
    ("layer", "base"),
    [
        (OwnNorm(2, 4), GroupNorm(2, 4)),
        (OwnConvolution(4, 4, 3, groups=2, dilation=2), Conv2d(4, 4, 3)),
        (BatchNorm2d(4), BatchNorm2d(4)),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_a_subclass_is_drawn_and_described_as_its_base(layer: Layer, base: Layer) -> None:
    x = np.random.default_rng(1).normal(size=(N, 4, 6, 6))
    looks = []
    for each in (layer, base):
        model = Model(each).astype(np.float64)
        trace = trace_of(model, x, MSELoss(), np.zeros_like(model(x).value))
        check(trace)
        looks.append(Look(trace, Place(0, 0, "Inside", 1, 1, 1)))
    views = [view_of(look) for look in looks]
    assert views[0] is views[1]


def test_frozen_params_are_left_out() -> None:
    x = np.random.default_rng(1).normal(size=(N, 4))
    layers = [Linear(4, 4, rng=np.random.default_rng(0)), GroupNorm(2, 4)]
    for layer in layers:
        for param in layer.params.values():
            param.requires_grad = False
    head = Linear(4, 2, rng=np.random.default_rng(0))
    model = Model([*layers, head]).astype(np.float64)
    trace = trace_of(model, x, MSELoss(), np.zeros((N, 2)))
    assert "g_weight" not in trace.stage("backward", "linear1").names
    check(trace)
