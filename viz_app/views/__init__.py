"""One view a file: functions of where somebody looks. Importing a file registers its views."""

from viz_app.views import (
    activation,
    conv,
    default,
    linear,
    loss,
    norm,
    pool,
    residual,
    shape,
    update,
)

__all__ = [
    "activation",
    "conv",
    "default",
    "linear",
    "loss",
    "norm",
    "pool",
    "residual",
    "shape",
    "update",
]
