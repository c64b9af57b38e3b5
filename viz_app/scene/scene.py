"""What a view hands to the board: panels of cells, and how they stand side by side."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.kernels.im2col import Windows
from core.symbols import axes, is_gradient
from core.tensor import Array
from viz_app.style.notation import markup, plain

# An axis is a product of named dimensions: (("n", 8), ("i", 4), ("j", 4)) for columns of X^(col).
Axis = tuple[tuple[str, int], ...]
# Coordinates by name: {"n": 0, "c": 3}. What they mean is in `linking.js`.
Coordinates = dict[str, int]

BOARD_AXES, WIDEST_BOARD = ("across", "down"), 100_000  # of the board as a whole; px


@dataclass(frozen=True)
class Tile:
    """One rectangle of cells: a matrix, or one channel of an image.

    Attributes:
        values: the numbers, shape (rows, columns), no more than what may be looked at now.
        fixed: coordinates that all cells share.
        prefix: the beginning of each cell's index in the recorded array.
        row_start: place of the first row on the panel's row axis.
        column_start: place of the first column on the panel's column axis.
        ring: rows above and below, columns left and right that are padding; they have no index.
        label: what tells this tile from the others ("channel 3").
        marks: cells to mark, same shape as `values`.
        limits: colour range of this tile alone, where it is not the panel's.
        colours: red, green and blue of each cell from 0 to 1, shape (rows, columns, 3), where it is
            a picture.
        bins: for a histogram, whose values are counts drawn as bars up to the panel's upper limit:
            where the first bin starts, and how wide each is. It stands for no cell of an array.
        covered: which cells are covered, shape of `values`, which are NaN there; None if none is.
    """

    values: Array
    fixed: Coordinates = field(default_factory=dict)
    prefix: tuple[int, ...] = ()
    row_start: int = 0
    column_start: int = 0
    ring: tuple[int, int, int, int] = (0, 0, 0, 0)
    label: str = ""
    marks: Array | None = None
    limits: tuple[float, float] | None = None
    bins: tuple[float, float] | None = None
    colours: Array | None = None
    covered: Array | None = None

    def message(self) -> dict[str, Any]:
        """Return the tile as the browser takes it."""
        return {
            "values": self.values,
            "shape": list(self.values.shape),
            "fixed": self.fixed,
            "prefix": list(self.prefix),
            "row_start": self.row_start,
            "column_start": self.column_start,
            "ring": list(self.ring),
            "label": self.label,
            "marks": self.marks,
            "range": None if self.limits is None else list(self.limits),
            "bins": None if self.bins is None else list(self.bins),
            "colours": self.colours,
            # As a rule there are none.
            **({} if self.covered is None else {"covered": self.covered}),
        }


@dataclass(frozen=True)
class Panel:
    """One recorded array, or a part of it, with title, caption and colour scale.

    Attributes:
        key: name of the array in its stage; also what a click reports.
        title: markup of the title (see `viz_app.style.notation`).
        tiles: what is drawn, the first one the largest.
        rows: meaning of a row.
        columns: meaning of a column.
        index: how a cell's place continues its tile's prefix to an index: "rc" row and column, "cr"
            column and row of a matrix drawn transposed, "r" row only, "c" column only, "" neither,
            "dims" all coordinates of row and column, for an array drawn as a matrix.
        scale: "sequential", "diverging", "mask", or "none" for cells whose colour means nothing.
        limits: numbers at the ends of the scale.
        note: caption in plain notation, such as the shape.
        unit: what is measured, where it has a unit.
        now: whether the inner stage at work made it.
        square: whether it is an image: its cells are square, and small ones do without numbers.
        is_empty: whether it is not computed yet: its cells stand empty.
        enough: how many rows are enough where there is little room; all if 0.
        rounding: numbers smaller than this are nothing but rounding; see `panels.rounded`.
        named: whether the names of the rows' places, or of the columns' (`Scene.names`), stand
            beside them.
        starts: what is added to a place in the array to get a coordinate; 0 where none is named.
        is_picture: whether it is drawn as a picture; None if it cannot be.
    """

    key: str
    title: str
    tiles: Sequence[Tile]
    rows: Axis
    columns: Axis
    index: str = "rc"
    scale: str = "sequential"
    limits: tuple[float, float] = (0.0, 1.0)
    note: str = ""
    unit: str = ""
    now: bool = False
    square: bool = False
    is_empty: bool = False
    enough: int = 0
    rounding: float = 0.0
    named: bool = False
    starts: Coordinates = field(default_factory=dict)
    is_picture: bool | None = None

    @property
    def colours(self) -> str:
        """The colour scale: numbers of both signs part at zero, in any array."""
        is_signed = self.scale == "sequential" and self.limits[0] < 0
        return "diverging" if is_signed else self.scale

    @property
    def array(self) -> str:
        """The name of the array."""
        return self.key.split("@")[0]

    @property
    def notes(self) -> list[str]:
        """The caption, and what is left of it where there is less and less room."""
        # Brackets hold things that belong together.
        first = self.note if "(" in self.note else self.note.split(", ")[0]
        return list(dict.fromkeys([self.note, first, re.sub(r" of \d+$", "", first)]))

    def coordinates(self, index: Sequence[int]) -> Coordinates:
        """Return the coordinates of the cell at an index of the whole array."""
        if self.index == "dims":
            names = [name for name, _ in (*self.rows, *self.columns)]
            return dict(zip(names, index[-len(names) :], strict=True))
        split = len(index) - len(self.index)
        found = dict(zip(self.tiles[0].fixed, index[:split], strict=False))
        axes = {"r": self.rows, "c": self.columns}
        for letter, place in zip(self.index, index[split:], strict=True):
            for name, size in reversed(axes[letter]):
                place, found[name] = divmod(place, size)
        return {name: at + self.starts.get(name, 0) for name, at in found.items()}

    def message(self, of_params: bool = False) -> dict[str, Any]:
        """Return the panel as the browser takes it.

        Args:
            of_params: whether arrays have the axes of params, which an explanation calls otherwise.
        """
        dims = len(self.rows) + len(self.columns)
        rank = len(self.tiles[0].prefix) + (dims if self.index == "dims" else len(self.index))
        return {
            "key": self.array,
            "axes": list(axes(self.array, rank, of_params)),
            "title": self.title,
            "plain": self.key,
            "tiles": [tile.message() for tile in self.tiles],
            "rows": [list(dim) for dim in self.rows],
            "columns": [list(dim) for dim in self.columns],
            "row_total": int(np.prod([size for _, size in self.rows])),
            "column_total": int(np.prod([size for _, size in self.columns])),
            "index": self.index,
            "scale": self.colours,
            "range": list(self.limits),
            "notes": [{"html": markup(note), "plain": plain(note)} for note in self.notes],
            "unit": self.unit,
            "now": self.now,
            "square": self.square,
            "empty": self.is_empty,
            "enough": self.enough,
            "rounding": self.rounding,
            "gradient": is_gradient(self.array),
            "named": self.named,
            "picture": self.is_picture,
        }


# A panel's key, an operator between panels, a column of items, {"grid": rows of items}, or
# {"table": keys of panels of one row each}, whose titles stand beside the rows. A grid whose rows
# hold one array each, as it is at several moments or in several runs, has "heads": their names.
Layout = Sequence[Any]


@dataclass(frozen=True)
class Geometry:
    """How windows lie on an image: what links input, kernel and output cells.

    Cell (s, t) of window (i, j) lies over row i·stride + s·dilation - padding, and the same for
    columns.

    Attributes:
        kernel: height and width of a window in cells.
        stride: steps between windows.
        padding: rows above and columns left of the image that windows reach.
        output: how many windows there are below and beside each other.
        dilation: steps between the cells of a window.
        groups: channels of a group going in and coming out, where there are several groups.
    """

    kernel: tuple[int, int]
    stride: tuple[int, int]
    padding: tuple[int, int]
    output: tuple[int, int]
    dilation: tuple[int, int] = (1, 1)
    groups: tuple[int, int] | None = None

    @classmethod
    def of(
        cls, windows: Windows, output: tuple[int, int], groups: tuple[int, int] | None = None
    ) -> Geometry:
        """Return the geometry of the windows of a layer."""
        w = windows
        return cls(w.kernel, w.stride, w.before, output, w.dilation, groups)


@dataclass(frozen=True)
class Scene:
    """All panels of a stage.

    Attributes:
        panels: by key; a key may carry `@suffix` where one array is drawn twice.
        layout: how they stand.
        geometry: of the windows, if the layer has any.
        names: words for the places of a dimension ({"k": ["cat", "dog"]}).
        scroll: first row or column in sight, by the names of an axis ("c,s,t").
        start: the same, until somebody has scrolled.
        spare: panels of the stage that stand in no layout, by key; see `viz_app.scene.pins`.
        then: what stands there instead while somebody compares: a param at several moments.
        offered: titles of the arrays of the stage that are not about the inner stage, and whether
            each is pinned.
        result: key of the panel whose cells are computed one by one, where it is not the first of
            those that the inner stage at work made.
        compared: keys of the panels that are compared in two runs, where these are not the first of
            those that the inner stage at work made.
    """

    panels: Mapping[str, Panel]
    layout: Layout
    geometry: Geometry | None = None
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    scroll: Mapping[str, int] = field(default_factory=dict)
    start: Mapping[str, int] = field(default_factory=dict)
    spare: Mapping[str, Panel] = field(default_factory=dict)
    then: Scene | None = None
    offered: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    result: str = ""
    compared: Sequence[str] = ()

    def selection(self, array: str, index: Sequence[int]) -> dict[str, Any]:
        """Return a selected cell as the browser takes it; empty if no array is named."""
        if not array:
            return {}
        panel = next((panel for panel in self.panels.values() if panel.array == array), None)
        found = {} if panel is None else panel.coordinates(index)
        return {"key": array, "index": list(index), "coordinates": found}

    @property
    def axes(self) -> dict[str, int]:
        """How many rows or columns the matrices have at most, by the names of their axes."""
        counts = dict[str, int]()
        for panel in self.panels.values():
            for axis, size in zip(
                (panel.rows, panel.columns), panel.tiles[0].values.shape, strict=True
            ):
                name = ",".join(name for name, _ in axis)
                counts[name] = max(size, counts.get(name, 0))
        return counts

    def scrolled(self, scroll: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
        """Return the nearest first rows and columns that there are, by the names of their axes.

        The board itself has two more, in px; how far it can be scrolled depends on the screen.
        """
        counts = dict.fromkeys(BOARD_AXES, WIDEST_BOARD) | self.axes
        found = {axis: max(0, min(at, counts[axis] - 1)) for axis, at in scroll if axis in counts}
        return tuple(sorted(found.items()))

    def message(self, of_params: bool = False) -> dict[str, Any]:
        """Return the scene as the browser takes it; see `Panel.message`."""
        return {
            "panels": {key: panel.message(of_params) for key, panel in self.panels.items()},
            "layout": list(self.layout),
            "geometry": None if self.geometry is None else vars(self.geometry),
            "names": {name: list(words) for name, words in self.names.items()},
            "scroll": dict(self.scroll),
            "start": dict(self.start),
            "offered": [
                {"key": key, "title": title, "pinned": pinned}
                for key, (title, pinned) in self.offered.items()
            ],
        }
