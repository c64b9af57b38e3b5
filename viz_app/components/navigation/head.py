"""The head of the view: the stage in words, and its equation."""

from __future__ import annotations

from html import escape
from typing import Any, ClassVar

import param

from viz_app.components.component import Component, script, source
from viz_app.place.place import THEN
from viz_app.scene.captions import caption
from viz_app.scene.pins import compares
from viz_app.scene.registry import Look
from viz_app.style import sheets


class Head(Component):
    """Shows `content`; see `head_of`."""

    content = param.Dict(default={})

    _esm = script("navigation/head.js")
    _stylesheets: ClassVar = [source("navigation/head.css"), sheets.FORMULA]


def head_of(look: Look) -> dict[str, Any]:
    """Return what the head shows of the current stage."""
    bare = bare_head_of(look)
    inner = THEN if compares(look) else bare["inners"][look.inner]
    said = caption(look.trace, look.stage, inner, look.notation)
    text = " ".join([*_compared(look), said.text])
    return bare | {"text": text, "mathml": said.mathml}


def _compared(look: Look) -> list[str]:
    """Return what one of two runs lacks here, as markup; nothing as a rule."""
    beside = look.beside
    if beside is None:
        return []
    kind = ' class="failed"' if beside.failed else ""
    return [f"<b{kind}>{escape(said)}</b>" for said in (beside.said, beside.more) if said]


def bare_head_of(look: Look) -> dict[str, Any]:
    """Return what the head shows without words and equation."""
    stage = look.stage
    return {
        "phase": stage.phase,
        "layer": stage.layer,
        "text": "",
        "mathml": "",
        "inners": list(stage.inner),
        "inner": look.inner,
        "probe": look.trace.is_probe,
    }
