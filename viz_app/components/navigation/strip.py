"""The network strip: one card a layer, with its activation and gradient of one sample."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import param

from core.inspect.trace import StepTrace
from core.tensor import Array
from viz_app.components.component import Component, script, source
from viz_app.components.wire import packed
from viz_app.style import theme


class NetworkStrip(Component):
    """Cards in the browser; `layers` is packed `network_layers`; a click sends a layer's name."""

    layers = param.Dict(default=packed([]))
    at = param.Dict(default={"layer": "", "phase": "forward"})
    palettes = param.Dict(default=theme.PALETTES, constant=True)

    _esm = script("navigation/strip.js")
    _stylesheets: ClassVar = [source("navigation/strip.css")]


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
