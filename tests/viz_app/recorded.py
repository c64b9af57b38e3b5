"""Traces for the tests of views, and the cells that a panel shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from core.data import load_dataset
from core.inspect.trace import StepTrace
from core.io.text import parse_model
from core.losses import Loss, MSELoss
from core.model import Model
from core.optim import SGD, Adam, AdamW, Optimizer, RMSprop
from core.tensor import Array, Tensor
from core.training.trainer import Trainer
from tests.core.cases import Case
from tests.core.inspect.test_explain import record_by_hand
from viz_app.scene.pins import scene_of
from viz_app.scene.registry import Look
from viz_app.scene.scene import Panel, Scene

OPTIMIZERS: dict[str, tuple[type[Optimizer], dict[str, Any]]] = {
    "sgd": (SGD, {}),
    "momentum": (SGD, {"momentum": 0.9, "weight_decay": 0.1}),
    "nesterov": (SGD, {"momentum": 0.9, "nesterov": True}),
    "clipped": (SGD, {"max_norm": 0.01}),
    "adam": (Adam, {}),
    "adamw": (AdamW, {}),
    "rmsprop": (RMSprop, {}),
    "rmsprop-momentum": (RMSprop, {"momentum": 0.9}),
}
NETWORK = "conv 3 k3, bn, relu, pool 2, residual(conv 3 k3 p1), flatten, linear 10"


def trace_of(
    model: Model, x: Array, loss: Loss, targets: Array, optimizer: str = "momentum"
) -> StepTrace:
    """One step on a batch of one's own."""
    kind, options = OPTIMIZERS[optimizer]
    params = model.parameters() or [Tensor(np.zeros(1, x.dtype))]
    made = record_by_hand(model, x, loss, targets, kind(params, lr=0.01, **options))
    return replace(made, indices=np.arange(len(x)))


def trained(optimizer: str = "momentum", text: str = NETWORK, name: str = "digits") -> StepTrace:
    """The second step of a small network."""
    data, rng = load_dataset(name), np.random.default_rng(0)
    model = parse_model(text.replace("linear 10", f"linear {data.classes}"), data.input_shape, rng)
    kind, options = OPTIMIZERS[optimizer]
    trainer = Trainer(model, kind(model.parameters(), lr=0.01, **options), data, 4, rng)
    trainer.step()
    return trainer.record_step()


def of_case(case: Case) -> StepTrace:
    """One step of a layer alone, which has to give zeros."""
    model, x = Model(case.layer()).astype(np.float64).train(case.training), case.input()
    return trace_of(model, x, MSELoss(), np.zeros_like(model(x).value))


def shown_indices(panel: Panel) -> Iterator[tuple[tuple[int, ...], float]]:
    """Index in the recorded array of every cell, and the number in it, as the browser has it."""
    if panel.is_empty:
        return
    for tile in panel.tiles:
        (rows, columns), (above, below, left, right) = tile.values.shape, tile.ring
        for (r, c), value in np.ndenumerate(tile.values):
            if not (above <= r < rows - below and left <= c < columns - right):
                assert value == 0
                continue
            row, column = r + tile.row_start, c + tile.column_start
            if panel.index == "dims":
                dims = [size for _, size in (*panel.rows, *panel.columns)]
                places = (row, column) if len(panel.rows) else (column,)
                count = int(np.prod([size for _, size in panel.columns]))
                flat = places[0] * count + places[1] if len(places) > 1 else column
                yield (*tile.prefix, *map(int, np.unravel_index(flat, dims))), value
            else:
                at = {"r": row, "c": column}
                yield (*tile.prefix, *(at[letter] for letter in panel.index)), value


def scene_with_all(look: Look) -> Scene:
    """The scene of what is looked at, with all other arrays of its stage pinned."""
    return scene_of(replace(look, place=replace(look.place, pinned=tuple(look.stage_arrays))))
