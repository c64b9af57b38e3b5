"""What belongs to the page as a whole: keys, light and dark."""

from __future__ import annotations

from typing import ClassVar

import param

from viz_app.components.component import Component, script


class Page(Component):
    """Sends what a key asks for, and the address that was opened; `dark` chooses the colours."""

    playing = param.Boolean(default=False, doc="Whether the page says what it has drawn.")
    address = param.String(default="", doc="Query part of the page's address.")
    dark = param.Boolean(default=False)
    touched = param.Boolean(default=False, doc="Whether light or dark was chosen by hand.")

    _esm = script("page.js")
    _stylesheets: ClassVar = [":host { display: none; }"]
