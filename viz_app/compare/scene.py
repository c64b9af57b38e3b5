"""What is drawn while two runs are compared: arrays of run A, of run B, and their difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil, log2

from core.tensor import Array
from viz_app.place.place import RUNS
from viz_app.run.ranges import joined, range_of
from viz_app.scene import pins
from viz_app.scene.panels import side_by_side
from viz_app.scene.registry import Beside, Look
from viz_app.scene.scene import Panel, Scene, Tile
from viz_app.style.scales import Limits, centred

# Behind the keys of the panels of run B and of the difference.
SECOND, LESS = "@second", "@less"
HEADS = ("A", "B", "B − A")
# Why no number of theirs is changed.
_NOT_EDITED = {
    SECOND: "Run B takes over what is changed in A: double click the same cell of A.",
    LESS: "This is B − A: change the number in A, and B takes it over.",
}
NO_DIFFERENCE = "no difference: {} in A, {} in B"


def scene_of(look: Look) -> Scene:
    """Return the scene of what is looked at, with the second run beside it if there is one."""
    scene = pins.scene_of(look)
    beside = look.beside
    if beside is None or beside.other is None or beside.difference is None:
        return scene
    scenes = pins.scene_of(beside.other), pins.scene_of(beside.difference)
    rows = [_row(look, beside, panel, *scenes) for panel in scene.panels.values()]
    panels, layout = side_by_side(rows, HEADS)
    result = scene.result if scene.result in panels else ""
    return replace(scene, panels=panels, layout=layout, result=result)


def run_of(key: str) -> str | None:
    """Return which run a panel shows, of `RUNS`; None where it shows a difference, or no key."""
    if not key or key.endswith(LESS):
        return None
    return RUNS[1] if key.endswith(SECOND) else RUNS[0]


def not_edited(key: str) -> str:
    """Return why no number of a panel is changed; empty where one of run A is."""
    return next((said for end, said in _NOT_EDITED.items() if key.endswith(end)), "")


def _row(look: Look, beside: Beside, panel: Panel, second: Scene, less: Scene) -> list[Panel]:
    """Return a panel of run A, and the same of run B and of the difference, as far as there are."""
    mine = replace(panel, title=f"A: {panel.title}")
    other, found = _same(panel, second), _same(panel, less)
    if other is None:
        return [replace(mine, note="run B has none")]
    # A title may tell a setting of the run: of the difference it is the plain one then.
    is_plain = other.title == panel.title
    title = panel.title if is_plain else look.title(panel.array, look.arrays[panel.array].ndim)
    shared = joined([mine.limits, other.limits]) or mine.limits
    limits = centred(shared) if shared[0] < 0 else shared
    mine = replace(mine, limits=limits)
    other = replace(
        other, key=f"{panel.key}{SECOND}", title=f"B: {other.title}", limits=limits, now=panel.now
    )
    shapes = _shapes(look, beside, panel.array)
    if found is None or beside.difference is None or len(set(shapes)) > 1:
        return [mine, replace(other, note=NO_DIFFERENCE.format(*shapes))]
    pairs = zip(mine.tiles, other.tiles, strict=True)
    scales = [_shared(one.limits, two.limits) for one, two in pairs]
    whole = beside.difference.arrays[panel.array]
    return [
        replace(mine, tiles=_scaled(mine.tiles, scales)),
        replace(other, tiles=_scaled(other.tiles, scales)),
        replace(_less(found, whole), key=f"{panel.key}{LESS}", title=f"B − A: {title}"),
    ]


def _less(found: Panel, whole: Array) -> Panel:
    """Return the panel of a difference, on a scale of its own whose middle is zero."""
    tiles = [replace(t, marks=None, colours=None, limits=None) for t in found.tiles]
    most = max(map(abs, range_of(whole) or (0.0, 0.0)))
    # A power of two: it stays the same for some iterations.
    size = 2.0 ** ceil(log2(most)) if most > 0 else 1.0
    note = found.note if most else "the same in both"
    return replace(
        found, tiles=tiles, now=False, scale="diverging", limits=(-size, size), note=note,
        is_picture=None, rounding=0.0,
    )  # fmt: skip


def _same(panel: Panel, scene: Scene) -> Panel | None:
    """Return the panel of a scene that shows the same cells; None if there is none."""
    found = {**scene.spare, **scene.panels}
    alike = [one for one in found.values() if one.array == panel.array and not one.is_empty]
    first = [found[panel.key]] if panel.key in found else []
    fitting = (one for one in (*first, *alike) if len(one.tiles) == len(panel.tiles))
    return next(fitting, next(iter((*first, *alike)), None))


def _shapes(look: Look, beside: Beside, array: str) -> list[str]:
    """Return the shape of an array in both runs."""
    found = (at.arrays.get(array) for at in (look, beside.other) if at is not None)
    return ["none" if one is None else "×".join(map(str, one.shape)) or "1" for one in found]


def _shared(one: Limits | None, two: Limits | None) -> Limits | None:
    """Return the range that holds the ranges of the same tile in both runs."""
    found = joined([one, two])
    return centred(found) if found is not None and found[0] < 0 else found


def _scaled(tiles: Sequence[Tile], scales: Sequence[Limits | None]) -> list[Tile]:
    return [replace(tile, limits=own) for tile, own in zip(tiles, scales, strict=True)]
