"""The explanation panel: every kind of number can be shown, its formula too."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from core.inspect.explain import Cell
from tests.core.test_explain import OPTIMIZERS, TEXTS, cells, record
from viz_app.narration import mathml_lines
from viz_app.session import Session
from viz_app.views.explanation import explained


def parsed(mathml: str) -> list[ElementTree.Element]:
    """The equations, which have to be well-formed."""
    return list(ElementTree.fromstring(f"<p>{mathml}</p>"))


@pytest.mark.parametrize("text", TEXTS)
def test_every_array_of_every_layer_is_shown(text: str) -> None:
    trace = record(text)
    for cell, _ in cells(trace, 2):
        told = explained(trace, cell).message(trace, None)
        assert parsed(told["formula"]), cell
        assert parsed(told["own"]), cell


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_array_of_every_update_is_shown(optimizer: str) -> None:
    trace = record("conv 2 k3, bn, flatten, linear 10", optimizer=optimizer)
    updates = [cell for cell, _ in cells(trace, 1) if cell.phase == "update"]
    assert {cell.array for cell in updates} >= {"before", "gradient", "step", "after", "ratio"}
    for cell in updates:
        told = explained(trace, cell).message(trace, None)
        assert parsed(told["formula"]), cell
        assert parsed(told["own"]), cell


def test_a_line_may_end_before_a_sign_but_not_within_brackets() -> None:
    pieces = parsed(mathml_lines(r"g(a + b)_{i - 1} = \frac{a + b}{c} + [w = 2]"))
    assert ["".join(piece.itertext()) for piece in pieces] == [
        "g(a+b)i−1",
        "=a+bc",
        "+[w=2]",
    ]


def test_the_largest_comes_first_where_it_is_the_answer() -> None:
    session = Session()
    trace = session.trace
    told = explained(trace, Cell("loss", "loss", "max", (0,))).message(trace, None)
    values = [term["value"] for term in told["terms"]]
    assert values == sorted(values, reverse=True)
    told = explained(trace, Cell("forward", "conv1", "X_out", (0, 0, 3, 3))).message(trace, None)
    sizes = [abs(term["value"]) for term in told["terms"]]
    assert sizes == sorted(sizes, reverse=True)
