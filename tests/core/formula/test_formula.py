"""Index notation by itself: what a line says, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from core.formula.evaluate import evaluate, evaluate_all, scope_of
from core.formula.latex import Writer
from core.formula.syntax import FormulaError, parse, spread
from core.formula.terms import break_down
from core.tensor import Array

A = np.arange(12.0).reshape(3, 4)
ARRAYS: dict[str, Array] = {
    "a": A,
    "b": np.array([2.0, -1.0, 0.5, 3.0]),
    "k": np.array([1, 0, 2]),
    "cube": np.arange(24.0).reshape(2, 3, 4),
}


def value_of(
    line: str, shape: tuple[int, ...], constants: Mapping[str, float] | None = None
) -> Array:
    """All cells of the array that a line defines."""
    (name,) = parse(line)
    arrays = {**ARRAYS, name: np.zeros(shape)}
    formula = spread(parse(line)[name], lambda array: np.ndim(arrays.get(array, 0)))
    return evaluate_all(formula, arrays, constants or {})


@pytest.mark.parametrize(
    ("line", "expected", "constants"),
    [
        ("y[n,c] = a[n,c] * b[c] + 1", A * ARRAYS["b"] + 1, {}),
        ("y[n] = sum[c](a[n,c] * b[c])", A @ ARRAYS["b"], {}),
        ("y[c] = max[n](a[n,c] - 3)", (A - 3).max(0), {}),
        ("y[n] = argmax[c](a[n,c] * b[c])", (A * ARRAYS["b"]).argmax(1).astype(float), {}),
        ("y[n] = a[n, k[n]]", A[np.arange(3), ARRAYS["k"]], {}),
        ("y[(n,c)] = a[n,c]", A.ravel(), {"n": 3, "c": 4}),
        ("y[n,c] = a[n, c - 1]", np.pad(A, ((0, 0), (1, 0)))[:, :4], {}),
        ("y[n,c] = a[n, c // 2]", A[:, [0, 0, 1, 1]], {}),
        ("y[*i] = -cube[*i] / 2", -ARRAYS["cube"] / 2, {}),
        ("y[n,*i] = sqrt(cube[n,*i])", np.sqrt(ARRAYS["cube"]), {}),
        ("y[n] = sum[*i](cube[n,*i] ** 2)", (ARRAYS["cube"] ** 2).sum((1, 2)), {}),
        ("y[n] = sum[c](at(c == k[n]) * a[n,c])", A[np.arange(3), ARRAYS["k"]], {}),
        ("y[j] = sum[s,c](b[c] * at(j == 2*c + s))", np.repeat(ARRAYS["b"], 2), {"s": 2}),
        ("y[n] = 1 / sum[c](exp(a[n,c] - 11))", 1 / np.exp(A - 11).sum(1), {}),
        ("y[c] = max(b[c], 0) + min(b[c], 0)", ARRAYS["b"], {}),
        ("y[c] = quotient(b[c], b[c] > 0)", np.where(ARRAYS["b"] > 0, ARRAYS["b"], 0), {}),
        ("y[c] = (b[c] >= 2) * (b[c] != 3)", np.array([1.0, 0, 0, 0]), {}),
    ],
)
def test_a_line_is_computed_for_all_cells(
    line: str, expected: Array, constants: dict[str, float]
) -> None:
    np.testing.assert_array_equal(value_of(line, expected.shape, constants), expected)


@pytest.mark.parametrize(
    ("line", "index", "operation", "terms"),
    [
        ("y[n] = sum[c](a[n,c] * b[c])", (1,), "sum", [8, -5, 3, 21]),
        ("y[n,c] = a[n,c] - 2 * (b[c] - a[n,c])", (1, 1), "sum", [5, 2, 10]),
        ("y[c] = max[n](a[n,c])", (2,), "max", [2, 6, 10]),
        ("y[n] = 1 / sum[c](a[n,c])", (0,), "function", [0, 1, 2, 3]),
        ("y[n,c] = a[n, c - 1]", (0, 0), "sum", [0]),
        ("y[c] = 0.5 * sum[n](a[n,c] > 4)", (1,), "sum", [0, 0.5, 0.5]),
        ("y[c] = (b[c] + 1) ** 2", (0,), "sum", [4, 2, 2, 1]),
    ],
)
def test_a_cell_is_broken_down_into_terms(
    line: str, index: tuple[int, ...], operation: str, terms: list[float]
) -> None:
    (name,) = parse(line)
    shape = tuple(
        4 if letter == "c" else 3 for letter in "nc" if letter in line.split("=", maxsplit=1)[0]
    )
    arrays = {**ARRAYS, name: np.zeros(shape)}
    formula = parse(line)[name]
    assert formula.body is not None
    scope = scope_of(formula, index, arrays, {})
    found = break_down(formula.body, scope, lambda array, at: (array, at), {})
    assert found.operation == operation
    assert found.terms.values.tolist() == terms
    assert found.total == evaluate(formula.body, scope)
    for term in found.terms:
        assert term.value == np.prod([factor.value for factor in term.factors])
        for factor in (*term.factors, *term.because):
            if factor.cell is not None:
                array, at = factor.cell
                assert arrays[array][at] == factor.value


def test_factors_stand_in_the_order_of_the_formula() -> None:
    formula = parse("y[n] = -1/m * sum[c](b[c] * a[n,c])")["y"]
    assert formula.body is not None
    scope = scope_of(formula, (2,), {**ARRAYS, "y": np.zeros(3)}, {"m": 4})
    term = break_down(formula.body, scope, lambda array, at: (array, at), {}).terms[1]
    assert [(f.value, f.cell) for f in term.factors] == [
        (-0.25, None),
        (-1.0, ("b", (1,))),
        (9.0, ("a", (2, 1))),
    ]
    assert term.note == "channel 1"


REFUSED = [
    ("y[n] = __import__('os')", "is not part of the notation"),
    ("y[n] = a.b.c(n)", "is not part of the notation"),
    ("y[n] = [n for n in a]", "is not part of the notation"),
    ("y[n] = lambda: 1", "is not part of the notation"),
    ("y[n] = (n := 3)", "is not part of the notation"),
    ("y[n] = a[n] if n else 0", "is not part of the notation"),
    ("y[n] = 'x' + 1", "is not part of the notation"),
    ("y[n] = True", "is not part of the notation"),
    ("y[n] = 1j", "is not part of the notation"),
    ("y[n] = a[n:2]", "is not part of the notation"),
    ("y[n] = eval(n)", "functions are sqrt"),
    ("y[n] = sqrt(n, n)", "functions are sqrt"),
    ("y[n] = prod[c](n)", "is not part of the notation"),
    ("y[n] = sum[c + 1](n)", "expected an index letter"),
    ("y[n] = sum[c](", "cannot be read"),
    ("y[n]", "expected array"),
    ("y(n) = 3", "is not part of the notation"),
    ("y[n] = y[n] + 1", "made from itself"),
    ("y[n] = " + "n + " * 200 + "n", "at most 500 characters"),
    ("y[n] = " + "-" * 450 + "n", "cannot be read|too large"),
    ("y[n] = n\ny[n] = 2", "y has two lines"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED, ids=[row[0][:30] for row in REFUSED])
def test_what_is_not_the_notation_is_refused(text: str, words: str) -> None:
    with pytest.raises(FormulaError, match=words):
        parse(text)


def test_an_error_points_into_the_line() -> None:
    with pytest.raises(FormulaError) as caught:
        parse("  y[n] = 2 * oops(n)")
    message = str(caught.value).splitlines()
    assert message[1] == "  y[n] = 2 * oops(n)"
    assert message[2].index("^") == message[1].index("oops")


@pytest.mark.parametrize(
    ("line", "shape", "constants", "words"),
    [
        ("y[n] = a[n]", (3,), {}, "a has 2 axes, not 1"),
        ("y[n] = missing[n]", (3,), {}, "no array 'missing'; known are a, b"),
        ("y[n] = m * b[n]", (4,), {}, "no letter or constant 'm'"),
        ("y[n] = sum[q](b[n + q])", (4,), {}, "size of the letter 'q' is not known"),
        ("y[n] = sum[c](a[n,c] * k[c])", (3,), {}, "the letter 'c' has 4 values, and 3 in k"),
        ("y[(n,c)] = a[n,c]", (11,), {}, "axis 0 of y has 11 cells"),
        ("y[n] = b[n / 2]", (4,), {}, "an index is no whole number"),
        ("y[n] = sum[n](b[n])", (4,), {}, "has a value already"),
    ],
)
def test_a_line_that_does_not_fit_is_refused(
    line: str, shape: tuple[int, ...], constants: dict[str, float], words: str
) -> None:
    with pytest.raises(FormulaError, match=words):
        value_of(line, shape, constants)


def test_latex_in_letters_and_in_numbers() -> None:
    text = "y[n,o,i] = 1/m * sum[c,s](w[o,(c,s)] * x[n, c, i*st + s - p]) + b[o] - eps"
    writer = Writer(
        lambda array, rank: array, {"st": 2, "p": 1, "m": 6, "eps": 0.1}, {"m": "m", "eps": "ε"}
    )
    formula = parse(text)["y"]
    assert writer.formula(formula) == (
        r"{y}_{n,o,i} = \frac{1}{m} \sum_{c,s} {w}_{o,(c,s)} \cdot {x}_{n,c,2i+s-1} + {b}_{o} - ε"
    )
    own = Writer(writer.symbol, writer.constants, writer.symbols, {"n": 0, "o": 3, "i": 2})
    assert own.formula(formula) == (
        r"{y}_{0,3,2} = \frac{1}{6} \sum_{c,s} {w}_{3,(c,s)} \cdot {x}_{0,c,3+s} + {b}_{3} - 0.1"
    )
    assert writer.formula(parse('m[n] = "drawn"')["m"]) == r"{m}_{n} : \text{drawn}"
