"""Covered numbers: nothing that is sent to the browser tells them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from core.inspect.cell import Cell
from core.inspect.explain import explain
from core.inspect.trace import StepTrace
from tests.viz_app.covering import arrays_of, covered_numbers, found_in, messages
from tests.viz_app.viewers import viewer_of
from viz_app.cover.covered import Covered
from viz_app.cover.iteration import TARGETS, cover
from viz_app.dashboard import Dashboard
from viz_app.place.place import SIDES, THEN
from viz_app.viewer import Viewer

# Cells of every array are covered; those of some are visited.
EVERY = 8


def chosen(trace: StepTrace) -> dict[Cell, float]:
    """The largest number of each array that has many digits: 0 and 0.9 stand elsewhere too."""
    found = dict[Cell, float]()
    for cell, array in arrays_of(trace).items():
        flat = np.asarray(array, np.float64).reshape(-1)
        tells = np.flatnonzero(np.abs(flat * 80 - np.rint(flat * 80)) > 1e-4)
        if tells.size:
            # It may be an end of a colour scale.
            at = tells[np.argmax(np.abs(flat[tells]))]
            index = np.unravel_index(int(at), array.shape)
            found[replace(cell, index=tuple(map(int, index)))] = float(flat[at])
    return found


def walk(viewer: Viewer, cells: list[Cell]) -> Iterator[None]:
    """Go through all inner stages, and explain covered numbers and others beside them."""
    for stage, there in enumerate(viewer.trace.stages):
        for inner in range(len(there.inner)):
            viewer.go_to_stage(stage, inner)
            viewer.change(pinned=(*viewer.look.stage_arrays, THEN), picture=True)
            yield
    for cell in cells:
        viewer.visit(cell)
        yield
        viewer.select(cell.array, (*cell.index[:-1], 0) if cell.index else (), {})
        yield
    for side in SIDES:
        viewer.change(side=side)
        yield


@pytest.mark.parametrize("preset", ["one", "residual"])
def test_no_message_tells_what_is_covered(preset: str) -> None:
    viewer = viewer_of(preset)
    cells = chosen(viewer.trace)
    numbers, visited = list(cells.values()), list(cells)[::EVERY]
    viewer.cover(covered_numbers(viewer.trace, numbers))
    dashboard = Dashboard(viewer)
    page = dashboard.page()
    root = page.get_root()
    viewer.change(grain="Inside")
    for _ in walk(viewer, visited):
        told = found_in(messages(page, root), numbers)
        named = [cell for cell, value in cells.items() if np.float32(abs(value)) in told]
        assert not named, viewer.place
        assert not viewer.message
    viewer.uncover()
    for cell in visited:
        viewer.visit(cell)
        assert found_in(messages(page, root), [cells[cell]]), f"{cell} is not looked for"


def test_an_explanation_does_not_tell_what_is_missing_in_a_sum() -> None:
    viewer = viewer_of("one")
    dashboard = Dashboard(viewer)
    stage = viewer.trace.stage("forward", "conv")
    mask = np.zeros(stage.array("K").shape, bool)
    mask[0, 4] = True
    viewer.cover(Covered({Cell("forward", "conv", "K", ()): mask}))
    viewer.visit(Cell("forward", "conv", "K_X_col", (0, 5)))
    said = dashboard.explaining.panel.content
    assert said["misses"]
    assert np.isnan([said["stored"], said["total"], said["sum"]]).all()
    hidden = [term["covered"] for term in said["terms"] if "covered" in term]
    assert hidden == [[0]], "one factor of one term"
    viewer.visit(Cell("forward", "conv", "K", (0, 4)))
    said = dashboard.explaining.panel.content
    assert said["covered"]
    assert "formula" not in said
    viewer.uncover()
    assert dashboard.explaining.panel.content["stored"] == pytest.approx(
        float(stage.array("K")[0, 4])
    )


def test_what_belongs_to_a_cell_is_not_told_where_that_is_covered() -> None:
    viewer = viewer_of("one")
    dashboard = Dashboard(viewer)
    viewer.visit(Cell("forward", "conv", "K_X_col", (0, 5)))
    assert "apart" not in dashboard.board.scene["text"]
    viewer.cover(Covered(relations=True))
    assert '"apart":true' in dashboard.board.scene["text"]
    assert dashboard.explaining.panel.content["covered"]
    # No number is covered: all of them are drawn.
    assert viewer.trace is viewer.run.trace


def test_where_a_number_comes_from_is_known_without_it() -> None:
    trace = viewer_of("residual").trace
    numbers = list(chosen(trace).values())
    covered = covered_numbers(trace, numbers)
    shown = cover(trace, covered)
    for cell, array in arrays_of(shown).items():
        at = replace(cell, index=(0,) * array.ndim)
        assert explain(shown, at).source == explain(trace, at).source, cell
    assert cover(trace, Covered()) is trace


def test_classes_are_not_told_where_the_targets_are_covered() -> None:
    viewer = viewer_of("digits")
    dashboard = Dashboard(viewer)
    before = dashboard.strip.ends["text"]
    assert viewer.trace.class_names[int(viewer.trace.targets[0])] in before
    viewer.cover(Covered({TARGETS: np.ones(len(viewer.trace.targets), bool)}))
    assert '"samples":["","","","","","","",""]' in dashboard.strip.ends["text"]
    assert '"classes":[]' in dashboard.strip.ends["text"]
    assert "accuracy" not in viewer.status
    viewer.uncover()
    assert dashboard.strip.ends["text"] == before


def test_nothing_is_compared_with_other_iterations_while_numbers_are_covered() -> None:
    viewer = viewer_of("one")
    viewer.step()
    before = viewer.look
    assert len(before.earlier) == 2
    viewer.cover(covered_numbers(viewer.trace, chosen(viewer.trace).values()))
    assert not viewer.look.earlier
    assert not viewer.look.ranges
    viewer.cover(Covered(relations=True))
    # No number is covered: they are compared as ever.
    assert (viewer.look.trace, viewer.look.earlier) == (before.trace, before.earlier)
    assert not viewer.look.is_like(before)
    viewer.uncover()
    assert viewer.look.is_like(before)


def test_scales_that_arrays_share_end_at_numbers_that_can_be_read() -> None:
    viewer = viewer_of("one")
    viewer.go_to_layer("conv", "update")
    before, after = (viewer.look.arrays[key] for key in ("before", "after"))
    mask = np.abs(after) >= min(np.abs(before).max(), np.abs(after).max())
    assert mask.any()
    cells = [replace(cell, index=()) for cell in arrays_of(viewer.trace) if cell.phase == "update"]
    here = [cell for cell in cells if cell.array in ("before", "after") and cell.layer == "conv"]
    masks = {cell: mask for cell in here if arrays_of(viewer.trace)[cell].shape == mask.shape}
    viewer.cover(Covered(masks))
    panels = viewer.scene(viewer.look).panels
    seen = [np.abs(viewer.look.arrays[key]) for key in ("before", "after")]
    most = max(float(np.nanmax(array)) for array in seen)
    assert panels["before"].limits == panels["after"].limits == (-most, most)
    assert most < np.abs(after).max()


def test_covering_changes_nothing_that_was_recorded() -> None:
    viewer = viewer_of("one")
    dashboard, recorded = Dashboard(viewer), viewer.run.trace
    viewer.change(grain="Inside")
    viewer.go_to_stage(0, 2)
    before = dashboard.board.scene
    assert "covered" not in before["text"]
    numbers = {cell: array.copy() for cell, array in arrays_of(recorded).items()}
    viewer.cover(covered_numbers(recorded, chosen(recorded).values()))
    assert "covered" in dashboard.board.scene["text"]
    for cell, array in arrays_of(recorded).items():
        np.testing.assert_array_equal(array, numbers[cell])
    # What an iteration does not have is left out.
    viewer.step()
    viewer.set("batch_size", 2)
    assert not viewer.message
    viewer.set("batch_size", 1)
    viewer.uncover()
    viewer.go_to_stage(0, 2)
    now = dashboard.board.scene
    assert len(now["text"]) == len(before["text"])
    assert len(now["numbers"]) == len(before["numbers"])
