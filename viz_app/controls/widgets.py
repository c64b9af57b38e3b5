"""Buttons in our style."""

from __future__ import annotations

from collections.abc import Callable

import panel as pn

from viz_app.style import sheets


def button(name: str, action: Callable[[], None]) -> pn.widgets.Button:
    """Return a button that does something when it is pressed."""
    return pn.widgets.Button(
        label=name,
        sizing_mode="stretch_width",
        stylesheets=[sheets.BUTTON],
        margin=0,
        on_click=lambda _: action(),
    )
