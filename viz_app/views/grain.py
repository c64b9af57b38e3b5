"""The choice of what a step moves by."""

from __future__ import annotations

from typing import ClassVar

import param

from viz_app.component import Component, script
from viz_app.cursor import GRAINS

STYLE = """
:host { display: block; align-self: end; }
.grains { display: flex; }
button {
  font: var(--cs-small)/1.35 var(--cs-font); color: var(--cs-ink); background: var(--cs-card);
  height: var(--cs-control); padding: 4px 8px; border: 1px solid var(--cs-line); margin-left: -1px;
  cursor: pointer;
}
button:first-child { border-radius: 6px 0 0 6px; margin: 0; }
button:last-child { border-radius: 0 6px 6px 0; }
button:hover { background: var(--cs-fill); }
/* The chosen one is filled, which a projector shows too. */
button[aria-pressed=true] {
  color: var(--cs-paper); background: var(--cs-soft); border-color: var(--cs-soft);
}
button:focus-visible { outline: 2px solid var(--cs-backward); outline-offset: 1px; z-index: 1; }
@media (max-width: 380px) { button { padding: 4px; } }
"""


class GrainChoice(Component):
    """A group of buttons, one of them pressed: `at`; a click sends a grain's name."""

    grains = param.List(default=list(GRAINS), constant=True)
    at = param.String(default=GRAINS[0])

    _esm = script("grain.js")
    _stylesheets: ClassVar = [STYLE]
