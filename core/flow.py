"""How much gradient reaches each layer of a recorded iteration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.tensor import Array
from core.trace import StepTrace


@dataclass(frozen=True)
class LayerFlow:
    """The size of a layer's gradients: Euclidean norms over the batch.

    Attributes:
        layer: name of the layer.
        output: ‖g(L, X^(out))‖.
        params: ‖g(L, params)‖ over all params together; None for a layer without.
    """

    layer: str
    output: float
    params: float | None


def gradient_flow(trace: StepTrace) -> list[LayerFlow]:
    """Return the gradient norms of all layers, in order of computation."""
    flows = []
    for name, layer in trace.layers.items():
        grads = [param.grad for param in layer.params.values()]
        params = float(np.sqrt(sum(_norm(g) ** 2 for g in grads))) if grads else None
        flows.append(LayerFlow(name, _norm(layer.output.grad), params))
    return flows


def _norm(array: Array) -> float:
    return float(np.linalg.norm(array.ravel().astype(np.float64)))
