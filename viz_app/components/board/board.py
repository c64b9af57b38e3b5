"""The board: draws a scene in the browser and links its cells there."""

from __future__ import annotations

from typing import ClassVar

import param

from core.symbols import AXES
from viz_app.components.component import Component, script, source
from viz_app.components.wire import packed
from viz_app.style import theme


class Board(Component):
    """Draws `scene` (see `Scene.message`), packed, and marks the cell `selected` in it.

    That is `{"key": array, "index": [...], "coordinates": {...}}`; a click sends the same, and the
    number of the `stage` that is drawn.
    """

    scene = param.Dict(default=packed({"panels": {}, "layout": []}))
    selected = param.Dict(default={})
    palettes = param.Dict(default=theme.PALETTES, constant=True)
    axes = param.Dict(default=dict(AXES), constant=True)

    _esm = script("board/board.js")
    _stylesheets: ClassVar = [source("board/board.css")]
