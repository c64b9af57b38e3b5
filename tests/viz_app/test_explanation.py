"""The explanation panel: every kind of number can be shown, its formula too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from core.inspect.explain import Cell, explain
from core.inspect.trace import StepTrace
from core.losses import BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, Loss, MSELoss
from core.model import Model
from tests.core.cases import CASES, OTHERS, Case
from tests.core.test_explain import OPTIMIZERS, TEXTS, cells, record
from tests.viz_app.recorded import of_case, trace_of
from tests.viz_app.test_typeset import parsed, written
from viz_app.components.explanation import explained
from viz_app.session import Session

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


def message(trace: StepTrace, cell: Cell) -> dict[str, Any]:
    """What the browser shows of a number; all of its equations are typeset."""
    shown = explained(trace, cell).message(trace, None)
    numbers = [n for term in shown["terms"] for n in (*term["factors"], *term["because"])]
    equations = [shown["formula"], shown["own"], shown["function"], *(n["symbol"] for n in numbers)]
    for equation in filter(None, equations):
        for element in parsed(equation):
            assert element.tag == "math"
            # A command that is not known stays as it is.
            assert "\\" not in written(element), (cell, equation)
    assert written(parsed(shown["formula"])[0]), cell
    assert written(parsed(shown["own"])[0]), cell
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


def test_the_largest_comes_first_where_it_is_the_answer() -> None:
    trace = Session().trace
    for cell in (Cell("loss", "loss", "max", (0,)), Cell("forward", "pool1", "winner", (0,) * 4)):
        shown = message(trace, cell)
        values = [term["value"] for term in shown["terms"]]
        assert values == sorted(values, reverse=True)
        assert shown["operation"] == explain(trace, cell).operation
    shown = message(trace, Cell("forward", "conv1", "X_out", (0, 0, 3, 3)))
    sizes = [abs(term["value"]) for term in shown["terms"]]
    assert sizes == sorted(sizes, reverse=True)


def test_factors_stand_in_the_order_of_the_formula() -> None:
    trace = Session().trace
    shown = message(trace, Cell("forward", "conv1", "K_X_col", (1, 9)))
    names = [
        [written(parsed(factor["symbol"])[0]) for factor in term["factors"]]
        for term in shown["terms"]
    ]
    assert names == [["K", "X(col)"]] * 9


def test_a_number_is_linked_to_what_it_follows_from() -> None:
    trace = Session().trace
    cell = Cell("backward", "pool1", "g_X_in", (0, 0, 2, 3))
    shown = explained(trace, cell)
    (term,) = shown.message(trace, None)["terms"]
    (because,) = term["because"]
    assert written(parsed(because["symbol"])[0]) == "w"
    assert because["linked"]
    winner = Cell("backward", "pool1", "winner", (0, 0, 1, 1))
    assert because["title"] == winner.words
    assert shown.linked_cell(term["place"], len(term["factors"])) == winner


def test_a_function_is_typeset_and_its_sum_shown() -> None:
    trace = Session().trace
    shown = message(trace, Cell("loss", "loss", "inv_sum", (0,)))
    assert written(parsed(shown["function"])[0]) == "1x"
    assert shown["sum"] == pytest.approx(sum(term["value"] for term in shown["terms"]))
    assert shown["total"] == pytest.approx(1 / shown["sum"])
