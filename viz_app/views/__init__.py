"""One view a file: functions of where somebody looks. Importing a file registers its views."""

from viz_app.views import conv, default

__all__ = ["conv", "default"]
