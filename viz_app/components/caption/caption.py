"""What is said above a chart."""

from __future__ import annotations

from typing import ClassVar

import param

from viz_app.components.component import Component, script, source
from viz_app.style import sheets


class Caption(Component):
    """Lines of words; one that speaks of a layer can be pressed, and sends the layer's name."""

    lines = param.List(
        default=[],
        item_type=dict,
        doc="Of each its `html`; if need be `title`, and `layer` to be pressed and sent.",
    )

    _esm = script("caption/caption.js")
    _stylesheets: ClassVar = [source("caption/caption.css"), sheets.FORMULA]
