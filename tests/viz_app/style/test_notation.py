"""What arrays are called and how they are coloured, wherever they are drawn."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
import pytest

from core.inspect.explain import Cell, explain
from core.inspect.trace import StepTrace
from core.model import Model
from core.symbols import CONSTANTS, SIZES, SYMBOLS, in_latex, symbol
from tests.core.cases import OTHERS
from tests.viz_app.components.test_explanation import LOSSES, SHOWN
from tests.viz_app.recorded import OPTIMIZERS, of_case, trace_of, trained
from tests.viz_app.style.test_typeset import text_of
from viz_app.style.notation import SEQUENTIAL, UNCOLOURED, markup, scale_of, title_of
from viz_app.style.typeset import mathml

ROOT = Path(__file__).parents[3]


def named(trace: StepTrace) -> set[tuple[str, int]]:
    """Name and rank of every array of a trace."""
    return {
        (name, np.ndim(array))
        for stage in trace.stages
        for arrays in stage.inner.values()
        for name, array in arrays.items()
    }


@pytest.fixture(scope="module")
def arrays() -> set[tuple[str, int]]:
    """Name and rank of every array that any layer, loss or optimiser records."""
    traces = [of_case(case) for case in SHOWN]
    traces += [trained(optimizer) for optimizer in OPTIMIZERS]
    (linear,) = (case for case in OTHERS if case.id == "linear-4x3")
    for loss, targets in LOSSES.values():
        model = Model(linear.layer()).astype(np.float64)
        traces.append(trace_of(model, linear.input(batch=3), loss, np.asarray(targets)))
    return {pair for trace in traces for pair in named(trace)}


def test_every_array_has_a_name_of_its_own(arrays: set[tuple[str, int]]) -> None:
    assert len(arrays) > 100
    for name, rank in arrays:
        found = symbol(name, rank)
        # A key that is not known is written as it is.
        assert not found.latex.startswith(r"\text{"), name
        assert r"\text{" not in found.latex or "." in name, name
        title = title_of(name, rank)
        assert title.endswith(markup(found.words))


def test_colours_are_chosen_for_arrays_that_exist(arrays: set[tuple[str, int]]) -> None:
    names = {name for name, _ in arrays}
    assert names >= SEQUENTIAL | UNCOLOURED
    assert not SEQUENTIAL & UNCOLOURED
    for name in names:
        if name.startswith("g_") or name in ("weight", "K", "step", "difference"):
            assert scale_of(name) == "diverging"
    assert scale_of("branch1") == scale_of("second_moment_before") == "sequential"
    assert scale_of("targets") == "none"


def test_there_is_one_table_of_names() -> None:
    """No other file maps keys of arrays to words."""
    keys = set(SYMBOLS)
    for folder in ("core", "viz_app"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Dict) and path.name != "symbols.py":
                    named = {
                        key.value
                        for key, value in zip(node.keys, node.values, strict=True)
                        if isinstance(key, ast.Constant)
                        and isinstance(value, ast.Constant)
                        and isinstance(value.value, str)
                    }
                    assert len(named & keys) < 2, (path, named & keys)


def test_a_name_stands_for_one_thing() -> None:
    assert len({*SYMBOLS, *CONSTANTS, *SIZES}) == len(SYMBOLS) + len(CONSTANTS) + len(SIZES)


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("<X_out> = <K> <X_col> + <bias>", "X^{(out)} = K X^{(col)} + b"),
        (r"<g_weight>^{\top} <x_hat>_n", r"{g(L, W)}^{\top} {\hat{x}}_n"),
        (r"<term_branch1> + <velocity_before>", r"T^{(1)} + {v}^{(before)}"),
        (r"\frac{1}{<m>} > <eps>", r"\frac{1}{m} > \epsilon"),
    ],
)
def test_an_equation_has_the_symbols_of_the_table(text: str, latex: str) -> None:
    assert in_latex(text) == latex


@pytest.mark.parametrize("name", ["X_outt", "g_unknown", "unknown_before"])
def test_a_name_that_no_table_has_is_refused(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        in_latex(f"<{name}> = 1")


@pytest.mark.parametrize(
    ("array", "words"),
    [("term_direct", "x̂"), ("term_mean", "μ"), ("term_var", "σ²")],
)
def test_a_term_is_called_in_its_explanation_as_above_its_panel(array: str, words: str) -> None:
    trace = trained()
    assert title_of(array, 4).endswith(markup(f"through {words}"))
    cell = Cell("backward", "bn", array, (0, 1, 2, 3))
    assert explain(trace, cell).name.startswith(f"through {words} of bn")
    notes = [
        term.note for term in explain(trace, Cell("backward", "bn", "g_X_in", cell.index)).terms
    ]
    assert f"through {words}" in notes


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("g(L, X^(in))", [r"g(L, X^{(in)})"]),
        ("a_{0,5} < b", [r"a_{0,5}", " &lt; ", "b"]),
        ("L_n", ["L_{n}"]),
        ("W^T", [r"W^{\top}"]),
        ("K X^(col) of conv", ["K X^{(col)}", " of conv"]),
        ("1/√(σ² + ε)", [r"1/\sqrt{\sigma^{2} + \varepsilon}"]),
        ("1/√(running σ² + ε)", [r"1/\sqrt{\text{running }\sigma^{2} + \varepsilon}"]),
        ("c_out × c_in k²", [r"c_{out} \times c_{in} k^{2}"]),
        ("through x̂", ["through ", r"\hat{x}"]),
        ("A row of K, I say", ["A row of ", "K", ", I say"]),
    ],
)
def test_plain_notation_is_typeset(text: str, parts: list[str]) -> None:
    is_words = re.compile(r"through | of conv| &lt; |A row of |, I say").fullmatch
    html = "".join(p if is_words(p) else mathml(p, is_inline=True) for p in parts)
    assert text_of(markup(text)) == text_of(html)
    assert markup(text).count("<math") == html.count("<math")
