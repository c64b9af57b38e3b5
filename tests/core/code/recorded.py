"""Iterations to write as code: together they have every layer, loss, optimiser and option."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import core
from core import (
    SGD,
    CrossEntropyLoss,
    DataSet,
    Flatten,
    Linear,
    Loss,
    Model,
    MSELoss,
    Split,
    Trainer,
)
from core.code.archive import Library, code_of
from core.inspect.trace import StepTrace
from core.io.text import parse_model
from core.layer import Layer
from core.optim import Optimizer
from core.schedule import cosine
from core.tensor import Array
from tests.core.cases import CASES, GRIDS, OTHERS, Case
from tests.reference.iterations import NETWORKS, Network
from tests.reference.losses import LOSSES, output_and_targets
from tests.reference.optimisers import CLIPPED, OPTIMISERS

BATCH, CLASSES = 4, 3
# Iterations before the one that is written.
BEFORE = 2
SMALL = "conv 3 k3 p1, bn, relu, pool 2, dropout 0.3, flatten, linear 3"


@dataclass(frozen=True)
class Recorded:
    """An iteration: its name in pytest's report, and what records it."""

    id: str
    record: Callable[[], StepTrace]


def record(
    model: Model,
    images: Array,
    labels: Array,
    *,
    loss: Loss | None = None,
    optimizer: Optimizer | None = None,
    before: int = BEFORE,
) -> StepTrace:
    """Return an iteration of a model, after some others."""
    split = Split(images, labels)
    optimizer = optimizer or SGD(model.parameters(), lr=0.1, momentum=0.9)
    rate = cosine(optimizer.lr, 100)
    data = DataSet("own", "Own", split, split)
    rng = np.random.default_rng(1)
    trainer = Trainer(model, optimizer, data, BATCH, rng, loss or CrossEntropyLoss(), rate)
    for _ in range(before):
        trainer.step()
    return trainer.record_step()


def of_text(
    text: str = SMALL,
    shape: tuple[int, ...] = (2, 6, 6),
    dtype: type[np.floating] = np.float64,
    loss: Loss | None = None,
    made: Callable[[Model], Optimizer] | None = None,
) -> StepTrace:
    """Return an iteration of a network as text."""
    rng = np.random.default_rng(0)
    model = parse_model(text, shape, rng).astype(dtype)
    images, labels = rng.uniform(-1, 1, (12, *shape)), rng.integers(0, CLASSES, 12)
    optimizer = made(model) if made else None
    return record(model, images.astype(dtype), labels, loss=loss, optimizer=optimizer)


def of_layer(case: Case) -> StepTrace:
    """Return an iteration of a network that begins with the layer of a case."""
    rng, layer = np.random.default_rng(0), case.layer()
    shape = layer.output_shape(case.input_shape[1:])
    row: list[Layer] = [layer, Flatten()]
    model = Model([*row, Linear(int(np.prod(shape)), 2, rng=rng)]).astype(np.float64)
    # An odd number: batch norm takes at least two numbers a channel.
    x = np.concatenate([case.input(), case.input() * 0.7])
    return record(model, x, rng.uniform(-1, 1, (len(x), 2)), loss=MSELoss(), before=0)


def networks() -> Iterator[Recorded]:
    """Networks that together have every layer, with all losses."""
    for name, network in NETWORKS.items():

        def make(network: Network = network) -> StepTrace:
            loss = getattr(core, network.loss)(**network.loss_options)
            return of_text(network.text, network.input_shape, loss=loss)

        yield Recorded(f"network {name}", make)
    yield Recorded("float32", lambda: of_text(dtype=np.float32))


def losses() -> Iterator[Recorded]:
    """Each loss with each kind of targets; of logits near 0 and of large ones."""
    for name, (kind, options, wanted) in LOSSES.items():
        for scale in (1.0, 30.0):

            def make(
                kind: str = kind,
                options: Mapping[str, Any] = options,
                wanted: str = wanted,
                scale: float = scale,
            ) -> StepTrace:
                rng = np.random.default_rng(0)
                x, targets = output_and_targets(wanted, scale, rng)
                model = Model(Linear(4, 4, rng=rng)).astype(np.float64)
                return record(model, x, targets, loss=getattr(core, kind)(**options), before=0)

            yield Recorded(f"loss {name} {scale:g}", make)
    yield Recorded("loss of one number", lambda: of_numbers((12,)))
    yield Recorded("loss of a column", lambda: of_numbers((12, 1)))
    yield Recorded("loss of what is learnt by heart", learnt)


def of_numbers(shape: tuple[int, ...]) -> StepTrace:
    """Return an iteration of a regression."""
    rng = np.random.default_rng(0)
    model = Model(Linear(4, 1, rng=rng)).astype(np.float64)
    return record(model, rng.uniform(-1, 1, (12, 4)), rng.uniform(-1, 1, shape), loss=MSELoss())


def learnt() -> StepTrace:
    """Return an iteration whose gradients are what is left of 1 - 1."""
    rng = np.random.default_rng(0)
    model = Model(Linear(4, CLASSES, rng=rng), core.Tanh(), Linear(CLASSES, CLASSES, rng=rng))
    model.astype(np.float64)
    labels = np.arange(BATCH) % CLASSES
    return record(model, np.eye(CLASSES, 4)[labels] * 9, labels, before=2000)


def optimisers() -> Iterator[Recorded]:
    """Each optimiser with its options, in both dtypes, clipping and not."""
    every = {name: (kind, options) for name, (kind, options) in OPTIMISERS.items()} | {
        name: (kind, {**options, "max_norm": most})
        for name, (kind, options, most) in CLIPPED.items()
    }
    for name, (kind, options) in every.items():
        for dtype in (np.float64, np.float32):

            def make(
                kind: str = kind,
                options: Mapping[str, Any] = options,
                dtype: type[np.floating] = dtype,
            ) -> StepTrace:
                return of_text(
                    dtype=dtype,
                    made=lambda model: getattr(core, kind)(model.parameters(), **options),
                )

            yield Recorded(f"optimiser {name} {dtype.__name__}", make)


def frozen() -> StepTrace:
    """Return an iteration in which one param is frozen, and another not in the optimiser."""

    def made(model: Model) -> Optimizer:
        params = model.parameters()
        params[0].requires_grad = False
        return SGD(params[:1] + params[:1:-1], lr=0.1, momentum=0.9, max_norm=0.5)

    return of_text(made=made)


RECORDED = [*networks(), *losses(), *optimisers(), Recorded("frozen", frozen)]
LAYERS = [case for case in CASES if case.training]
# Of the grids a part, which has each option.
SOME_LAYERS = [*GRIDS[::4], *(case for case in OTHERS if case.training)]


def run(trace: StepTrace, library: Library, folder: Path) -> dict[str, Any]:
    """Write the code of an iteration into a folder and run it; return what its names are then."""
    for name, content in code_of(trace, library).items():
        (folder / name).write_bytes(content)
    return runpy.run_path(str(folder / "iteration.py"))
