"""Parts that are there and not in sight."""

from __future__ import annotations

import param
from panel.viewable import Viewable

from viz_app.style.sheets import AWAY_CLASS


def show(part: Viewable, shown: bool = True) -> None:
    """Bring a part into sight, or take it and everything in it away.

    Its style sheets must hold `sheets.AWAY`: those of ours that set a `display` win over what
    `visible` does alone.
    """
    with param.parameterized.batch_call_watchers(part):
        part.visible = shown
        mark(part, AWAY_CLASS, not shown)


def mark(part: Viewable, name: str, on: bool) -> None:
    """Say to the style sheets of a part that something is so, or no longer."""
    classes = [one for one in part.css_classes if one != name]
    wanted = [*classes, name] if on else classes
    if part.css_classes != wanted:
        part.css_classes = wanted
