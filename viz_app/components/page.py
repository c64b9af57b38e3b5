"""What belongs to the page as a whole: its address, keys, font of formulas, light and dark."""

from __future__ import annotations

from typing import ClassVar

import param

from viz_app.components.component import Component, script
from viz_app.style.font import math_font


class Page(Component):
    """Sends what a key asks for, the address that was opened, and what it has drawn.

    Where the dashboard is not the whole page, that is left alone, and keys count inside the
    dashboard only.
    """

    whole = param.Boolean(default=True, doc="Whether the dashboard is the whole page.")
    font = param.Dict(default=math_font(), doc="The font of formulas.")
    space = param.String(default="play", doc="What the space key asks for.")
    playing = param.Boolean(default=False, doc="Whether the page says what it has drawn.")
    moment = param.Integer(default=0, doc="How often something was drawn.")
    address = param.String(default="", doc="Query part of the page's address.")
    carried = param.String(default="", doc="Fragment of it: the text of somebody's own lesson.")
    visited = param.Integer(default=0, doc="How many moments were gone to by a link.")
    answered = param.Integer(default=0, doc="Which of the opened addresses it answers.")
    opened = param.Boolean(default=False, doc="Whether the address was followed already.")
    dark = param.Boolean(default=False)
    present = param.Boolean(default=False, doc="Whether all is as large as for a class.")
    scale = param.Number(default=1.0, doc="How many times larger all is than in a small window.")
    keys = param.Boolean(default=True, doc="Whether single keys do something; kept.")
    touched = param.Boolean(default=False, doc="Whether light or dark was chosen by hand.")

    _esm = script("page.js")
    _stylesheets: ClassVar = [":host { display: none !important; }"]
