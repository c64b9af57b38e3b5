"""The board: draws a scene in the browser and links its cells there."""

from __future__ import annotations

from typing import ClassVar

import param

from core.symbols import AXES
from viz_app.components.component import Component, script, source
from viz_app.components.lesson.spotlight import SPOTLIGHT
from viz_app.components.wire import packed
from viz_app.style import sheets, theme


class Board(Component):
    """Draws `scene` (see `Scene.message`), packed, and marks the cell `selected` in it.

    That is `{"key": array, "index": [...], "coordinates": {...}}`; a click sends the same, and the
    number of the `stage` that is drawn.

    `scrolled` is `{"arrival": number, "first": {axis: row or column}}`: what is known to be the
    first in sight, of axes that are not where the scene puts them. With a new number the board goes
    there; in between it is the board that scrolls, and sends what comes to rest as `scroll`, with
    stage and arrival.

    At grain Cell (see `viz_app.scene.result.cells_of`, which adds to the scene) it computes the
    cells of the result one by one, without asking: `play` is `{"on": whether it goes on by itself,
    "cell": ms for one, "most": ms for all}`. What it has come to is sent as `cells`, with the last
    cell, once it rests; with `onward` when it has played all of them.
    """

    scene = param.Dict(default=packed({"panels": {}, "layout": []}))
    selected = param.Dict(default={})
    spotlight = param.Dict(default={}, doc="What a lesson points at; see `Says` of `spotlight.js`.")
    scrolled = param.Dict(default={"arrival": 0, "first": {}})
    palettes = param.Dict(default=theme.PALETTES)
    play = param.Dict(default={"on": False, "cell": 400, "most": 12_000})
    printed = param.Dict(default=theme.PALETTES, constant=True, doc="Palettes on paper.")
    editing = param.Dict(default={}, doc="The number that is edited; see `Editing.message`.")
    axes = param.Dict(default=dict(AXES), constant=True)

    _esm = script("board/board.js")
    _stylesheets: ClassVar = [
        source("board/board.css"),
        source("board/motion/motion.css"),
        source("board/editing/field.css"),
        source("matrix/matrix.css"),
        source("common/dialog.css"),
        sheets.FORMULA,
        SPOTLIGHT,
    ]
