"""The timeline: every stage of the iteration in order."""

from __future__ import annotations

from typing import ClassVar

import param

from core.inspect.trace import StepTrace
from viz_app.components.component import Component, script, source


class Timeline(Component):
    """Shows `stages`, marks number `at`; a click or drag sends its number."""

    stages = param.List(default=[], item_type=dict)
    at = param.Integer(default=0)

    _esm = script("navigation/timeline.js")
    _stylesheets: ClassVar = [source("navigation/timeline.css")]


def timeline_stages(trace: StepTrace) -> list[dict[str, str]]:
    """Return phase, layer and label of every stage; the label of a nested layer is its own name."""
    return [
        {"phase": stage.phase, "layer": stage.layer, "label": stage.layer.rsplit(".", 1)[-1]}
        for stage in trace.stages
    ]
