"""Pooling, number by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.explanations.names import latex, position
from core.explanations.parts import Reason, Term, constant, function, largest, term, total
from core.explanations.place import Place
from core.explanations.windows import over, read, readers, under

if TYPE_CHECKING:
    from core.layers.pool import AvgPool2d, GlobalAvgPool2d, MaxPool2d, Pool2d


def _window(layer: Pool2d, at: Place) -> list[tuple[int, Term | None]]:
    """Return the places s · KW + t of the cell's window with their numbers; None is padding."""
    (n, c, i, j), x = at.index, at.of("X_in")
    places: list[tuple[int, Term | None]] = []
    for s in range(layer.kernel_size[0]):
        for t in range(layer.kernel_size[1]):
            cell = read(layer, i, j, s, t)
            note = f"place {position((s, t))} of the window"
            number = None if cell is None else term(x(n, c, *cell), note=note)
            places.append((s * layer.kernel_size[1] + t, number))
    return places


def max_out(layer: MaxPool2d, at: Place) -> Reason:
    """The largest number of the window; padding never wins."""
    return largest(
        lambda n, c, i, j: (
            rf"{latex('X_out', n, c, i, j)} = \max_{{s,t}} "
            + latex("X_in", n, c, *under(layer, i, j))
        ),
        "n c i j",
        at.index,
        [number for _, number in _window(layer, at) if number is not None],
    )


def winner(layer: MaxPool2d, at: Place) -> Reason:
    """The first place of the window, row by row, that holds the largest number."""
    inside = [(place, number) for place, number in _window(layer, at) if number is not None]

    def make(values: Sequence[float]) -> float:
        return float(inside[values.index(max(values))][0])

    return function(
        f"row · {layer.kernel_size[1]} + column of the largest number in the window",
        make,
        lambda n, c, i, j: f"{latex('winner', n, c, i, j)} = s \\cdot {layer.kernel_size[1]} + t",
        "n c i j",
        at.index,
        [number for _, number in inside],
    )


def mask(layer: MaxPool2d, at: Place) -> Reason:
    """How many windows the input cell won."""
    (n, c, row, column), winners = at.index, at.of("winner", "forward")
    width = layer.kernel_size[1]
    windows = list(readers(layer, row, column))
    places = [s * width + t for s, t, _, _ in windows]

    def make(values: Sequence[float]) -> float:
        return float(sum(value == place for value, place in zip(values, places, strict=True)))

    terms = [
        term(winners(n, c, i, j), note=f"window {position((i, j))}; here is place {place}")
        for (_, _, i, j), place in zip(windows, places, strict=True)
    ]
    return function(
        "number of windows whose winner is here",
        make,
        lambda n, c, i, j: rf"{latex('mask', n, c, i, j)} = {_windows(layer, n, c, i, j)}",
        "n c i j",
        at.index,
        terms,
    )


def max_g_in(layer: MaxPool2d, at: Place) -> Reason:
    """The gradients of the windows that the cell won."""
    (n, c, row, column), g = at.index, at.of("g_X_out")
    winners, width = at.of("winner").array, layer.kernel_size[1]
    terms = []
    for s, t, i, j in readers(layer, row, column):
        won = winners[n, c, i, j] == s * width + t
        note = f"window {position((i, j))}: {'won' if won else 'not won'}"
        terms.append(term(g(n, c, i, j), constant(won), note=note))
    return total(
        lambda n, c, i, j: (
            f"{latex('g_X_in', n, c, i, j)} = {_windows(layer, n, c, i, j)} \\cdot "
            + latex("g_X_out", n, c, *over(layer, i, j))
        ),
        "n c i j",
        at.index,
        terms,
    )


def _windows(layer: MaxPool2d, *index: object) -> str:
    """The sum over the windows that contain a cell, 1 for those that it won, 0 for others."""
    n, c, i, j = index
    winner = latex("winner", n, c, *over(layer, i, j))
    return rf"\sum_{{s,t}} [{winner} = {layer.kernel_size[1]} s + t]"


MAX = {"X_out": max_out, "winner": winner, "mask": mask, "g_X_in": max_g_in}


def avg_out(layer: AvgPool2d, at: Place) -> Reason:
    """The mean of the window, zeros of the padding included."""
    size = layer.kernel_size[0] * layer.kernel_size[1]
    share, padding = constant(1 / size), term(constant(0), constant(1 / size), note="padding")
    terms = [
        padding if number is None else term(*number.factors, share, note=number.note)
        for _, number in _window(layer, at)
    ]
    return total(
        lambda n, c, i, j: (
            rf"{latex('X_out', n, c, i, j)} = \frac{{1}}{{{size}}} "
            rf"\sum_{{s,t}} {latex('X_in', n, c, *under(layer, i, j))}"
        ),
        "n c i j",
        at.index,
        terms,
    )


def avg_g_in(layer: AvgPool2d, at: Place) -> Reason:
    """An equal share of the gradient of every window that contains the cell."""
    (n, c, row, column), g = at.index, at.of("g_X_out")
    size = layer.kernel_size[0] * layer.kernel_size[1]
    return total(
        lambda n, c, i, j: (
            rf"{latex('g_X_in', n, c, i, j)} = \frac{{1}}{{{size}}} "
            rf"\sum_{{s,t}} {latex('g_X_out', n, c, *over(layer, i, j))}"
        ),
        "n c i j",
        at.index,
        [
            term(g(n, c, i, j), constant(1 / size), note=f"window {position((i, j))}")
            for _, _, i, j in readers(layer, row, column)
        ],
    )


AVERAGE = {"X_out": avg_out, "g_X_in": avg_g_in}


def global_out(layer: GlobalAvgPool2d, at: Place) -> Reason:
    """The mean of the channel."""
    (n, c, _, _), x = at.index, at.of("X_in")
    height, width = x.array.shape[2:]
    share = constant(1 / (height * width))
    return total(
        lambda n, c: (
            rf"{latex('X_out', n, c, 0, 0)} = \frac{{1}}{{{height * width}}} "
            rf"\sum_{{i,j}} {latex('X_in', n, c, 'i', 'j')}"
        ),
        "n c",
        (n, c),
        [
            term(x(n, c, i, j), share, note=f"pixel {position((i, j))}")
            for i in range(height)
            for j in range(width)
        ],
    )


def global_g_in(layer: GlobalAvgPool2d, at: Place) -> Reason:
    """An equal share of the gradient of the mean."""
    n, c, _, _ = at.index
    size = layer.input.shape[2] * layer.input.shape[3]
    return total(
        lambda n, c, i, j: (
            rf"{latex('g_X_in', n, c, i, j)} = \frac{{1}}{{{size}}} " + latex("g_X_out", n, c, 0, 0)
        ),
        "n c i j",
        at.index,
        [term(at.of("g_X_out")(n, c, 0, 0), constant(1 / size))],
    )


GLOBAL = {"X_out": global_out, "g_X_in": global_g_in}
