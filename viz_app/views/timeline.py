"""The timeline: every stage of the iteration in order."""

from __future__ import annotations

from typing import ClassVar

import param

from core.inspect.trace import StepTrace
from viz_app.component import Component, script

STYLE = """
:host { display: block; overflow-x: auto; min-width: 0; height: calc(var(--cs-bar) + 12px); }
.track {
  display: flex; gap: 3px; padding: 4px 3px; touch-action: none; cursor: pointer;
  user-select: none; -webkit-user-select: none;
}
.track:focus-visible { outline: 2px solid var(--cs-ink); border-radius: 4px; }
.bar {
  flex: 1 1 0; min-width: 18px; height: var(--cs-bar); border-radius: 3px; overflow: hidden;
  font: var(--cs-small)/var(--cs-bar) var(--cs-font); text-align: center; white-space: nowrap;
  color: var(--cs-ink); background: color-mix(in srgb, var(--phase) 18%, var(--cs-card));
  border-bottom: 3px solid var(--phase); box-sizing: border-box;
}
.forward { --phase: var(--cs-forward); border-bottom-style: solid; }
.loss { --phase: var(--cs-loss); border-bottom-style: double; }
.backward { --phase: var(--cs-backward); border-bottom-style: dashed; }
.update { --phase: var(--cs-update); border-bottom-style: dotted; }
.bar.done { background: color-mix(in srgb, var(--phase) 40%, var(--cs-card)); }
.bar.now {
  flex: 0 0 auto; padding: 0 8px; background: var(--phase); color: var(--cs-on-phase);
  font-weight: 600; outline: 2px solid var(--cs-ink); outline-offset: 1px; overflow: visible;
}
@media (max-width: 700px) { .bar { min-width: 44px; } }
"""


class Timeline(Component):
    """Shows `stages`, marks number `at`; a click or drag sends its number."""

    stages = param.List(default=[], item_type=dict)
    at = param.Integer(default=0)

    _esm = script("timeline.js")
    _stylesheets: ClassVar = [STYLE]


def timeline_stages(trace: StepTrace) -> list[dict[str, str]]:
    """Return phase, layer and label of every stage; the label of a nested layer is its own name."""
    return [
        {"phase": stage.phase, "layer": stage.layer, "label": stage.layer.rsplit(".", 1)[-1]}
        for stage in trace.stages
    ]
