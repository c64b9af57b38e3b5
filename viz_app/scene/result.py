"""What an inner stage makes, and of what: the cells that are computed one by one at grain Cell."""

from __future__ import annotations

from typing import Any

from core.symbols import symbol
from viz_app.scene.registry import Look
from viz_app.scene.scene import Panel, Scene
from viz_app.style.notation import markup

# Arrays that a stage begins with, besides the parameters of its layer and what ends in "_before".
GIVEN = {"X_in", "kernels", "K", "gamma", "beta", "targets", "labels"}
# What an inner stage takes for other arrays than its first: the bias is added to the product later.
WITHOUT = {"K_X_col": {"bias"}, "velocity": {"before"}}


def cells_of(look: Look, scene: Scene) -> dict[str, Any]:
    """Return what the board has to know to compute the cells of a result one by one.

    That is the `grain`; where it is `at`, iteration, stage and inner stage; how many cells are
    computed as `count`, None for all; the key of the panel of the `result`, "" for none, and its
    `name` in a sentence, as markup; the arrays it is made of as `operands`; all that the inner
    stage at work makes as `made`; and what is made `later`.
    """
    stages, result = list(look.stage.inner.values()), _result(look, scene)
    known = {key for arrays in stages[: look.inner + 1] for key in arrays}
    made = {panel.array for panel in _made(look, scene)}
    array = "" if result is None else result.array
    shown = {panel.array for panel in scene.panels.values()}
    operands = (set(stages[look.inner]) & shown) - made - WITHOUT.get(array, set())
    return {
        "grain": look.place.grain,
        "at": [look.trace.iteration, look.place.stage, look.place.inner],
        "count": look.place.cells,
        "result": next((key for key, panel in scene.panels.items() if panel is result), ""),
        "name": "" if result is None else _name(look, array),
        "operands": sorted(operands or known - made),
        "made": sorted(made),
        "later": sorted({key for arrays in stages for key in arrays} - known - _given(look)),
    }


def _name(look: Look, array: str) -> str:
    return markup(symbol(array, look.arrays[array].ndim).words, look.notation)


def count_of(look: Look, scene: Scene) -> int:
    """Return how many cells of the result can be computed one by one; 0 if there is no result."""
    result = _result(look, scene)
    return 0 if result is None else int(result.tiles[0].values.size)


def _given(look: Look) -> set[str]:
    params = set() if look.layer is None else set(look.layer.params)
    # It is the loss that makes the first gradient.
    gradient = set() if look.stage.phase == "loss" else {"g_X_out"}
    return GIVEN | params | gradient | {key for key in look.arrays if key.endswith("_before")}


def _made(look: Look, scene: Scene) -> list[Panel]:
    """Return the panels of what the inner stage at work makes."""
    given = _given(look)
    return [panel for panel in scene.panels.values() if panel.now and panel.array not in given]


def _result(look: Look, scene: Scene) -> Panel | None:
    """Return the panel whose cells are computed one by one."""
    if scene.result:
        return scene.panels[scene.result]
    cells = (panel for panel in _made(look, scene) if panel.tiles[0].bins is None)
    return next(cells, None)
