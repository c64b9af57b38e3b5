"""A workload in this framework."""

from __future__ import annotations

import numpy as np

from benchmarks.task import LEARNING_RATE, Setting, Task
from core.io.text import parse_model
from core.losses import CrossEntropyLoss
from core.optim import SGD
from core.tensor import Array


class CoreTask(Task):
    """A step as anyone would write it with `core`."""

    def __init__(self, setting: Setting) -> None:
        workload = setting.workload
        shape, rng = workload.input_shape[1:], np.random.default_rng(setting.seed)
        self.model = parse_model(workload.layers, shape, rng)
        self.model.needs_input_grad = not workload.trains
        self.loss = CrossEntropyLoss()
        self.optimizer = SGD(self.model.parameters(), LEARNING_RATE) if workload.trains else None
        self.labels = setting.labels
        # An image comes as it was loaded; between layers memory is channel-major.
        between = workload.channel_major and not workload.trains
        self.x = _as_between_layers(setting.x) if between else setting.x
        self.g = _as_between_layers(setting.g) if between else setting.g
        self.loss_value = 0.0

    def step(self) -> None:  # noqa: D102
        model = self.model
        if self.optimizer is None:
            model.zero_grad()
            model.forward(self.x)
            model.output.grad = self.g
            model.backward()
            return
        self.optimizer.zero_grad()
        self.loss_value = self.loss.forward(model.forward(self.x), self.labels)
        self.loss.backward()
        model.backward()
        self.optimizer.step()

    def results(self) -> dict[str, Array]:  # noqa: D102
        grads = {name: param.grad for name, param in self.model.named_parameters()}
        if self.optimizer is not None:
            return {"loss": np.asarray(self.loss_value), **grads}
        return {"output": self.model.output.value, "input": self.model.input.grad, **grads}


def _as_between_layers(x: Array) -> Array:
    """Return `x` of shape (N, C, H, W) in the memory that a convolution leaves its output in."""
    return np.ascontiguousarray(x.transpose(1, 2, 0, 3)).transpose(2, 0, 1, 3)
