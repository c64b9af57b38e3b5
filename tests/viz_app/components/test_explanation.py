"""The explanation panel: every kind of number can be shown, its formula too."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from core.inspect.checks.check import CellCheck
from core.inspect.explain import Cell, explain
from core.inspect.trace import StepTrace
from core.losses import BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, Loss, MSELoss
from core.model import Model
from tests.core.cases import CASES, OTHERS, Case
from tests.core.inspect.test_explain import OPTIMIZERS, TEXTS, cells, record
from tests.viz_app.recorded import of_case, trace_of
from tests.viz_app.style.test_typeset import parsed, written
from tests.viz_app.viewers import viewer_of
from viz_app.components.explanation.explanation import MOST_TERMS, explained
from viz_app.components.explanation.terms import MOST_REASONS
from viz_app.dashboard import Dashboard

# A few of each kind of layer whose options make other formulas.
SHOWN = [*OTHERS, *(case for k, case in enumerate(CASES) if k % 20 == 0 and case not in OTHERS)]
LOSSES: dict[str, tuple[Loss, ArrayLike]] = {
    "cross-entropy": (CrossEntropyLoss(), [0, 2, 1]),
    "smoothed": (CrossEntropyLoss(label_smoothing=0.1), [0, 2, 1]),
    "squares": (MSELoss(), [[0.0, 1.0, 2.0]] * 3),
    "squares of classes": (MSELoss(), [0, 2, 1]),
    "differences": (L1Loss(), [[0.0, 1.0, 2.0]] * 3),
    "binary": (BCEWithLogitsLoss(), [[0.0, 1.0, 0.5]] * 3),
    "binary of classes": (BCEWithLogitsLoss(), [0, 2, 1]),
}


# Panel announces that its buttons will call `button_type` otherwise from version 2 on.
pytestmark = pytest.mark.filterwarnings("ignore:button_type:PendingDeprecationWarning")


def message(trace: StepTrace, cell: Cell) -> dict[str, Any]:
    """What the browser shows of a number; all of its equations are typeset."""
    shown = explained(trace, cell).message()
    numbers = [n for term in shown["terms"] for n in (*term["factors"], *term["because"])]
    equations = [shown["formula"], shown["own"], shown["function"], *(n["symbol"] for n in numbers)]
    for equation in filter(None, equations):
        for element in parsed(equation):
            assert element.tag == "math"
            # A command that is not known stays as it is.
            assert "\\" not in written(element), (cell, equation)
    assert written(parsed(shown["formula"])[0]), cell
    # It is left out where no index makes it another one.
    assert shown["own"] != shown["formula"], cell
    assert not shown["own"] or written(parsed(shown["own"])[0]), cell
    found = explain(trace, cell)
    # Of a number from elsewhere its own line is the only one.
    assert bool(shown["own"]) == (found.is_stated and found.own != found.formula), cell
    return shown


@pytest.mark.parametrize("text", TEXTS)
def test_every_array_of_a_network_is_shown(text: str) -> None:
    trace = record(text)
    for cell, _ in cells(trace, 2):
        message(trace, cell)


@pytest.mark.parametrize("case", SHOWN, ids=lambda case: case.id)
def test_every_array_of_every_layer_is_shown(case: Case) -> None:
    trace = of_case(case)
    for cell, _ in cells(trace, 1):
        message(trace, cell)


@pytest.mark.parametrize(("loss", "targets"), LOSSES.values(), ids=LOSSES)
def test_every_array_of_every_loss_is_shown(loss: Loss, targets: ArrayLike) -> None:
    (case,) = (case for case in OTHERS if case.id == "linear-4x3")
    model = Model(case.layer()).astype(np.float64)
    trace = trace_of(model, case.input(batch=3), loss, np.asarray(targets))
    for cell, _ in cells(trace, 2):
        message(trace, cell)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_array_of_every_update_is_shown(optimizer: str) -> None:
    trace = record("conv 2 k3, bn, flatten, linear 10", optimizer=optimizer)
    updates = [cell for cell, _ in cells(trace, 1) if cell.phase == "update"]
    assert {cell.array for cell in updates} >= {"before", "gradient", "step", "after", "ratio"}
    for cell in updates:
        message(trace, cell)


def test_terms_stand_in_the_order_of_the_formula_or_the_largest_first() -> None:
    trace = viewer_of().trace
    cell = Cell("forward", "conv1", "K_X_col", (1, 9))
    shown = message(trace, cell)
    assert [term["place"] for term in shown["terms"]] == list(range(9))
    assert [term["label"] for term in shown["terms"]] == list("012345678")
    (group,) = shown["groups"]
    assert [written(parsed(head)[0]) for head in group["heads"]] == ["K1,r", "Xr,9(col)"]
    assert (written(parsed(group["letters"])[0]), group["count"]) == ("r", 9)
    by_size = explained(trace, cell, by_size=True).message()
    sizes = [abs(term["value"]) for term in by_size["terms"]]
    assert sizes == sorted(sizes, reverse=True)
    assert sorted(term["place"] for term in by_size["terms"]) == list(range(9))


def test_more_terms_than_are_read_are_one_sum() -> None:
    trace = viewer_of().trace
    cell = Cell("backward", "conv1", "g_K", (0, 4))
    for by_size in (False, True):
        shown = explained(trace, cell, by_size=by_size).message()
        assert len(shown["terms"]) == MOST_TERMS
        assert shown["rest"]["count"] == len(explain(trace, cell).terms) - MOST_TERMS
        whole = sum(term["value"] for term in shown["terms"]) + shown["rest"]["value"]
        assert whole == pytest.approx(shown["sum"], abs=1e-12)


def test_factors_stand_in_the_order_of_the_formula() -> None:
    trace = viewer_of().trace
    shown = message(trace, Cell("forward", "conv1", "K_X_col", (1, 9)))
    names = [
        [written(parsed(factor["symbol"])[0]) for factor in term["factors"]]
        for term in shown["terms"]
    ]
    assert names == [["K", "X(col)"]] * 9


def test_a_number_is_linked_to_what_it_follows_from() -> None:
    trace = viewer_of().trace
    cell = Cell("backward", "pool1", "g_X_in", (0, 0, 2, 3))
    shown = explained(trace, cell)
    (term,) = shown.message()["terms"]
    (because,) = term["because"]
    assert written(parsed(because["symbol"])[0]) == "w"
    assert because["linked"]
    winner = Cell("backward", "pool1", "winner", (0, 0, 1, 1))
    assert because["title"] == winner.words
    assert shown.linked_cell(term["place"], len(term["factors"])) == winner


def test_a_function_is_typeset_and_its_sum_shown() -> None:
    trace = viewer_of().trace
    shown = message(trace, Cell("loss", "loss", "inv_sum", (0,)))
    assert written(parsed(shown["function"])[0]) == "1x"
    assert shown["sum"] == pytest.approx(sum(term["value"] for term in shown["terms"]))
    assert shown["total"] == pytest.approx(1 / shown["sum"])


def test_no_more_reasons_are_sent_than_are_listed() -> None:
    trace = record("conv 2 k3, pool 2, flatten, linear 10")
    terms = [term for cell, _ in cells(trace, 1) for term in message(trace, cell)["terms"]]
    assert any(term["because"] for term in terms)
    for term in terms:
        assert len(term["because"]) == min(term["reasons"], MOST_REASONS)


def test_a_class_shown_as_a_column_is_told_as_one_number() -> None:
    trace = viewer_of().trace
    shown = message(trace, Cell("loss", "loss", "targets", (0,)))
    assert f"the class, here {trace.targets[0]}." in shown["aside"]
    assert not message(trace, Cell("loss", "loss", "probabilities", (0, 0)))["aside"]


@pytest.mark.parametrize(
    ("analytic", "numeric", "least", "told"),
    [
        (0.5, 0.5001, 0.001, "relative"),
        (0.5, 0.6, 0.001, "wrong"),
        (0.004, 0.00400001, 0.01, "small"),
        (3e-9, -1e-12, 1e-3, "zero"),
        (5e-9, 0.0, 1e-8, "zero"),
        (0.0, 0.0, 1e-8, "zero"),
    ],
)
def test_a_check_of_what_is_zero_says_so(
    analytic: float, numeric: float, least: float, told: str
) -> None:
    error = abs(analytic - numeric) / max(abs(analytic), abs(numeric), least)
    trace = viewer_of().trace
    cell = Cell("backward", "conv1", "g_K", (0, 0))
    check = CellCheck(cell, 1e-5, analytic, numeric, error, 0.0, 0.0, 0.0)
    found = explained(trace, cell).message(check)["check"]
    assert found["zero"] == (told == "zero")
    assert found["good"] == (told != "wrong")
    if told != "zero":
        assert found["small"] == (told == "small")


def test_what_is_asked_of_an_earlier_explanation_is_dropped() -> None:
    board = Dashboard(viewer_of())
    viewer = board.viewer
    viewer.visit(Cell("backward", "linear", "g_weight", (0, 0)))
    why, earlier = board.explaining, board.explaining.panel.content["number"]
    viewer.visit(Cell("loss", "loss", "inv_sum", (0,)))
    present, at = why.panel.content, viewer.place.stage
    for what in ("check", [99, 0]):
        why.hear(what, earlier)
        assert (why.panel.content, viewer.place.stage) == (present, at)
    # Drawn anew it is the same one.
    board.draw()
    assert why.panel.content["number"] == present["number"] > earlier
    place = present["terms"][0]["place"]
    why.hear([place, 0], present["number"])
    assert viewer.place.array == "exp"
    viewer.step()
    assert not why.panel.content or why.panel.content["number"] > present["number"]


def test_a_check_is_of_gradients_only() -> None:
    board = Dashboard(viewer_of())
    for cell in (
        Cell("forward", "conv1", "X_out", (0, 0, 0, 0)),
        Cell("backward", "conv1", "g_weight", (0, 0, 0, 0)),
    ):
        board.viewer.visit(cell)
        why = board.explaining
        why.hear("check", why.panel.content["number"])
        assert (why.panel.content["check"] is not None) == (cell.phase == "backward")
    why.hear("close")
    assert board.viewer.cell is None


def test_a_line_in_doubt_is_shown_to_be_so() -> None:
    trace = record("conv 2 k3, flatten, linear 10", batch_size=2)
    shown = explained(trace, Cell("forward", "conv", "X_out", (0, 1, 2, 2)))
    assert shown.message()["aside"] == ""
    doubted = replace(shown, explanation=replace(shown.explanation, doubt="the line gives 2"))
    assert doubted.message()["aside"] == "the line gives 2"
