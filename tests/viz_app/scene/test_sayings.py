"""What views say of single numbers, and that no number is explained that is not drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import viz_app.layer_views  # noqa: F401  registers what is said
from core.inspect.cell import Cell
from core.inspect.explain import explain
from core.inspect.trace import StepTrace
from tests.core.inspect.test_explain import record
from tests.viz_app.viewers import viewer_of
from viz_app.components.explanation.explanation import explained
from viz_app.scene.pins import scene_of
from viz_app.scene.sayings import saying_of
from viz_app.scene.sight import draws
from viz_app.style.notation import markup


def why(trace: StepTrace, cell: Cell) -> str:
    return saying_of(trace, cell).why_of(trace, cell)


def test_a_bias_says_why_it_learns_nothing_before_batch_norm_only() -> None:
    trace = record("conv 2 k3 p1, bn, relu, conv 2 k3, flatten, linear 10", batch_size=2)
    for cell, said in (
        (Cell("backward", "conv1", "g_bias", (0,)), True),
        (Cell("update", "conv1", "gradient", (0,), "bias"), True),
        (Cell("update", "conv1", "gradient", (0, 0, 0, 0), "weight"), False),
        (Cell("backward", "conv2", "g_bias", (0,)), False),
        (Cell("backward", "linear", "g_bias", (0,)), False),
        (Cell("update", "bn", "gradient", (0,), "bias"), False),
    ):
        assert bool(why(trace, cell)) == said, cell


def test_a_tie_says_why_the_first_wins() -> None:
    trace = viewer_of().trace
    winners = trace.stage("forward", "pool1").array("winner")
    said = set()
    for index in np.ndindex(*winners.shape[:2], 1, 1):
        cell = Cell("forward", "pool1", "winner", index)
        values = explain(trace, cell).terms.values
        ties = int((values == values.max()).sum())
        text = why(trace, cell)
        assert text.startswith(f"A tie of {ties} cells.") if ties > 1 else not text
        said.add(ties > 1)
    assert said == {True, False}


def test_columns_say_what_they_are_good_for() -> None:
    trace = viewer_of().trace
    assert "up to 9 times" in why(trace, Cell("forward", "conv1", "X_col", (0, 0)))
    assert not why(trace, Cell("forward", "conv1", "K_X_col", (0, 0)))


@pytest.mark.parametrize(
    ("cell", "heading"),
    [
        (Cell("forward", "conv", "K_X_col", (0, 5)), "Row 0 times column 5"),
        (Cell("forward", "conv", "X_out", (0, 0, 1, 2)), "Kernel 0 times window (1, 2)"),
        (Cell("forward", "linear", "X_out", (0, 2)), "Sample 0 times row 2 of W"),
        (Cell("forward", "relu", "X_out", (0, 0, 1, 2)), ""),
    ],
)
def test_a_heading_states_what_was_done(cell: Cell, heading: str) -> None:
    trace = viewer_of("one").trace
    assert explained(trace, cell).message()["heading"] == markup(heading)


def test_a_product_goes_on_to_the_output_that_it_is_a_part_of() -> None:
    trace = viewer_of("one").trace
    shown = explained(trace, Cell("forward", "conv", "K_X_col", (0, 5)))
    assert shown.onward == Cell("forward", "conv", "X_out", (0, 0, 1, 1))


@pytest.mark.parametrize("preset", ["one", "digits", "residual"])
def test_every_number_that_is_visited_is_drawn(preset: str) -> None:
    viewer = viewer_of(preset)
    for stage in viewer.trace.stages:
        for inner, arrays in stage.inner.items():
            for name, array in arrays.items():
                index = tuple(size - 1 for size in np.shape(array))
                of_update = inner if stage.phase == "update" else None
                cell = Cell(stage.phase, stage.layer, name, index, of_update)
                viewer.visit(cell)
                assert viewer.cell == cell
                assert draws(scene_of(viewer.look), name, index), cell


def test_what_is_not_drawn_is_not_explained() -> None:
    viewer = viewer_of("one")
    viewer.visit(Cell("backward", "conv", "g_K", (0, 4)))
    viewer.go(replace(viewer.place, inner=1))
    assert viewer.cell is None
    # Another sample has other columns.
    viewer = viewer_of()
    viewer.visit(Cell("forward", "conv1", "X_col", (0, 3)))
    viewer.go(replace(viewer.place, sample=2))
    assert viewer.cell is None
    viewer.visit(Cell("forward", "conv1", "X_col", (0, 3)))
    viewer.choose_sample(2)
    assert viewer.cell == Cell("forward", "conv1", "X_col", (0, 3 + 2 * 64))
