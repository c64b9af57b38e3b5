"""How much gradient reaches each layer of a recorded iteration, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite, nan, sqrt
from typing import Literal

import numpy as np

from core.inspect.trace import StepTrace
from core.kernels.overflow import unwarned
from core.layer import Layer
from core.tensor import Array

# Which quantiles of |g| a `Spread` holds.
QUANTILES = (0.05, 0.1, 0.5, 0.9, 0.95)
MEDIAN = QUANTILES.index(0.5)

Kind = Literal["vanishing", "exploding", "dead"]
# ‖g(L, X^(out))‖ of a layer below or above this many times that of the last layer. Norms, not
# medians, because a mean over many cells (global average pooling) makes every single gradient
# small and leaves the norm at a size that can be compared.
VANISHING, EXPLODING = 1e-3, 1e3
# A norm that is too large whatever the others are.
LARGEST_NORM = 1e3
# Share of the units of a ReLU that are zero for the whole batch.
DEAD = 0.5


@dataclass(frozen=True)
class Spread:
    """How the magnitudes of an array are distributed.

    Attributes:
        quantiles: of the magnitudes that are not zero, at `QUANTILES`, interpolated as by
            `numpy.quantile`; NaN if all are zero.
        zeros: share of exact zeros, which have no place on a logarithmic axis.
    """

    quantiles: tuple[float, ...]
    zeros: float

    @property
    def median(self) -> float:
        """The median of the magnitudes that are not zero, or NaN."""
        return self.quantiles[MEDIAN]


@dataclass(frozen=True)
class LayerFlow:
    """The size of a layer's gradients over the batch.

    Attributes:
        layer: name of the layer.
        output: ‖g(L, X^(out))‖, the Euclidean norm.
        params: ‖g(L, params)‖ over all params together; None for a layer without.
        output_spread: how |g(L, X^(out))| is distributed.
        params_spread: how |g(L, params)| is, over all params together; None for a layer without.
        dead: share of the units of a ReLU that are zero for the whole batch; None for other layers.
            A unit is a channel (N, C, H, W) or a feature (N, C).
    """

    layer: str
    output: float
    params: float | None
    output_spread: Spread
    params_spread: Spread | None
    dead: float | None


@dataclass(frozen=True)
class Finding:
    """Something that is wrong with the gradients of a layer.

    Attributes:
        layer: name of the layer.
        kind: what is wrong.
        text: the same as a sentence, with the number that shows it and the threshold.
        threshold: the number from which it counts as wrong.
        follows: names of the layers right before it, towards the image, with the same fault.
    """

    layer: str
    kind: Kind
    text: str
    threshold: float
    follows: tuple[str, ...] = ()


@unwarned()
def gradient_flow(trace: StepTrace) -> list[LayerFlow]:
    """Return how much gradient reached each layer, in order of computation."""
    layers = trace.layers.items()
    outputs = [[layer.output.grad] for _, layer in layers]
    params = [[p.grad for p in layer.params.values()] for _, layer in layers if layer.params]
    measured = _measure(outputs + params)
    of_params = iter(measured[len(outputs) :])
    flows = []
    for (name, layer), (output, output_spread) in zip(layers, measured, strict=False):
        norm, spread = next(of_params) if layer.params else (None, None)
        dead = _dead(layer) if layer.keyword == "relu" else None
        flows.append(LayerFlow(name, output, norm, output_spread, spread, dead))
    return flows


def diagnose(flows: Sequence[LayerFlow]) -> list[Finding]:
    """Return what is wrong with the gradients of each layer, from the loss back to the image.

    So a cause stands before what follows from it: layers in a row that have the same fault are one
    finding, of the layer that is nearest to the loss. A layer is vanishing if ‖g(L, X^(out))‖ is
    below `VANISHING` times that of the last layer, where the gradient enters; exploding if above
    `EXPLODING` times that, or if a norm of its gradients is above `LARGEST_NORM` or not finite;
    dead if it is a ReLU and at least the share `DEAD` of its units is zero for the whole batch.
    Where all units of one are, and so no gradient reaches the layers before it, that is said once:
    of the ReLU.
    """
    reference = flows[-1].output if flows else 0.0
    findings: list[Finding] = []
    is_cut_off, row = False, None  # place of the finding that the layer behind belongs to
    for k in reversed(range(len(flows))):
        flow = flows[k]
        found = None if is_cut_off and flow.output == 0 else _of_size(flow, reference)
        if found and row is not None and findings[row].kind == found.kind:
            findings[row] = replace(findings[row], follows=(*findings[row].follows, flow.layer))
        elif found:
            row = len(findings)
            findings.append(found)
        else:
            row = None
        if flow.dead is not None and flow.dead >= DEAD:
            # A branch beside it may still lead a gradient past it.
            cuts_off = flow.dead == 1 and k > 0 and not any(f.output for f in flows[:k])
            is_cut_off = is_cut_off or cuts_off
            findings.append(Finding(flow.layer, "dead", _of_dead(flow, cuts_off), DEAD))
    return [replace(found, text=found.text + _of_row(found.follows)) for found in findings]


def _of_row(follows: Sequence[str]) -> str:
    """Say of which layers the same is true."""
    if not follows:
        return ""
    if len(follows) == 1:
        return f"; so is it with {follows[0]} before it"
    return f"; so is it with the {len(follows)} layers before it, as far as {follows[-1]}"


def _of_size(flow: LayerFlow, reference: float) -> Finding | None:
    """Return whether a layer's gradients are too small or too large; `reference`: the last one."""
    layer, norms = flow.layer, (flow.output, flow.params or 0.0)
    if not all(map(isfinite, norms)):
        text = f"{layer}: the norm of its gradient is not finite: lower the learning rate"
        return Finding(layer, "exploding", text, LARGEST_NORM)
    ratio = flow.output / reference if reference and isfinite(reference) else 1.0
    if ratio == 0:
        text = f"{layer}: no gradient reaches it: it does not learn"
        return Finding(layer, "vanishing", text, VANISHING)
    if ratio < VANISHING:
        text = f"{layer}: {_of_last(ratio)}, below {VANISHING:g}: it hardly learns"
        return Finding(layer, "vanishing", text, VANISHING)
    if ratio > EXPLODING:
        text = f"{layer}: {_of_last(ratio)}, above {EXPLODING:g}: lower the learning rate"
        return Finding(layer, "exploding", text, EXPLODING)
    if max(norms) > LARGEST_NORM:
        text = (
            f"{layer}: the norm of its gradient is {max(norms):.3g}, above {LARGEST_NORM:g}: "
            "lower the learning rate"
        )
        return Finding(layer, "exploding", text, LARGEST_NORM)
    return None


