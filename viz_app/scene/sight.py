"""Which cells a scene draws: what is explained must be one of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

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
