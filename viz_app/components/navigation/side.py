"""What stands beside the board: the explanation, or one of the charts."""

from __future__ import annotations

from typing import ClassVar

import param

from viz_app.components.component import Component, script, source
from viz_app.components.lesson.spotlight import SPOTLIGHT


class SideTabs(Component):
    """Titles of which one is in front; a click sends its title."""

    titles = param.List(default=[], item_type=str)
    front = param.String(default="")
    warned = param.Dict(default={}, doc="By title, what one should look at there.")

    _esm = script("navigation/side.js")
    _stylesheets: ClassVar = [source("navigation/side.css"), SPOTLIGHT]
