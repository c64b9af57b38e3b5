"""The choice of what a step moves by."""

from __future__ import annotations

from typing import ClassVar

import param

from viz_app.components.component import Component, script, source
from viz_app.place.place import GRAINS


class GrainChoice(Component):
    """A group of buttons, one of them pressed: `at`; a click sends a grain's name."""

    # Panel's RadioButtonGroup names no group and marks the pressed button by its colour alone, so
    # that a screen reader cannot tell which one it is.

    grains = param.List(default=list(GRAINS), constant=True)
    at = param.String(default=GRAINS[0])

    _esm = script("navigation/grain.js")
    _stylesheets: ClassVar = [source("navigation/grain.css")]
