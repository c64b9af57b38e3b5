"""The layers, one family a file."""

from core.layer import LAYERS
from core.layers.activation import GELU, Activation, LeakyReLU, ReLU, Sigmoid, Tanh
from core.layers.composite import Concat, Residual
from core.layers.conv import Conv2d
from core.layers.group_norm import GroupNorm, LayerNorm
from core.layers.linear import Linear
from core.layers.norm import BatchNorm1d, BatchNorm2d
from core.layers.pool import AvgPool2d, GlobalAvgPool2d, MaxPool2d
from core.layers.resample import Upsample
from core.layers.shape import Dropout, Flatten, Identity
from core.layers.softmax import Softmax

__all__ = [
    "GELU",
    "Activation",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Concat",
    "Conv2d",
    "Dropout",
    "Flatten",
    "GlobalAvgPool2d",
    "GroupNorm",
    "Identity",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "MaxPool2d",
    "ReLU",
    "Residual",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "Upsample",
]

# Stages of these show what a layer keeps in attributes: a trace need not copy scratch arrays.
for _layer in list(LAYERS.values()):
    _layer.stages_read_work = False
