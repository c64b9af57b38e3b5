"""Panels that many views are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.tensor import Array
from viz_app.scene.registry import Look
from viz_app.scene.scene import LARGEST, PRINTS, Axis, Coordinates, Panel, Tile, fit
from viz_app.style.notation import scale_of
from viz_app.style.scales import Limits, centred, natural_limits

NUMBER = 46  # px of a cell that has room for three digits
MARKED = 8  # px of a cell from which on a mark does not hide it


def images(
    look: Look,
    key: str,
    dims: tuple[str, str, str] = ("c", "y", "x"),
    *,
    channel: int | None = None,
    width: int = 180,
    height: int = 180,
    marks: Array | None = None,
    array: Array | None = None,
    note: str = "",
    fixed: Coordinates | None = None,
    small: int = 8,
    most: int = LARGEST,
    title: str = "",
    start: int = 0,
) -> Panel:
    """Return the channels of one sample: the one in sight large, all of them small below.

    Args:
        look: where somebody looks.
        key: name of an array of shape (N, C, H, W), or (N, C, L), (N, C).
        dims: coordinate names of channel, row and column.
        channel: the channel in sight; `look.channel` if None.
        width: px for the large tile.
        height: px for the large tile.
        marks: cells to mark, of the array's shape.
        array: the array itself where the stage does not hold it by this key.
        note: caption; the shape if empty.
        fixed: what the first axis stands for where it is not the sample: {"o": 3} for the kernels
            of output channel 3, given as `array` of shape (1, C, H, W).
        small: most px of a cell of the small images; without them if 0.
        most: most px of a cell of the large tile.
        title: markup; the array's own if empty.
        start: coordinate of the first channel.
    """
    whole = look.arrays[key] if array is None else array
    sample = 0 if fixed else min(look.sample, len(whole) - 1)
    first = fixed or {"n": sample}
    channels = as_images(whole[sample])
    marked = None if marks is None else as_images(marks[sample])
    count, rows, columns = channels.shape
    here = min(look.channel if channel is None else channel, count - 1)
    limits = look.limits(key, whole)
    names = dims
    # A vector has no rows and columns, so its index ends with the channel.
    index = {4: "rc", 3: "c", 2: ""}[whole.ndim]

    def own_limits(image: Array) -> Limits:
        own = natural_limits(key, image)
        return centred(own) if limits[0] < 0 else own

    def tile(c: int, cell: int) -> Tile:
        return Tile(
            values=channels[c],
            fixed={**first, names[0]: c + start},
            prefix=(*first.values(), c),
            cell=cell,
            label=f"channel {c}",
            marks=None if marked is None or cell < MARKED else marked[c],
            limits=own_limits(channels[c]) if look.each_channel else None,
        )

    tiles = [tile(here, fit(rows, columns, width, height, most))]
    if count > 1 and small:
        tiles += [tile(c, thumb(rows, columns, count, width, small)) for c in range(count)]
    return Panel(
        key=key,
        title=title or look.title(key, whole.ndim),
        tiles=tiles,
        rows=((names[1], rows),),
        columns=((names[2], columns),),
        index=index,
        scale=scale_of(key),
        limits=limits,
        note=note or f"channel {here} of {count}, {rows}×{columns}",
        now=key in look.fresh,
        max_width=max(width, 2 * columns),
        max_height=max(height, 2 * rows),
        starts={names[0]: start},
    )


def tensor(
    look: Look,
    key: str,
    dims: tuple[str, str, str] = ("c", "y", "x"),
    *,
    channel: int | None = None,
    width: int = 170,
    height: int = 170,
    marks: Array | None = None,
    note: str = "",
    small: int = 8,
    most: int = LARGEST,
    start: int = 0,
) -> Panel:
    """Return an array (N, C, ...) as images, or one (N, features) as a matrix; see `images`."""
    whole = look.arrays[key]
    if whole.ndim > 2:
        return images(
            look, key, dims, channel=channel, width=width, height=height, marks=marks, note=note,
            small=small, most=most, start=start,
        )  # fmt: skip
    n, features = whole.shape
    cell = max(PRINTS, fit(n, features, width, height))
    axes = (("n", n),), ((dims[0], features),)
    panel = matrix(
        look, key, *axes, cell=cell, width=width, height=max(height, PRINTS),
        note=note or "n × features", marks=marks,
    )  # fmt: skip
    return replace(panel, starts={dims[0]: start})


def made(panels: dict[str, Panel], *keys: str) -> dict[str, Panel]:
    """Return the panels with a mark on those of `keys`, and on no others."""
    return {name: replace(panel, now=panel.key in keys) for name, panel in panels.items()}


def alike(*panels: Panel) -> dict[str, Panel]:
    """Return panels by key with one colour range for all, so that their cells can be compared."""
    lows, highs = zip(*(panel.limits for panel in panels), strict=True)
    limits = (min(lows), max(highs))
    if limits[0] < 0:
        limits = centred(limits)
    return {panel.key: replace(panel, limits=limits) for panel in panels}


def as_images(sample: Array) -> Array:
    """Return one sample as (C, H, W): a feature is a channel of one pixel, or one row."""
    return sample.reshape(sample.shape[0], *(1,) * (3 - sample.ndim), *sample.shape[1:])


def thumb(rows: int, columns: int, count: int, width: int, most: int = 8) -> int:
    """Return the cell size at which `count` small images stand in few rows within `width`."""
    across = min(count, max(4, int(np.ceil(np.sqrt(2 * count)))))
    return max(1, min(most, (width - 4 * across) // max(across * columns, 1)))


def matrix(
    look: Look,
    key: str,
    rows: Axis,
    columns: Axis,
    *,
    array: Array | None = None,
    block: tuple[int, int, int, int] | None = None,
    cell: int = PRINTS,
    cell_width: int = 0,
    width: int = 420,
    height: int = 210,
    note: str | None = None,
    index: str = "rc",
    title: str = "",
    prefix: tuple[int, ...] = (),
    fixed: Coordinates | None = None,
    marks: Array | None = None,
    named: bool = False,
) -> Panel:
    """Return a matrix, of which only a window may be in sight.

    Args:
        look: where somebody looks.
        key: name of the array.
        rows: meaning of a row.
        columns: meaning of a column.
        array: the matrix itself where it is a reshaped part of the array.
        block: first and last row and column that are sent (r0, r1, c0, c1); all if None.
        cell: px of a cell's height.
        cell_width: px of a cell's width; square if 0.
        width: px of the window.
        height: px of the window.
        note: caption; the shape if None.
        index: see `Panel`.
        title: markup; the array's own if empty.
        prefix: beginning of each cell's index.
        fixed: coordinates that all cells share.
        marks: cells to mark, of the array's shape.
        named: see `Panel`.
    """
    whole = np.asarray(look.arrays[key] if array is None else array)
    whole = whole.reshape(1, -1) if whole.ndim < 2 else whole
    r0, r1, c0, c1 = block or (0, whole.shape[0], 0, whole.shape[1])
    return Panel(
        key=key,
        title=title or look.title(key, look.arrays[key].ndim if key in look.arrays else whole.ndim),
        tiles=[
            Tile(
                values=whole[r0:r1, c0:c1],
                fixed=fixed or {},
                prefix=prefix,
                row_start=r0,
                column_start=c0,
                cell=cell,
                width=cell_width,
                marks=None if marks is None else marks[r0:r1, c0:c1],
            )
        ],
        rows=rows,
        columns=columns,
        index=index,
        scale=scale_of(key),
        limits=look.limits(key, look.arrays.get(key, whole)),
        note=f"{whole.shape[0]} × {whole.shape[1]}" if note is None else note,
        now=key in look.fresh,
        max_width=width,
        max_height=height,
        named=named,
    )


def flat(
    look: Look,
    key: str,
    names: Sequence[str],
    *,
    width: int = 330,
    height: int = 240,
    cell_width: int = 0,
    note: str | None = None,
) -> Panel:
    """Return an array of any rank as a matrix: its last axis along the rows of cells.

    Args:
        look: where somebody looks.
        key: name of the array.
        names: coordinate names of its axes. If the first is "n" and there are three or more, only
            the sample in sight is sent.
        width: px of the window.
        height: px of the window.
        cell_width: px of a cell's width; square if 0.
        note: caption; the shape if None.
    """
    whole = look.arrays[key]
    dims: Axis = tuple(zip(names, whole.shape, strict=True))
    columns = whole.shape[-1] if whole.ndim else 1
    rows = whole.size // columns if columns else 0
    block = None
    if whole.ndim > 2 and names[0] == "n":
        count = rows // len(whole)
        first = min(look.sample, len(whole) - 1) * count
        block = (first, first + count, 0, columns)
    return matrix(
        look,
        key,
        dims[:-1],
        dims[-1:],
        array=whole.reshape(rows, columns),
        block=block,
        index="dims" if dims else "",
        cell_width=cell_width,
        width=width,
        height=height,
        note=" × ".join(map(str, whole.shape)) if note is None else note,
    )
