"""What is measured: five pieces of training, each as small as one reads its figure."""

from __future__ import annotations

from dataclasses import dataclass

NETWORK = "conv 8 k3 p1, bn, relu, pool 2, conv 16 k3 p1, bn, relu, pool 2, flatten, linear 10"


@dataclass(frozen=True)
class Workload:
    """Layers, the shape of their input, and how fast they should be.

    Attributes:
        name: short, for the table.
        layers: a line of text as `core.io.text` reads it.
        input_shape: (N, C, H, W).
        trains: whether one step is a whole training step: gradients to zero, forward,
            cross-entropy, backward without the image's gradient, SGD. Otherwise it is gradients to
            zero, forward, and backward of a given output gradient down to the input.
        target: the ratio of our time to PyTorch's that must not be exceeded.
    """

    name: str
    layers: str
    input_shape: tuple[int, int, int, int]
    trains: bool
    target: float


WORKLOADS = (
    Workload("train, batch 64", NETWORK, (64, 1, 28, 28), True, 1.0),
    Workload("train, batch 8", NETWORK, (8, 1, 28, 28), True, 0.6),
    Workload("convolution", "conv 32 k3 p1", (32, 16, 32, 32), False, 1.7),
    Workload("max pooling", "pool 2", (32, 32, 32, 32), False, 0.8),
    Workload("batch norm", "bn", (32, 32, 32, 32), False, 1.0),
)
