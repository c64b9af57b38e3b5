"""One view a file: functions of where somebody looks. Importing a file registers its views."""

from viz_app.views import conv, default, linear, loss, residual, shape, update

__all__ = ["conv", "default", "linear", "loss", "residual", "shape", "update"]
