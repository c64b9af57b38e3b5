"""The workloads of the comparison with PyTorch: training steps, and single layers."""

from __future__ import annotations

from dataclasses import dataclass

NETWORK = "conv 8 k3 p1, bn, relu, pool 2, conv 16 k3 p1, bn, relu, pool 2, flatten, linear 10"


# The same with convolutions that compute through X^(col).
NETWORK_IM2COL = NETWORK.replace("k3 p1", "k3 p1 im2col")


@dataclass(frozen=True)
class Workload:
    """Layers, the shape of their input, and how fast they should be.

    Attributes:
        name: short, for the table.
        layers: a line of text as `core.io.text` reads it.
        input_shape: (N, C, H, W).
        target: largest allowed ratio of our time to PyTorch's; None if the row only informs.
        trains: whether one step is a whole training step: gradients to zero, forward,
            cross-entropy, backward without the image's gradient, SGD. Otherwise it is gradients to
            zero, forward, and backward of a given output gradient down to the input.
        channel_major: whether a single layer gets its input and its output gradient in the memory
            order in which layers of `core` leave them. Otherwise they are C-contiguous
            (N, C, H, W), as in a newcomer's first call.
    """

    name: str
    layers: str
    input_shape: tuple[int, int, int, int]
    target: float | None
    trains: bool = False
    channel_major: bool = True


BATCH_64, BATCH_8, IMAGES = (64, 1, 28, 28), (8, 1, 28, 28), (32, 32, 32, 32)

WORKLOADS = (
    Workload("train, batch 64", NETWORK, BATCH_64, 0.68, trains=True),
    Workload("train, batch 64, im2col", NETWORK_IM2COL, BATCH_64, None, trains=True),
    Workload("train, batch 8", NETWORK, BATCH_8, 0.55, trains=True),
    Workload("train, batch 8, im2col", NETWORK_IM2COL, BATCH_8, None, trains=True),
    Workload("convolution", "conv 32 k3 p1", (32, 16, 32, 32), 1.45),
    Workload("convolution, im2col", "conv 32 k3 p1 im2col", (32, 16, 32, 32), None),
    Workload("max pooling", "pool 2", IMAGES, 0.45),
    Workload("max pooling, NCHW", "pool 2", IMAGES, 0.8, channel_major=False),
    Workload("batch norm", "bn", IMAGES, 0.65),
    Workload("batch norm, NCHW", "bn", IMAGES, 1.0, channel_major=False),
)
