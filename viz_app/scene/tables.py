"""Panels that sum up: a number for each channel, and how often numbers occur."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import floor, log10

import numpy as np

from core.tensor import Array
from viz_app.run.ranges import range_of
from viz_app.scene.panels import matrix
from viz_app.scene.registry import Look
from viz_app.scene.scene import Panel, Tile

MOST_BARS = 24  # of a histogram
WIDEST = 8  # times the narrowest histogram, the width of the axis that all of them share


def channel_row(look: Look, key: str, name: str = "c", *, sample: int = 0) -> Panel:
    """Return a row of a table: one number a channel, of shape (C,), or (N, C) at a sample."""
    whole = look.arrays[key]
    rows = whole.reshape(-1, whole.shape[-1])
    row = matrix(
        look,
        key,
        (("n", len(rows)),) if whole.ndim > 1 else (),
        ((name, rows.shape[1]),),
        array=rows,
        block=(sample, sample + 1, 0, rows.shape[1]),
        index="rc" if whole.ndim > 1 else "c",
        note="channels",
        title=look.title(key, whole.ndim, is_short=True),
    )
    # A table of numbers: a colour for each row would need as many scales.
    return replace(row, scale="none")


def histograms(look: Look, arrays: Mapping[str, Array], note: str = "") -> dict[str, Panel]:
    """Return a histogram of each array below the same axis, if that shows the form of each.

    Args:
        look: where somebody looks.
        arrays: the numbers to count, by the key of the array that they are a part of.
        note: what is counted.
    """
    spans = {key: range_of(array) or (0.0, 1.0) for key, array in arrays.items()}
    sizes = [high - low for low, high in spans.values()]
    lows, highs = zip(*spans.values(), strict=True)
    whole = (min(lows), max(highs))
    if whole[1] - whole[0] <= WIDEST * min(sizes):
        spans = dict.fromkeys(spans, whole)
    panels = {}
    for key, array in arrays.items():
        start, step, count = bins(*spans[key], MOST_BARS)
        edges = start + step * np.arange(count + 1)
        counts = np.histogram(array, edges)[0].reshape(1, -1)
        panels[key] = Panel(
            key=f"{key}@histogram",
            title=look.title(key, look.arrays[key].ndim),
            tiles=[Tile(counts, bins=(start, step))],
            rows=(),
            columns=(("b", count),),
            scale="none",
            limits=(0.0, float(counts.max()) or 1.0),
            note=f"{note}{start:.4g} to {edges[-1]:.4g}, bin width {step:g}".replace("-", "−"),
        )
    return panels


def bins(low: float, high: float, most: int) -> tuple[float, float, int]:
    """Return start, width and number of at most `most` bins that hold [low, high].

    The width is 1, 2 or 5 times a power of ten, and an edge lies at zero.
    """
    span = max(high - low, abs(high) * 1e-6, 1e-12)
    power = 10.0 ** floor(log10(span / most))
    for factor in (1, 2, 5, 10, 20):
        step = factor * power
        first, last = floor(low / step), floor(high / step) + 1
        if last - first <= most:
            break
    return first * step, step, last - first
