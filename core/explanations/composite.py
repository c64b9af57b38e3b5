"""Residual blocks, number by number: two branches and their sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.explanations.links import leaf_name, same
from core.explanations.names import latex, letters
from core.explanations.parts import Reason, term, total
from core.explanations.place import Place

if TYPE_CHECKING:
    from core.layers.composite import Residual


def body(layer: Residual, at: Place) -> Reason:
    """What the last layer of the body gives."""
    last = leaf_name(layer.body, at.trace.layers, -1)
    return same(at, at.of("X_out", "forward", last), f"output of {last}")


def shortcut(layer: Residual, at: Place) -> Reason:
    """What the last layer of the shortcut gives; the input without one."""
    if layer.shortcut is None:
        return same(at, at.of("X_in"), "the input itself")
    last = leaf_name(layer.shortcut, at.trace.layers, -1)
    return same(at, at.of("X_out", "forward", last), f"output of {last}")


def g_body(layer: Residual, at: Place) -> Reason:
    """The input gradient of the first layer of the body."""
    first = leaf_name(layer.body, at.trace.layers, 0)
    return same(at, at.of("g_X_in", "backward", first), f"from {first}")


def g_shortcut(layer: Residual, at: Place) -> Reason:
    """The input gradient of the shortcut; the output gradient without one."""
    if layer.shortcut is None:
        return same(at, at.of("g_X_out"), "passed on as it is")
    first = leaf_name(layer.shortcut, at.trace.layers, 0)
    return same(at, at.of("g_X_in", "backward", first), f"from {first}")


def added(layer: Residual, at: Place) -> Reason:
    """The sum of both branches."""
    names = {"X_out": ("body", "shortcut"), "g_X_in": ("g_body", "g_shortcut")}[at.array]
    return total(
        lambda *k: f"{latex(at.array, *k)} = {' + '.join(latex(name, *k) for name in names)}",
        letters(at.index),
        at.index,
        [term(at.of(name)(*at.index), note=name.removeprefix("g_")) for name in names],
    )


RULES = {
    "body": body,
    "shortcut": shortcut,
    "X_out": added,
    "g_body": g_body,
    "g_shortcut": g_shortcut,
    "g_X_in": added,
}
