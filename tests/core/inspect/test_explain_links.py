"""From every number one can walk upstream, over the neighbours to a pixel, never in a circle."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from core.inspect.explain import Cell, Explanation, Factor, explain
from core.inspect.trace import StepTrace
from core.layer import LAYERS, Phase
from core.model import Model
from tests.core.inspect.test_explain import TEXTS, TINY, Scale, cells, record
from tests.core.runs import make_trainer

# What a walk may end at, by the note of the term that is a constant.
ENDS = {
    "the image",
    "padding: outside of the array",
    "learned: as the last update left it",
    "learned: drawn at first",
    "left by the iteration before",
    "as the last update left it",
    "at first zero",
    "label of the sample",
    "drawn at random: 0 with probability p, else 1 / (1 - p)",
}
# Arrays that do not lead back towards the image.
LEARNED = {"K", "kernels", "weight", "bias", "gamma", "beta", "inv_std", "inv_sum", "gate"}


def links(why: Explanation) -> list[Factor]:
    factors = [f for term in why.terms for f in (*term.factors, *term.because)]
    return [factor for factor in factors if factor.cell is not None]


def walk(trace: StepTrace, cell: Cell, follow: Callable[[Explanation], Factor]) -> str:
    """Go from a cell upstream until there is nowhere to go; return what is there."""
    seen = {cell}
    while links(why := explain(trace, cell)):
        cell = follow(why).cell or cell
        assert cell not in seen, "a number made from itself"
        seen.add(cell)
    return why.terms[0].note if len(why.terms) else "nothing"


def first(why: Explanation) -> Factor:
    return towards_the_image(links(why))


def towards_the_image(factors: list[Factor]) -> Factor:
    return next((f for f in factors if f.cell.array not in LEARNED), factors[0])


def first_of_largest(why: Explanation) -> Factor:
    linked = [t for t in why.terms if any(f.cell for f in (*t.factors, *t.because))]
    term = max(linked, key=lambda t: abs(t.value))
    return towards_the_image([f for f in (*term.factors, *term.because) if f.cell is not None])


@pytest.mark.parametrize("text", [*TEXTS, TINY])
def test_one_can_walk_from_the_loss_to_a_pixel(text: str) -> None:
    trace = record(text)
    for n in range(4):
        cell = Cell("loss", "loss", "sample_losses", (n,))
        # The first link of all may lead to the border of the image.
        assert walk(trace, cell, first) in {"the image", "padding: outside of the array"}
        assert walk(trace, cell, first_of_largest) == "the image"
    assert walk(trace, Cell("loss", "loss", "loss", ()), first_of_largest) == "the image"


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS)
def test_every_walk_ends_outside_the_iteration(text: str) -> None:
    trace = record(text, batch_size=2)
    rng = np.random.default_rng(5)

    def somewhere(why: Explanation) -> Factor:
        found = links(why)
        return found[rng.integers(len(found))]

    for cell, array in cells(trace, 1):
        end = walk(trace, cell, somewhere)
        # A probability less one, a mask, a window that no cell belongs to.
        constants = {"the right class", "kept", "dropped, by chance", "nothing"}
        visits = cell.array == "visits"
        assert end in ENDS | constants or visits, (cell, end, array.shape)


def test_neighbours_are_linked_through_branches() -> None:
    trace = record(
        "conv 2 k3 p1, residual(residual(tanh, conv 2 k1), bn | conv 2 k1), "
        "relu, flatten, linear 10"
    )
    at = (1, 1, 2, 3)

    def source(phase: Phase, layer: str, array: str) -> str:
        cell = first(explain(trace, Cell(phase, layer, array, at))).cell
        assert cell is not None
        assert cell.index == at
        return f"{cell.layer} {cell.array}"

    inner = "residual.body.residual"
    assert source("forward", f"{inner}.body.tanh", "X_in") == "conv X_out"
    assert source("forward", inner, "X_in") == "conv X_out"
    assert source("forward", inner, "body") == f"{inner}.body.conv X_out"
    assert source("forward", inner, "shortcut") == f"{inner} X_in"
    assert source("forward", "residual.body.bn", "X_in") == f"{inner} X_out"
    assert source("forward", "residual.shortcut.conv", "X_in") == "conv X_out"
    assert source("forward", "residual", "body") == "residual.body.bn X_out"
    assert source("forward", "residual", "shortcut") == "residual.shortcut.conv X_out"
    assert source("forward", "relu", "X_in") == "residual X_out"
    assert source("backward", "residual", "g_X_out") == "relu g_X_in"
    assert source("backward", "residual.body.bn", "g_X_out") == "residual g_X_out"
    assert source("backward", "residual.shortcut.conv", "g_X_out") == "residual g_X_out"
    assert source("backward", inner, "g_X_out") == "residual.body.bn g_X_in"
    assert source("backward", f"{inner}.body.conv", "g_X_out") == f"{inner} g_X_out"
    assert source("backward", inner, "g_body") == f"{inner}.body.tanh g_X_in"
    assert source("backward", inner, "g_shortcut") == f"{inner} g_X_out"
    assert source("backward", "residual", "g_body") == f"{inner} g_X_in"
    assert source("backward", "residual", "g_shortcut") == "residual.shortcut.conv g_X_in"
    assert source("backward", "conv", "g_X_out") == "residual g_X_in"


def test_a_new_layer_has_an_explanation() -> None:
    assert "scale" not in LAYERS
    trainer = make_trainer(text="conv 2 k3, flatten, linear 10", batch_size=2)
    layers = list(trainer.model)
    trainer.model = Model([*layers[:1], Scale(), *layers[1:]])
    trace = trainer.record_step()
    at = (0, 1, 2, 3)
    why = explain(trace, Cell("forward", "scale", "X_in", at))
    assert first(why).cell == Cell("forward", "conv", "X_out", at)
    why = explain(trace, Cell("backward", "scale", "g_X_out", at))
    assert first(why).cell == Cell("backward", "flatten", "g_X_in", at)
    for cell in (Cell("forward", "scale", "X_out", at), Cell("backward", "scale", "g_X_in", at)):
        why = explain(trace, cell)
        assert why.total == why.stored
        assert why.terms[0].note == "scale does not say how it is computed"
        assert links(why) == []
