"""Where a number goes next, and which numbers are nothing but rounding."""

from __future__ import annotations

import pytest

from core.inspect.coordinates import coordinates
from core.inspect.explain import Cell, explain, is_rounding
from tests.core.inspect.test_explain import record
from viz_app.place.onward import onward

NETWORK = "conv 2 k3 p1, bn, relu, pool 2, flatten, linear 10"


@pytest.mark.parametrize(
    ("cell", "there"),
    [
        (
            Cell("forward", "conv", "X_out", (1, 0, 2, 2)),
            Cell("forward", "bn", "X_in", (1, 0, 2, 2)),
        ),
        (Cell("forward", "linear", "X_out", (1, 3)), Cell("loss", "loss", "logits", (1, 3))),
        (Cell("loss", "loss", "g_logits", (1, 3)), Cell("backward", "linear", "g_X_out", (1, 3))),
        (
            Cell("backward", "bn", "g_X_in", (0, 1, 2, 2)),
            Cell("backward", "conv", "g_X_out", (0, 1, 2, 2)),
        ),
        (
            Cell("backward", "linear", "g_bias", (4,)),
            Cell("update", "linear", "gradient", (4,), "bias"),
        ),
        (Cell("forward", "bn", "mean", (0,)), None),
        (Cell("update", "linear", "after", (4,), "bias"), None),
    ],
)
def test_a_number_goes_on_to_the_next_stage(cell: Cell, there: Cell | None) -> None:
    trace = record(NETWORK, batch_size=2)
    assert onward(trace, cell) == there
    if there is not None:
        # And that comes from where it was.
        assert explain(trace, there).source == cell


def test_a_bias_before_batch_norm_has_a_gradient_of_rounding_only() -> None:
    trace = record(NETWORK)
    for k in range(2):
        assert is_rounding(trace, Cell("backward", "conv", "g_bias", (k,)))
        assert is_rounding(trace, Cell("update", "conv", "gradient", (k,), "bias"))
        assert not is_rounding(trace, Cell("backward", "bn", "g_beta", (k,)))
        assert not is_rounding(trace, Cell("backward", "conv", "g_K", (k, 4)))


def test_the_output_of_flatten_has_coordinates() -> None:
    trace = record(NETWORK, batch_size=2)
    found = coordinates(trace, Cell("forward", "flatten", "X_out", (1, 7)))
    assert found["n"] == 1
    assert len(found) == 4
