"""The text of a model over several lines."""

from __future__ import annotations

import pytest

from core.io.lines import marked, one_line, over_lines

NETWORK = (
    "conv 4 k3, residual(residual(relu | conv 4 k1), bn | conv 4 k1), flatten, linear {classes}"
)


@pytest.mark.parametrize("text", ["relu", NETWORK, "float64: conv 8, concat(relu | relu | bn)"])
def test_over_lines_and_back(text: str) -> None:
    assert one_line(over_lines(text)) == text
    assert over_lines(over_lines(text)) == over_lines(text)


def test_one_layer_a_line() -> None:
    assert over_lines("conv 8, residual(bn, relu | conv 8 k1), gap") == (
        "conv 8\nresidual(\n  bn\n  relu\n|\n  conv 8 k1\n)\ngap"
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\nconv 8 k3\n\n  relu,\nflatten\n", "conv 8 k3, relu, flatten"),
        ("relu\r\nbn", "relu, bn"),
        ("residual(\n relu\n|\n bn\n)\nbn", "residual(relu | bn), bn"),
        ("  conv 8,relu ", "conv 8,relu"),
        ("conv 8,,\nrelu", "conv 8, , relu"),
    ],
)
def test_a_line_stands_for_an_item(text: str, line: str) -> None:
    assert one_line(text).replace(",,", ", ,") == line
    assert len(marked(text)) == len(text)
