"""Which cells a scene draws: what is explained must be one of them, and some are covered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.inspect.cell import Cell
from core.tensor import Array
from viz_app.scene.registry import Look
from viz_app.scene.scene import Axis, Panel, Scene, Tile


def draws(scene: Scene, array: str, index: Sequence[int]) -> bool:
    """Return whether a panel of the scene has the cell, in sight or where one can scroll to it.

    Args:
        scene: what a view hands to the board.
        array: name of the cell's array.
        index: index of the cell in the whole array.
    """
    panels = [
        panel for panel in scene.panels.values() if panel.array == array and not panel.is_empty
    ]
    return any(_holds(panel, tile, tuple(index)) for panel in panels for tile in panel.tiles)


def _holds(panel: Panel, tile: Tile, index: tuple[int, ...]) -> bool:
    first, rest = index[: len(tile.prefix)], index[len(tile.prefix) :]
    if tile.bins is not None or first != tuple(tile.prefix):
        return False
    if panel.index == "dims":
        rows = len(panel.rows)
        at = {"r": _place(panel.rows, rest[:rows]), "c": _place(panel.columns, rest[rows:])}
    else:
        at = dict(zip(panel.index, rest, strict=True))
    shape = np.shape(tile.values)
    ranges = {"r": (tile.row_start, shape[0]), "c": (tile.column_start, shape[1])}
    return all(0 <= place - ranges[axis][0] < ranges[axis][1] for axis, place in at.items())


def _place(axis: Axis, index: Sequence[int]) -> int:
    """Return the place on an axis of several dimensions."""
    sizes = [size for _, size in axis]
    return int(np.ravel_multi_index(list(index), sizes)) if sizes else 0


def with_covered(scene: Scene, look: Look) -> Scene:
    """Return the scene of a look whose tiles know which of their cells are covered."""
    if not look.covered.masks:
        return scene
    stage = look.stage
    inner = list(stage.inner)[look.inner] if stage.phase == "update" else None

    def drawn(panel: Panel) -> Panel:
        mask = look.covered.mask(Cell(stage.phase, stage.layer, panel.array, (), inner))
        if mask is None:
            return panel
        return replace(panel, tiles=[_with_mask(panel, tile, mask) for tile in panel.tiles])

    return replace(scene, panels={key: drawn(panel) for key, panel in scene.panels.items()})


def on_tile(panel: Panel, tile: Tile, mask: Array) -> Array:
    """Return what a mask of the whole array says of the cells of a tile; of padding, False."""
    rows, columns = np.indices(tile.values.shape)
    at = {"r": rows + tile.row_start, "c": columns + tile.column_start}
    if panel.index == "dims":
        sizes = [[size for _, size in axis] for axis in (panel.rows, panel.columns)]
        found = [
            np.unravel_index(at[axis], size) for axis, size in zip("rc", sizes, strict=True) if size
        ]
        rest = [place for places in found for place in places]
    else:
        rest = [at[axis] for axis in panel.index]
    index = np.broadcast_arrays(*tile.prefix, *rest, rows)[:-1]
    inside = np.ones(rows.shape, bool)
    # Padding lies beside the array.
    for place, size in zip(index, mask.shape, strict=True):
        inside &= (place >= 0) & (place < size)
    found_there = np.zeros(rows.shape, bool)
    found_there[inside] = mask[tuple(place[inside] for place in index)]
    return found_there


def _with_mask(panel: Panel, tile: Tile, mask: Array) -> Tile:
    """Return a tile with what a mask of the whole array says of its cells."""
    if tile.bins is not None:
        return tile
    hidden = on_tile(panel, tile, mask)
    if tile.colours is not None:
        # A pixel has the numbers of all channels.
        hidden |= np.isnan(tile.colours).any(axis=-1)
    # A mark says something of a number too.
    marks = None if tile.marks is None else np.where(hidden, 0, tile.marks)
    return replace(tile, covered=hidden, marks=marks) if hidden.any() else tile
