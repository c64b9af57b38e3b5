"""Panel's widgets in our style.

Without style sheets of their own: what is made later than the page would fetch them by an address,
which the page without a server does not have.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import panel as pn

from viz_app.style import sheets


class Select(pn.widgets.Select):
    """A choice of one."""

    _stylesheets: ClassVar[list[str]] = []


class Button(pn.widgets.Button):
    """A button."""

    _stylesheets: ClassVar[list[str]] = []


def button(name: str, action: Callable[[], None]) -> Button:
    """Return a button that does something when it is pressed."""
    return Button(
        label=name,
        sizing_mode="stretch_width",
        stylesheets=[sheets.BUTTON],
        margin=0,
        on_click=lambda _: action(),
    )
