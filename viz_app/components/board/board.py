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

    `scrolled` is `{"arrival": number, "first": {axis: row or column}}`: what is known to be the
    first in sight, of axes that are not where the scene puts them. With a new number the board goes
    there; in between it is the board that scrolls, and sends what comes to rest as `scroll`, with
    stage and arrival.
    """

    scene = param.Dict(default=packed({"panels": {}, "layout": []}))
    selected = param.Dict(default={})
    scrolled = param.Dict(default={"arrival": 0, "first": {}})
    palettes = param.Dict(default=theme.PALETTES)
    axes = param.Dict(default=dict(AXES), constant=True)

    _esm = script("board/board.js")
    _stylesheets: ClassVar = [
        source("board/board.css"), source("matrix/matrix.css"), source("common/dialog.css")
    ]  # fmt: skip
