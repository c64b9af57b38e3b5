"""What can be said of a number of any layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.explanations import links
from core.explanations.parts import Reason, Rules
from core.explanations.place import Place

if TYPE_CHECKING:
    from core.layer import Layer


def of_layer(layer: Layer, at: Place) -> Reason:
    """Say how a number of a layer was made, by the layer's rules or as for every layer."""
    if at.cell.phase == "backward" and at.has(at.array, "forward"):
        return links.same(at, at.of(at.array, "forward"), "made in the forward pass")
    if rule := layer.rules.get(at.array):
        return rule(layer, at)
    value = float(at.of(at.array).array[at.index])
    for param in layer.params.values():
        shown = at.showing(param.value, "forward")
        if shown is not None and shown.name == at.array:
            return links.leaf(
                at, float(param.value[at.index]), "learned: as the last update left it"
            )
    return links.leaf(at, value, f"{layer.keyword or layer.name} does not say how it is made")


def by_rules(rules: Rules, maker: object, at: Place) -> Reason:
    """Say how a number of a loss or an update was made, by rules."""
    if rule := rules.get(at.array):
        return rule(maker, at)
    value = float(at.of(at.array).array[at.index])
    return links.leaf(at, value, f"{type(maker).__name__} does not say how it is made")


def x_in(layer: Layer, at: Place) -> Reason:
    """The input is the output of the layer before."""
    source = links.before(at)
    if source is None:
        return links.leaf(at, float(layer.input.value[at.index]), "the image")
    return links.same(at, source, f"output of {source.layer}")


def g_x_out(layer: Layer, at: Place) -> Reason:
    """The gradient of the output is the gradient of the next layer's input."""
    source = links.behind(at)
    if source is None:
        return links.leaf(at, float(layer.output.grad[at.index]), "from behind the last layer")
    return links.same(at, source, f"from {source.layer}")


RULES = {"X_in": x_in, "g_X_out": g_x_out}
