"""Which cells a line reads for which cells of its array."""

from __future__ import annotations

import numpy as np
import pytest

from core.formula.edges import edges
from core.formula.syntax import parse
from core.tensor import Array

CONSTANTS = {"sy": 2.0, "i": 3, "half": 0.5, "m": 3}
ARRAYS = {
    "x": np.arange(5.0),
    "k": np.array([1.0, 2.0]),
    "y": np.zeros(3),
    "z": np.zeros(3),
    "w": np.array([1.0, 0.0, 1.0]),
    "total": np.zeros(()),
}


SUM = "y[i] = sum[s](k[s] * x[i + s])"


def pairs(line: str, array: str) -> tuple[set[tuple[int, int]], set[str]]:
    (formula,) = parse(line).values()
    arrays: dict[str, Array] = ARRAYS
    found = edges(formula, arrays, CONSTANTS, 1000)
    assert found is not None
    mine = [edge for edge in found if edge.array == array]
    joined = {
        (int(a), int(b)) for edge in mine for a, b in zip(edge.target, edge.source, strict=True)
    }
    return joined, {edge.role for edge in mine}


@pytest.mark.parametrize(
    ("line", "array", "expected", "role"),
    [
        ("y[i] = z[i]", "z", {(0, 0), (1, 1), (2, 2)}, "copy"),
        ('y[i] = note("same", z[i])', "z", {(0, 0), (1, 1), (2, 2)}, "copy"),
        ("y[i] = x[i*sy - 1]", "x", {(1, 1), (2, 3)}, "copy"),
        ("y[i] = z[i] + w[i]", "z", {(0, 0), (1, 1), (2, 2)}, "addend"),
        ("y[i] = -(half * z[i])", "z", {(0, 0), (1, 1), (2, 2)}, "addend"),
        ("y[i] = half * (z[i] - at(i == 1))", "z", {(0, 0), (1, 1), (2, 2)}, "addend"),
        ("y[i] = z[i] * w[i]", "z", {(0, 0), (1, 1), (2, 2)}, "factor"),
        ("y[i] = z[i] * (w[i] > 0)", "z", {(0, 0), (2, 2)}, "factor"),
        ("y[i] = max(z[i], 0)", "z", {(0, 0), (1, 1), (2, 2)}, "factor"),
        (SUM, "k", {(i, s) for i in range(3) for s in (0, 1)}, "factor"),
        (SUM, "x", {(i, i + s) for i in range(3) for s in (0, 1)}, "factor"),
        ("total = 1/m * sum[i](z[i])", "z", {(0, 0), (0, 1), (0, 2)}, "summand"),
    ],
)  # fmt: skip
def test_edges(line: str, array: str, expected: set[tuple[int, int]], role: str) -> None:
    assert pairs(line, array) == (expected, {role})


def test_a_line_with_too_many_terms_has_none() -> None:
    (formula,) = parse(SUM).values()
    assert edges(formula, ARRAYS, CONSTANTS, 5) is None
    assert edges(formula, ARRAYS, CONSTANTS, 6) is not None
