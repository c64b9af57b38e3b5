"""What the tests cover, and where they look for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import panel as pn
from bokeh.model import Model
from bokeh.models import ColumnDataSource

from core.inspect.cell import Cell
from core.inspect.trace import StepTrace
from core.tensor import Array
from viz_app.components.component import Component
from viz_app.cover.covered import Covered

# Significant digits of a number that is found in a text.
FEWEST, MOST = 4, 9
NUMBERS = re.compile(r"\d*\.?\d+(?:e[-+]?\d+)?")


def arrays_of(trace: StepTrace) -> dict[Cell, Array]:
    """All arrays of an iteration."""
    found = dict[Cell, Array]()
    for stage in trace.stages:
        for inner, arrays in stage.inner.items():
            at = inner if stage.phase == "update" else None
            for name, array in arrays.items():
                found.setdefault(Cell(stage.phase, stage.layer, name, (), at), array)
    return found


def covered_numbers(trace: StepTrace, values: Iterable[float]) -> Covered:
    """Cover every cell of an iteration that has one of these numbers, or what is left of it."""
    sizes = np.abs(np.array(list(values), np.float32))
    masks = {
        cell: np.isin(np.abs(np.asarray(array, np.float32)), sizes)
        for cell, array in arrays_of(trace).items()
    }
    return Covered({cell: mask for cell, mask in masks.items() if mask.any()})


def messages(page: pn.viewable.Viewable, root: Model) -> Iterator[object]:
    """All that the browser was told: properties of our components, and what charts draw."""
    for component in page.select(Component):
        for name, value in component.param.values().items():
            if name not in ("stylesheets", "palettes", "printed", "axes"):
                yield value
    yield from (m.data for m in root.references() if isinstance(m, ColumnDataSource))


def told(message: object) -> Iterator[float | str]:
    """All numbers and texts of a message."""
    if isinstance(message, Mapping):
        for value in message.values():
            yield from told(value)
    elif isinstance(message, np.ndarray) and message.dtype.kind in "fiub":
        yield from np.unique(message[np.isfinite(message)]).tolist()
    elif isinstance(message, list | tuple | np.ndarray):
        for value in message:
            yield from told(value)
    elif isinstance(message, str | float):
        yield message


def found_in(messages: Iterable[object], values: Iterable[float]) -> set[float]:
    """Which numbers are told: as they are stored, or in a text with some digits."""
    sizes = {float(np.float32(abs(value))) for value in values}
    written = {f"{size:.{k}g}": size for size in sizes for k in range(FEWEST, MOST + 1)}
    written |= {text.removeprefix("0"): size for text, size in written.items()}
    found = set[float]()
    for item in (item for message in messages for item in told(message)):
        if isinstance(item, str):
            texts = set(NUMBERS.findall(item))
            found |= {written[text] for text in texts & written.keys()}
            found |= sizes & {float(np.float32(text)) for text in texts if len(text) > MOST}
        else:
            found |= sizes & {float(np.float32(abs(item)))}
    return found
