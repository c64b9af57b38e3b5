"""A workload in PyTorch: eager, in its default memory format, on the CPU."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks.task import LEARNING_RATE, Setting, Task
from core.io.text import parse_model
from core.io.weights import state_dict
from core.layer import Layer
from core.layers import BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d, ReLU
from core.model import Model
from core.tensor import Array


def load_torch() -> ModuleType:
    """Return PyTorch, set to one thread; leave with advice if it is not installed."""
    try:
        torch = importlib.import_module("torch")
    except ModuleNotFoundError:
        sys.exit("This comparison needs PyTorch: pip install 'convscope[bench]'")
    torch.set_num_threads(1)
    return torch


class TorchTask(Task):
    """A step as anyone would write it with PyTorch, from the same weights."""

    def __init__(self, setting: Setting) -> None:
        torch = self.torch = load_torch()
        workload = setting.workload
        shape, rng = workload.input_shape[1:], np.random.default_rng(setting.seed)
        ours = parse_model(workload.layers, shape, rng)
        self.model = _same_model(torch, ours)
        self.loss = torch.nn.CrossEntropyLoss()
        self.optimizer = None
        if workload.trains:
            self.optimizer = torch.optim.SGD(self.model.parameters(), lr=LEARNING_RATE)
        self.x = torch.from_numpy(setting.x.copy()).requires_grad_(not workload.trains)
        self.labels = torch.from_numpy(setting.labels)
        self.g = torch.from_numpy(setting.g.copy())
        self.output: Any = None

    def step(self) -> None:  # noqa: D102
        if self.optimizer is None:
            self.model.zero_grad()
            self.x.grad = None
            self.output = self.model(self.x)
            self.output.backward(self.g)
            return
        self.optimizer.zero_grad()
        self.output = self.loss(self.model(self.x), self.labels)
        self.output.backward()
        self.optimizer.step()

    def results(self) -> dict[str, Array]:  # noqa: D102
        grads = {name: param.grad.numpy() for name, param in self.model.named_parameters()}
        output = self.output.detach().numpy()
        if self.optimizer is not None:
            return {"loss": output, **grads}
        return {"output": output, "input": self.x.grad.numpy(), **grads}


def _same_model(torch: ModuleType, model: Model) -> Any:  # noqa: ANN401
    """Return PyTorch's model of the same layers and weights, in train mode."""
    twins: dict[type[Layer], Callable[[Any], Any]] = {
        Conv2d: lambda a: torch.nn.Conv2d(
            *(a.in_channels, a.out_channels, a.kernel_size, a.stride, a.padding),
            *(a.dilation, a.groups, a.bias is not None),
        ),
        BatchNorm2d: lambda a: torch.nn.BatchNorm2d(a.num_features, a.eps, a.momentum),
        ReLU: lambda _: torch.nn.ReLU(),
        MaxPool2d: lambda a: torch.nn.MaxPool2d(a.kernel_size, a.stride, a.padding),
        Flatten: lambda _: torch.nn.Flatten(),
        Linear: lambda a: torch.nn.Linear(a.in_features, a.out_features),
    }
    twin = torch.nn.Sequential(*(twins[type(layer)](layer) for layer in model))
    twin.load_state_dict(
        {name: torch.from_numpy(array) for name, array in state_dict(model).items()}
    )
    return twin
