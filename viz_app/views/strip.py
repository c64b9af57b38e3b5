"""The network strip: one card a layer, with its activation and gradient of one sample."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import param

from core.inspect.trace import StepTrace
from core.tensor import Array
from viz_app import theme
from viz_app.component import Component, script
from viz_app.packing import packed

STYLE = """
:host { display: block; overflow-x: auto; min-width: 0; height: 114px; }
.strip { display: flex; align-items: stretch; min-width: max-content; padding: 3px; }
.card {
  flex: 1 0 112px; width: 112px; text-align: left; color: var(--cs-ink); background: var(--cs-card);
  border: 1px solid var(--cs-line); border-radius: 8px; padding: 4px; cursor: pointer;
  font: var(--cs-small)/1.3 var(--cs-font);
}
.card:focus-visible { outline: 2px solid var(--cs-ink); outline-offset: 1px; }
.card.on { box-shadow: 0 0 0 2px var(--phase); border-color: var(--phase); }
.strip { --phase: var(--cs-forward); }
.strip[data-phase=loss] { --phase: var(--cs-loss); }
.strip[data-phase=backward] { --phase: var(--cs-backward); }
.strip[data-phase=update] { --phase: var(--cs-update); }
.card.nested { border-style: dashed; }
.title { font-weight: 600; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.pictures {
  display: grid; grid-template-columns: 56px 42px; gap: 2px;
  justify-content: start; margin: 3px 0 1px;
}
canvas {
  image-rendering: pixelated; height: 42px; width: 42px; object-fit: contain; border-radius: 2px;
}
.range, .note { color: var(--cs-soft); white-space: nowrap; font-variant-numeric: tabular-nums; }
.note { letter-spacing: -0.7px; }
.range { letter-spacing: -0.4px; }
.range, .note { overflow: hidden; text-overflow: ellipsis; }
.ranges { display: flex; gap: 4px; }
.ranges > :first-child { flex: 1 0 auto; min-width: 58px; max-width: 66px; box-sizing: border-box; }
.arrow {
  align-self: center; width: 9px; text-align: center; color: var(--phase);
  font-size: var(--cs-large);
}
"""


class NetworkStrip(Component):
    """Cards in the browser; `layers` is packed `network_layers`; a click sends a layer's name."""

    layers = param.Dict(default=packed([]))
    at = param.Dict(default={"layer": "", "phase": "forward"})
    palettes = param.Dict(default=theme.PALETTES, constant=True)

    _esm = script("strip.js")
    _stylesheets: ClassVar = [STYLE]


def network_layers(trace: StepTrace, sample: int) -> list[dict[str, Any]]:
    """Return what the cards show of one sample of the batch."""
    cards = []
    for name, layer in trace.layers.items():
        activation = layer.output.value[sample]
        gradient = layer.output.grad[sample]
        cards.append(
            {
                "name": name,
                "spec": layer.to_spec(),
                "shape": "×".join(map(str, activation.shape)),
                "params": sum(p.value.size for p in layer.params.values()),
                "channels": list(_channels(activation).shape),
                "activation": activation,
                "gradient": gradient,
                "activation_range": np.array([activation.min(), activation.max()]),
                "gradient_range": np.array([np.abs(gradient).max()]),
            }
        )
    return cards


def _channels(array: Array) -> Array:
    """Return an activation as (C, H, W); a vector is C images of one pixel."""
    return array.reshape(*array.shape, *(1,) * (3 - array.ndim))
