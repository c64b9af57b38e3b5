"""The head of the view: the stage in words, its equation, its inner stages."""

from __future__ import annotations

from typing import Any, ClassVar

import param

from viz_app import styles
from viz_app.component import Component, script
from viz_app.narration import kind_of, tell
from viz_app.registry import Look

STYLE = """
/* No box of its own: Bokeh would lay out the page anew whenever its height changes. */
:host { display: contents; }
.told {
  --phase: var(--cs-forward); font: var(--cs-body)/1.35 var(--cs-font); color: var(--cs-ink);
}
.told[data-phase=loss] { --phase: var(--cs-loss); }
.told[data-phase=backward] { --phase: var(--cs-backward); }
.told[data-phase=update] { --phase: var(--cs-update); }
.line { display: flex; flex-wrap: wrap; gap: 2px 14px; align-items: center; min-height: 30px; }
/* However high an equation is, the board below stays where it is. */
.said { height: 34px; flex-wrap: nowrap; }
@media (max-width: 1279px) { .said { height: auto; min-height: 34px; flex-wrap: wrap; } }
@media (max-width: 700px) { .said { flex-direction: column; align-items: flex-start; } }
h2 { margin: 0; font-size: var(--cs-large); }
h2 i { font-style: normal; color: var(--phase); }
.math { font-family: var(--cs-math); font-size: var(--cs-large); }
.sentence { margin: 0; color: var(--cs-soft); flex: 1; }
sup, sub { line-height: 0; font-size: max(0.8em, var(--cs-small)); }
.pills { display: flex; flex-wrap: wrap; gap: 6px; }
button {
  font: var(--cs-small)/1.3 var(--cs-font); color: var(--cs-ink); background: var(--cs-fill);
  border: 0; border-radius: 14px; padding: 4px 12px; cursor: pointer;
}
@media (pointer: coarse) { button { min-height: var(--cs-control); border-radius: 20px; } }
button[aria-selected=true] { background: var(--phase); color: var(--cs-on-phase); }
button:focus-visible { outline: 2px solid var(--cs-ink); outline-offset: 1px; }
"""


class Head(Component):
    """Shows `told` (see `head_of`); a click on an inner stage sends its number."""

    told = param.Dict(default={})

    _esm = script("head.js")
    _stylesheets: ClassVar = [STYLE, styles.FORMULA]


def head_of(look: Look) -> dict[str, Any]:
    """Return what the head shows of the current stage."""
    stage = look.stage
    names = list(stage.inner)
    told = tell(kind_of(stage), stage.phase, names[look.inner])
    return {
        "phase": stage.phase,
        "layer": stage.layer,
        "text": told.text,
        "mathml": told.mathml,
        "inners": names,
        "inner": look.inner,
    }
