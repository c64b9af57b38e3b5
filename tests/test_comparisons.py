"""Numbers are compared up to rounding in one way: `tests/rounding.py`."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from tests.rounding import assert_all_close, assert_close, largest

TESTS = Path(__file__).resolve().parent
# Each takes a tolerance relative to a result, which may be a sum of terms that cancel.
RELATIVE_TO_THE_RESULT = {
    "allclose",
    "assert_allclose",
    "assert_almost_equal",
    "assert_approx_equal",
    "assert_array_almost_equal",
    "assert_array_almost_equal_nulp",
    "assert_array_max_ulp",
    "isclose",
}
FLOAT32, FLOAT64 = (float(np.finfo(kind).eps) for kind in (np.float32, np.float64))


def names_in(source: str) -> set[str]:
    """All names that a file uses, those of attributes and imports included."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.alias):
            names.add(node.name)
    return names


def test_no_test_compares_relative_to_the_result() -> None:
    found = {
        str(path.relative_to(TESTS)): used
        for path in sorted(TESTS.rglob("*.py"))
        if (used := names_in(path.read_text("utf-8")) & RELATIVE_TO_THE_RESULT)
    }
    assert found == {}, "use assert_close of tests/rounding.py"


@pytest.mark.parametrize(
    "source",
    ["np.isclose(a, b)", "from math import isclose", "from numpy.testing import assert_allclose"],
)
def test_a_use_is_found(source: str) -> None:
    assert names_in(source) & RELATIVE_TO_THE_RESULT


def test_terms_that_cancel_are_close_relative_to_their_magnitudes() -> None:
    terms = np.array([1.0, 1e-8, -1.0])
    assert_close(terms.sum(), 1e-8, magnitude=np.abs(terms).sum())
    with pytest.raises(AssertionError, match="1 of 1 numbers differ"):
        assert_close(terms.sum(), 1e-8)


def test_the_tolerance_is_relative_to_the_largest_number_as_a_rule() -> None:
    assert_close([1e3, 1 + 60e3 * FLOAT64], [1e3, 1.0])
    with pytest.raises(AssertionError, match=r"most at \(1,\)"):
        assert_close([1e3, 1 + 70e3 * FLOAT64], [1e3, 1.0])


def test_the_coarser_type_decides() -> None:
    assert_close(np.float32(1 + 60 * FLOAT32), 1.0)
    assert_close(1.0, np.float32(1 + 60 * FLOAT32))
    with pytest.raises(AssertionError):
        assert_close(1 + 60 * FLOAT32, 1.0)
    assert_close(1 + 60 * FLOAT32, 1.0, eps=FLOAT32)


def test_whole_numbers_are_exact() -> None:
    assert_close([1, 2], [1, 2])
    with pytest.raises(AssertionError):
        assert_close([10**9, 2], [10**9, 3])


@pytest.mark.parametrize(
    ("actual", "desired"),
    [([np.nan], [np.nan]), ([1.0], [np.nan]), ([1.0, 0.0], [np.inf, 0.0]), ([-np.inf], [np.inf])],
)
def test_what_is_no_number_is_close_to_nothing(actual: list[float], desired: list[float]) -> None:
    with pytest.raises(AssertionError, match="differ"):
        assert_close(actual, desired)


def test_infinities_are_equal() -> None:
    assert_close([np.inf, 1.0], [np.inf, 1 + FLOAT64])


def test_shapes_are_compared() -> None:
    with pytest.raises(AssertionError, match=r"sum: shape \(2,\); expected \(1, 2\)"):
        assert_close(np.ones(2), np.ones((1, 2)), what="sum")


def test_names_are_compared() -> None:
    assert_all_close({"a": 1.0}, {"a": 1 + FLOAT64})
    with pytest.raises(AssertionError):
        assert_all_close({"a": 1.0}, {"a": 1.0, "b": 1.0})
    with pytest.raises(AssertionError, match="a: 1 of 1"):
        assert_all_close({"a": 1.0}, {"a": 2.0})


def test_the_largest_of_several_arrays() -> None:
    assert largest([1, -3], np.zeros((2, 0)), 2.0) == 3
    assert largest() == 0
