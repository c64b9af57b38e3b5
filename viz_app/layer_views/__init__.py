"""One view a file: functions of where somebody looks. Importing a file registers its views."""

from viz_app.layer_views import (
    activation,
    composite,
    conv,
    default,
    linear,
    loss,
    norm,
    pool,
    shape,
    softmax,
    update,
)

__all__ = [
    "activation",
    "composite",
    "conv",
    "default",
    "linear",
    "loss",
    "norm",
    "pool",
    "shape",
    "softmax",
    "update",
]
