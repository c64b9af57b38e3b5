"""Panels that many views are made of. How large they are drawn is a matter of the browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod

import numpy as np

from core.inspect.explain import ROUNDING
from core.tensor import Array
from viz_app.run.ranges import range_of
from viz_app.scene.pictures import enters, is_picture, pictured
from viz_app.scene.registry import Look
from viz_app.scene.scene import Axis, Coordinates, Layout, Panel, Tile
from viz_app.style.notation import scale_of
from viz_app.style.scales import Limits, centred, natural_limits


def images(
    look: Look,
    key: str,
    dims: tuple[str, str, str] = ("c", "y", "x"),
    *,
    channel: int | None = None,
    marks: Array | None = None,
    array: Array | None = None,
    note: str = "",
    fixed: Coordinates | None = None,
    thumbs: str = "channels",
    title: str = "",
    start: int = 0,
    padding: tuple[int, int, int, int] = (0, 0, 0, 0),
) -> Panel:
    """Return the channels of one sample: the one in sight large, all of them small below.

    Args:
        look: where somebody looks.
        key: name of an array of shape (N, C, H, W), or (N, C, L), (N, C).
        dims: coordinate names of channel, row and column.
        channel: the channel in sight; `look.channel` if None.
        marks: cells to mark, of the array's shape.
        array: the array itself where the stage does not hold it by this key.
        note: caption; the shape if empty.
        fixed: what the first axis stands for where it is not the sample: {"o": 3} for the kernels
            of output channel 3, given as `array` of shape (1, C, H, W).
        thumbs: what stands small below: all "channels" of the sample, the channel in sight of all
            "samples", or nothing if empty.
        title: markup; the array's own if empty.
        start: coordinate of the first channel.
        padding: rows of zeros that windows reach above and below the image, columns left and right.
    """
    whole = look.arrays[key] if array is None else array
    sample = 0 if fixed else min(look.sample, len(whole) - 1)
    channels = as_images(whole[sample])
    count, rows, columns = channels.shape
    here = min(look.channel if channel is None else channel, count - 1)
    limits = look.limits(key, whole)
    # A vector has no rows and columns, so its index ends with the channel.
    index = {4: "rc", 3: "c", 2: ""}[whole.ndim]

    def own_limits(image: Array) -> Limits:
        own = natural_limits(key, image)
        return centred(own) if limits[0] < 0 else own

    def tile(n: int, c: int, ring: tuple[int, int, int, int] = (0, 0, 0, 0)) -> Tile:
        image = as_images(whole[n])[c]
        above, below, left, right = ring
        around = ((above, below), (left, right))
        where = fixed or {"n": n}
        return Tile(
            values=np.pad(image, around) if any(ring) else image,
            fixed={**where, dims[0]: c + start},
            prefix=(*where.values(), c),
            row_start=-above,
            column_start=-left,
            ring=ring,
            label=f"channel {c}" if n == sample else f"sample {n}",
            marks=None if marks is None else np.pad(as_images(marks[n])[c], around),
            limits=own_limits(image) if look.each_channel else None,
        )

    tiles = [tile(sample, here, padding)]
    if thumbs == "channels" and count > 1:
        tiles += [tile(sample, c) for c in range(count)]
    elif thumbs == "samples" and len(whole) > 1:
        tiles += [tile(n, here) for n in range(len(whole))]
    above, below, left, right = padding
    of_all = f" of {count}" if count > 1 else ""
    can_be_seen = enters(look, key) and is_picture(whole)
    panel = Panel(
        key=key,
        title=title or look.title(key, whole.ndim),
        tiles=tiles,
        rows=((dims[1], rows + above + below),),
        columns=((dims[2], columns + left + right),),
        index=index,
        scale=scale_of(key),
        limits=limits,
        note=note or f"channel {here}{of_all}, {rows}×{columns}",
        now=key in look.fresh,
        square=True,
        starts={dims[0]: start},
        is_picture=False if can_be_seen else None,
    )
    return pictured(panel, channels) if can_be_seen and look.place.picture else panel


def tensor(
    look: Look,
    key: str,
    dims: tuple[str, str, str] = ("c", "y", "x"),
    *,
    channel: int | None = None,
    marks: Array | None = None,
    note: str = "",
    thumbs: str = "channels",
    start: int = 0,
) -> Panel:
    """Return an array (N, C, ...) as images, or one (N, features) as a matrix; see `images`."""
    whole = look.arrays[key]
    if whole.ndim > 2:
        return images(
            look, key, dims, channel=channel, marks=marks, note=note, thumbs=thumbs, start=start
        )
    n, features = whole.shape
    axes = (("n", n),), ((dims[0], features),)
    panel = matrix(look, key, *axes, note=note or "n × features", marks=marks)
    return replace(panel, starts={dims[0]: start})


FLAT = 2  # rows, at most, of a matrix that is one row beside its width
FEW = 4  # columns that stand side by side all the same


def side_by_side(
    rows: Sequence[Sequence[Panel]], heads: Sequence[str]
) -> tuple[dict[str, Panel], Layout]:
    """Return panels that are compared, by key, and how they stand.

    Args:
        rows: one array each, as it is at several moments or in several runs. Long rows of numbers
            stand below each other.
        heads: what these moments or runs are called, in few words.
    """
    panels = {panel.key: panel for row in rows for panel in row}
    longest = max((len(row) for row in rows), default=0)
    grid, column = list[list[str]](), list[str]()
    for row in rows:
        keys = [panel.key for panel in row]
        if is_flat(row[0]) and row[0].tiles[0].values.shape[1] > FEW:
            column += keys
        else:
            grid.append(keys + [""] * (longest - len(row)))
    items = [*([{"grid": grid, "heads": list(heads)}] if grid else []), *column]
    return panels, [items] if column else items


def is_flat(panel: Panel) -> bool:
    """Return whether a panel is a few long rows of numbers."""
    return not panel.square and len(panel.tiles[0].values) <= FLAT


def made(panels: dict[str, Panel], *keys: str) -> dict[str, Panel]:
    """Return the panels with a mark on those of `keys`, and on no others."""
    return {name: replace(panel, now=panel.key in keys) for name, panel in panels.items()}


def rounded(panel: Panel, *operands: Array) -> Panel:
    """Return a panel that knows which of its numbers are nothing but rounding.

    Args:
        panel: of a result.
        operands: factors of the products that were added to make it.
    """
    ranges = (range_of(operand) or (0.0, 0.0) for operand in operands)
    return replace(panel, rounding=ROUNDING * prod(max(-low, high) for low, high in ranges))


def awaited(panel: Panel) -> Panel:
    """Return a panel of what is not computed yet: its cells are empty, and hold no number."""
    tile = panel.tiles[0]
    empty = replace(tile, values=np.zeros(tile.values.shape), marks=None, limits=None)
    return replace(panel, tiles=[empty], is_empty=True, now=False)


def as_images(sample: Array) -> Array:
    """Return one sample as (C, H, W): a feature is a channel of one pixel, or one row."""
    return sample.reshape(sample.shape[0], *(1,) * (3 - sample.ndim), *sample.shape[1:])


def matrix(
    look: Look,
    key: str,
    rows: Axis,
    columns: Axis,
    *,
    array: Array | None = None,
    block: tuple[int, int, int, int] | None = None,
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
        named=named,
    )


def flat(look: Look, key: str, names: Sequence[str], *, note: str | None = None) -> Panel:
    """Return an array of any rank as a matrix: its last axis along the rows of cells.

    Args:
        look: where somebody looks.
        key: name of the array.
        names: coordinate names of its axes. If the first is "n" and there are three or more, only
            the sample in sight is sent.
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
        note=" × ".join(map(str, whole.shape)) if note is None else note,
    )
