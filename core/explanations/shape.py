"""Layers that move or drop numbers, number by number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.explanations.names import latex, letters
from core.explanations.parts import Reason, constant, term, total
from core.explanations.place import Place

if TYPE_CHECKING:
    from core.layers.shape import Dropout, Flatten


def flat(layer: Flatten, at: Place) -> Reason:
    """Each number moves, in row-major order of its sample."""
    n, k = at.index
    found = np.unravel_index(n * layer.output.shape[1] + k, layer.input.shape)
    place = tuple(map(int, found))
    return _moved(at, "X_in", "n k", letters(place), place)


def unflat(layer: Flatten, at: Place) -> Reason:
    """Each gradient moves back."""
    n, column = at.index[0], 0
    for k, size in zip(at.index[1:], layer.input.shape[1:], strict=True):
        column = column * size + k
    return _moved(at, "g_X_out", letters(at.index), "n k", (n, column))


def _moved(at: Place, source: str, left: str, right: str, index: tuple[int, ...]) -> Reason:
    return Reason(
        f"{latex(at.array, *left.split())} = {latex(source, *right.split())}",
        f"{latex(at.array, *at.index)} = {latex(source, *index)}",
        (term(at.of(source)(*index)),),
    )


FLATTEN = {"X_out": flat, "g_X_in": unflat}


def mask(layer: Dropout, at: Place) -> Reason:
    """Drawn at random: kept and scaled, or dropped."""
    kept = float(at.of("mask", "forward").array[at.index] != 0)
    scale = 1 / (1 - layer.p) if layer.training else 1.0
    written = latex("mask", *at.index)
    return Reason(
        rf"{latex('mask')} = \frac{{d}}{{1 - p}}",
        rf"{written} = \frac{{{kept:.0f}}}{{1 - {layer.p:g}}}"
        if layer.training
        else f"{written} = 1",
        (term(constant(kept), constant(scale), note="kept" if kept else "dropped, by chance"),),
    )


def dropped(layer: Dropout, at: Place) -> Reason:
    """Times the mask."""
    source = {"X_out": "X_in", "g_X_in": "g_X_out"}[at.array]

    def write(*k: object) -> str:
        return rf"{latex(at.array, *k)} = {latex(source, *k)} \cdot {latex('mask', *k)}"

    terms = [term(at.of(source)(*at.index), at.of("mask")(*at.index))]
    return total(write, letters(at.index), at.index, terms)


DROPOUT = {"mask": mask, "X_out": dropped, "g_X_in": dropped}