def _of_dead(flow: LayerFlow, cuts_off: bool) -> str:
    """Say how many units of a ReLU are dead, and what follows from it."""
    if cuts_off:
        return f"{flow.layer}: all its units are zero for the whole batch: nothing before it learns"
    return (
        f"{flow.layer}: {flow.dead:.0%} of its units are zero for the whole batch, at least "
        f"{DEAD:.0%}: no gradient passes them"
    )


def _measure(groups: Sequence[Sequence[Array]]) -> list[tuple[float, Spread]]:
    """Return for each group of arrays their Euclidean norm and how their magnitudes lie.

    All of them in one array, because calls cost more here than numbers do.
    """
    sizes = np.concatenate([array.ravel(order="K") for group in groups for array in group])
    np.abs(sizes, out=sizes)
    counts = np.array([sum(array.size for array in group) for group in groups])
    ends = counts.cumsum()
    starts = ends - counts
    zeros, norms = np.empty_like(counts), []
    for k, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        part = sizes[start:end]
        # Sorting float32 takes less time than the partitions for five quantiles do.
        part.sort()
        zeros[k] = part.searchsorted(part.dtype.type(0), side="right")
        # In float64, because a square overflows float32 long before the number itself does.
        wide = part.astype(np.float64)
        norms.append(sqrt(wide @ wide))
    # The magnitudes above zero are the last ones of each group.
    last = np.maximum(counts - zeros - 1, 0)
    position = np.multiply.outer(last, QUANTILES)
    before = position.astype(np.int64)
    low = before + (ends - 1 - last)[:, None]
    high = np.minimum(low + 1, ends[:, None] - 1)
    below, above = (sizes[k].astype(np.float64) for k in (low, high))
    quantiles = below + (above - below) * (position - before)
    quantiles[zeros == counts] = nan
    shares = zeros / counts
    return [
        (norm, Spread(tuple(row), share))
        for norm, row, share in zip(norms, quantiles.tolist(), shares.tolist(), strict=True)
    ]


def _dead(layer: Layer) -> float:
    y = layer.output.value
    alive = y.any(axis=tuple(axis for axis in range(y.ndim) if axis != 1))
    return 1 - np.count_nonzero(alive) / alive.size


def _of_last(ratio: float) -> str:
    return f"‖g(L, X^(out))‖ is {ratio:.2g} × the last layer's"
