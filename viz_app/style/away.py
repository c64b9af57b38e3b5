"""Parts that are there and not in sight."""

from __future__ import annotations

from panel.viewable import Viewable

from viz_app.style.sheets import AWAY_CLASS


def show(part: Viewable, shown: bool = True) -> None:
    """Bring a part into sight, or take it and everything in it away.

    Its style sheets must hold `sheets.AWAY`: those of ours that set a `display` win over what
    `visible` does alone.
    """
    classes = [name for name in part.css_classes if name != AWAY_CLASS]
    part.param.update(visible=shown, css_classes=classes if shown else [*classes, AWAY_CLASS])
