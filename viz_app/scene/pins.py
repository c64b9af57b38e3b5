"""What belongs to a stage but not to its inner stage at work: one press away, and kept by a pin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from viz_app.place.place import THEN
from viz_app.scene.registry import Look, default_view, view_of
from viz_app.scene.scene import Panel, Scene

# Ends the key of a panel that stands there by a pin.
PINNED = "@pinned"
MOST_COMPARED = 3  # arrays, each of which is there three times
IMAGES = 4  # axes of an array of images


def scene_of(look: Look) -> Scene:
    """Return the scene of what is looked at, with what is pinned beside it."""
    scene = view_of(look)(look)
    if look.has_second:
        scene = _narrowed(scene)
    if scene.then is not None and compares(look):
        spare = {**scene.panels, **scene.spare}
        scene = replace(scene, panels=scene.then.panels, layout=scene.then.layout, spare=spare)
    shown = {panel.array for panel in scene.panels.values()}
    others = [key for key, array in look.stage_arrays.items() if key not in shown and array.size]
    found = {key: _panel(look, scene, key) for key in others if key in look.place.pinned}
    panels = {f"{key}{PINNED}": replace(panel, now=False) for key, panel in found.items()}
    layout = [*scene.layout, list(panels)] if panels else scene.layout
    names = _names(look)
    offered = {key: (names[key], key in found) for key in others}
    if scene.then is not None and not look.has_second:
        offered = {THEN: ("then and now", compares(look)), **offered}
    return replace(scene, panels={**scene.panels, **panels}, layout=layout, offered=offered)


def _narrowed(scene: Scene) -> Scene:
    """Return a scene of the first arrays that the inner stage makes; all else is in store."""
    arrays = {key: panel for key, panel in scene.panels.items() if panel.tiles[0].bins is None}
    made = {key: panel for key, panel in arrays.items() if panel.now or key == scene.result}
    # A number that sums up another array comes behind all of them.
    found = sorted(made.items(), key=lambda item: item[1].tiles[0].values.size == 1)
    named = {key: arrays[key] for key in scene.compared}
    shown = named or dict(found[:MOST_COMPARED]) or _operand(arrays)
    return replace(scene, panels=shown, layout=list(shown), spare={**arrays, **scene.spare})


def _operand(arrays: Mapping[str, Panel]) -> dict[str, Panel]:
    """Return the smallest array of which something is made later: its cells are readable."""
    filled = {key: panel for key, panel in arrays.items() if not panel.is_empty}
    least = sorted(filled.items(), key=lambda item: item[1].tiles[0].values.size)
    return dict(least[:1])


def compares(look: Look) -> bool:
    """Return whether a param is compared with what it was."""
    is_update = look.stage.phase == "update" and not look.has_second
    return is_update and THEN in look.place.pinned and bool(look.earlier_values())


def _names(look: Look) -> dict[str, str]:
    """Return the titles of the arrays of the stage; images of the same numbers are called so."""
    arrays = look.stage_arrays
    titles = {key: look.title(key, array.ndim) for key, array in arrays.items()}
    counts = Counter(titles.values())
    return {
        key: f"{title} as images" if counts[title] > 1 and arrays[key].ndim == IMAGES else title
        for key, title in titles.items()
    }


def _panel(look: Look, scene: Scene, key: str) -> Panel:
    """Return the panel of an array: as the scene has it in store, or as another one draws it."""
    for panels in (scene.spare, *_elsewhere(look)):
        for panel in panels.values():
            if panel.array == key and not panel.is_empty:
                return panel
    inner = next(k for k, arrays in enumerate(look.stage.inner.values()) if key in arrays)
    return _alone(default_view()(look.inside(inner)).panels[key])


def _elsewhere(look: Look) -> Iterator[dict[str, Panel]]:
    for inner in range(len(look.stage.inner)):
        if inner != look.inner:
            there = look.inside(inner)
            scene = view_of(there)(there)
            yield {**scene.panels, **scene.spare}


def _alone(panel: Panel) -> Panel:
    """Return a panel whose places are nobody else's: what they mean is not known."""

    def own(name: str) -> str:
        return f"{panel.key} {name}"

    def renamed(axis: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
        return tuple((own(name), size) for name, size in axis)

    tiles = [
        replace(tile, fixed={own(name): at for name, at in tile.fixed.items()})
        for tile in panel.tiles
    ]
    starts = {own(name): at for name, at in panel.starts.items()}
    rows, columns = renamed(panel.rows), renamed(panel.columns)
    return replace(panel, tiles=tiles, rows=rows, columns=columns, starts=starts)
