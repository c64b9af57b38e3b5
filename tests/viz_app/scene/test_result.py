"""What an inner stage makes, and of what."""

from __future__ import annotations

import pytest

from tests.viz_app.viewers import viewer_of
from viz_app.place import moves
from viz_app.place.place import Place
from viz_app.scene.registry import Look, view_of
from viz_app.scene.result import cells_of, count_of

# Layer and inner stage -> the result, and what it is made of.
RESULTS = {
    ("forward", "conv", "slide"): ("", None),
    ("forward", "conv", "unroll"): ("X_col", {"X_in"}),
    ("forward", "conv", "multiply"): ("K_X_col", {"K", "X_col"}),
    ("forward", "conv", "reshape"): ("X_out", {"K_X_col"}),
    ("forward", "pool", "windows"): ("", None),
    ("forward", "pool", "winner"): ("winner", {"X_in"}),
    ("forward", "linear", "multiply"): ("X_out", {"X_in", "weight", "bias"}),
    ("backward", "conv", "column gradient"): ("g_X_col", {"K", "g_X_out_matrix"}),
    ("backward", "conv", "col2im"): ("g_X_in", {"g_X_col"}),
    ("update", "conv", "weight"): ("velocity", {"velocity_before", "gradient"}),
}


@pytest.mark.parametrize("preset", ["one", "digits", "residual"])
def test_a_result_is_never_given_and_what_comes_later_is_not_shown_yet(preset: str) -> None:
    trace = viewer_of(preset).trace
    found = dict[tuple[str, str, str], tuple[str, set[str]]]()
    for number, stage in enumerate(trace.stages):
        for inner, (name, arrays) in enumerate(stage.inner.items()):
            look = Look(trace, Place(number, inner, "Cell"))
            scene = view_of(look)(look)
            said = cells_of(look, scene)
            found[stage.phase, stage.layer, name] = said["result"], set(said["operands"])
            assert not {"X_in", "K", "kernels", "bias", "gamma"} & {said["result"], *said["later"]}
            assert not set(said["later"]) & {*arrays, *said["made"], *said["operands"]}
            cells = scene.panels[said["result"]].tiles[0].values.size if said["result"] else 0
            assert count_of(look, scene) == cells
    if preset == "one":
        for key, (result, operands) in RESULTS.items():
            assert found[key][0] == result
            assert operands is None or found[key][1] == operands


def test_moves_begin_with_no_cell_and_go_back_to_all() -> None:
    trace = viewer_of("one").trace
    place = Place(0, 1, "Cell", cells=7).with_cell("X_col", (1, 1), {})
    there = moves.forward(place, trace)
    assert there is not None
    assert there == Place(0, 2, "Cell")
    assert moves.back(there, trace) == Place(0, 1, "Cell", cells=None)
    first = moves.forward(Place(0, 3, "Cell", cells=None), trace)
    assert first is not None
    assert first == Place(1, 0, "Cell")
    assert moves.back(first, trace) == Place(0, 3, "Cell", cells=None)
    # Other grains know nothing of cells.
    assert moves.back(Place(0, 2, "Inside"), trace) == Place(0, 1, "Inside")
