"""A short training run, and prints of it that differ as soon as one bit does."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha1

import numpy as np

from core.data import load_dataset
from core.inspect.trace import StepTrace
from core.io.text import parse_model
from core.io.weights import state_dict
from core.losses import Loss
from core.model import Model
from core.optim import SGD
from core.schedule import Schedule
from core.snapshot import Captured
from core.snapshot.nodes import Node
from core.training.results import StepResult
from core.training.trainer import Trainer

# One of each kind that keeps something from step to step: statistics, masks, branches.
MODEL = (
    "conv 3 k3 p1, bn, relu, pool 2, residual(conv 3 k3 p1, bn), dropout 0.3, flatten, linear 10"
)


def make_trainer(
    seed: int = 0,
    text: str = MODEL,
    lr: float = 0.05,
    momentum: float = 0.9,
    batch_size: int = 16,
    schedule: Schedule | None = None,
    loss: Loss | None = None,
) -> Trainer:
    """A trainer on the 8×8 digits that depends on nothing but its arguments."""
    data = load_dataset("digits")
    for_model, for_order = np.random.default_rng(seed).spawn(2)
    model = parse_model(text, data.input_shape, for_model)
    optimizer = SGD(model.parameters(), lr, momentum)
    return Trainer(model, optimizer, data, batch_size, for_order, loss, schedule)


def fingerprint(value: object) -> object:
    """The value with every array as shape, dtype and a hash of its bytes."""
    if isinstance(value, np.ndarray):
        return value.shape, value.dtype.str, sha1(value.tobytes()).hexdigest()
    if isinstance(value, Captured):
        return of_captured(value)
    if isinstance(value, Mapping):
        return {key: fingerprint(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [fingerprint(item) for item in value]
    return value


def of_captured(captured: Captured) -> object:
    """Fingerprint of a captured state: of its structure, and of all numbers in it."""
    found, order = dict[int, int](), [captured.root]
    prints: list[object] = []
    for node in order:
        # Further nodes are appended meanwhile.
        if not isinstance(node, Node):
            plain = node is None or np.isscalar(node) or isinstance(node, tuple)
            prints.append(fingerprint(node) if plain else type(node).__name__)
            continue
        if id(node) in found:
            prints.append(found[id(node)])
            continue
        found[id(node)] = len(found)
        inside = sorted(
            zip(node.labels, node.children, strict=True), key=lambda item: repr(item[0])
        )
        order += [child for _, child in inside]
        content = [fingerprint(getattr(node, name, None)) for name in ("kept", "state", "spawned")]
        prints.append((node.kind.__name__, [repr(label) for label, _ in inside], content))
    return prints


def of_state(model: Model) -> object:
    """Fingerprint of all params and statistics."""
    return fingerprint(state_dict(model))


def of_result(result: StepResult | StepTrace) -> object:
    """Fingerprint of the numbers of a step."""
    numbers = [result.iteration, result.loss, result.accuracy, result.lr, result.indices]
    return fingerprint(numbers)


def of_trace(trace: StepTrace) -> object:
    """Fingerprint of everything in a trace."""
    stages = {f"{stage.phase} {stage.layer}": stage.inner for stage in trace.stages}
    return of_result(trace), fingerprint(trace.targets), fingerprint(stages)


def future(trainer: Trainer, steps: int = 10) -> object:
    """Fingerprint of the next steps and of where they lead; the trainer makes them."""
    return [of_result(trainer.step()) for _ in range(steps)], fingerprint(trainer.get_state())
