"""docs/mathematics.md quotes the lines that the classes state, but for those listed here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest
from latex2mathml.converter import convert

import core
from core.formula.syntax import parse
from core.layer import LAYERS, Layer
from core.losses import Loss
from core.optim import Optimizer
from core.tensor import Tensor
from tests.core.cases import CASES
from tools.mathematics import DOCUMENT, Block, Made, blocks, make, written

TEXT = DOCUMENT.read_text("utf-8")
BLOCKS = list(blocks(TEXT))

# Arrays whose lines the document leaves out, by the class that states them, with the reason.
LEFT_OUT = {
    ("Conv2d", "g_weight"): "g_K in the shape of the kernels",
    ("Residual", "body"): "the output of the body",
    ("Residual", "shortcut"): "the output of the shortcut, or the input",
    ("Residual", "g_body"): "the input gradient of the body",
    ("Concat", "branch0"): "the output of a branch",
    ("Concat", "term_branch0"): "the input gradient of a branch",
    ("BatchNorm1d", "running_mean"): "as of BatchNorm2d, whatever the momentum",
    ("BatchNorm1d", "running_var"): "as of BatchNorm2d, whatever the momentum",
    ("AdamW", "first_moment"): "as of Adam, also from clipped gradients",
    ("AdamW", "second_moment"): "as of Adam, also from clipped gradients",
    ("CrossEntropyLoss", "targets"): "labels of the data set",
    ("BCEWithLogitsLoss", "labels"): "labels of the data set",
    ("MSELoss", "labels"): "labels of the data set",
    ("L1Loss", "labels"): "labels of the data set",
    ("Loss", "loss"): "returned by a loss that states nothing",
    ("Loss", "g_X_out"): "written by a loss that states nothing",
}

LOSSES = [
    "CrossEntropyLoss()",
    "CrossEntropyLoss(label_smoothing=0.2)",
    "BCEWithLogitsLoss()",
    "MSELoss()",
    "L1Loss()",
    "Loss()",
]
OPTIMISERS = [
    "SGD(params)",
    "SGD(params, momentum=0.9, weight_decay=0.1, max_norm=1.0)",
    "SGD(params, momentum=0.9, nesterov=True, weight_decay=0.1)",
    "Adam(params)",
    "Adam(params, weight_decay=0.1, max_norm=1.0)",
    "AdamW(params, max_norm=1.0)",
    "RMSprop(params)",
    "RMSprop(params, momentum=0.9, weight_decay=0.1, max_norm=1.0)",
]


@cache
def made(expression: str) -> Made:
    return make(expression)


def normal(line: str) -> str:
    """Return a line as the parser understands it, whatever its spaces."""
    ((_, formula),) = parse(line).items()
    right = formula.origin if formula.body is None else ast.unparse(formula.body)
    return f"{ast.unparse(formula.target)} = {right}"


def quoted(block: Block) -> list[str]:
    """Return the lines that stand in a fence of the document, behind the comment."""
    head = f"```formula {block.made}: {' '.join(block.names)}\n# {block.made}\n"
    start = TEXT.index(head) + len(head)
    return TEXT[start : TEXT.index("```", start)].splitlines()


@pytest.mark.parametrize("block", BLOCKS, ids=lambda b: f"{b.made}: {' '.join(b.names)}")
def test_a_quoted_line_is_the_one_that_the_class_states(block: Block) -> None:
    stated = [normal(made(block.made).lines[name]) for name in block.names]
    assert [normal(line) for line in quoted(block)] == stated


def test_formulas_are_as_the_program_typesets_them() -> None:
    assert written(TEXT) == TEXT, "run `python -m tools.mathematics`"


def test_all_mathematics_can_be_typeset() -> None:
    formulas = re.findall(r"^\$\$\n(.+?)\n\$\$$", TEXT, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^(\$\$|```).*?^(\$\$|```)$", "", TEXT, flags=re.MULTILINE | re.DOTALL)
    inline = re.findall(r"\$([^$]+)\$", rest)
    assert len(formulas) > 100
    assert len(inline) > 100
    for latex in formulas + inline:
        assert latex.count("{") == latex.count("}"), latex
        # GitHub takes a backslash in front of punctuation for an escape of Markdown.
        assert not re.search(r"\\[^a-zA-Z]", latex), latex
        assert "<merror" not in convert(latex)


def test_every_fence_is_read() -> None:
    assert len(BLOCKS) == TEXT.count("```formula") > 50
    assert len({(block.made, block.names) for block in BLOCKS}) == len(BLOCKS)


def test_a_line_that_has_changed_is_written_anew() -> None:
    line = "g_K[o,(c,s,t)] = sum[n,i,j](g_X_out_matrix[o,(n,i,j)] * X_col[(c,s,t),(n,i,j)])\n"
    latex = r"{g(L, b)}_{o} = \sum_{n,i,j} {g(L, X^{(out)})}_{o,(n,i,j)}"
    for slip in (line, latex):
        assert slip in TEXT
        assert written(TEXT.replace(slip, slip.replace("n,i,j", "n,j,i"))) == TEXT


def stated() -> Iterator[tuple[str, str, str]]:
    """Yield class, array and line of every array with a formula, over all options under test."""
    things: list[Layer | Loss | Optimizer] = [made(text).thing for text in LOSSES[:-1]]
    things += [Loss(), *(made(text).thing for text in OPTIMISERS)]
    real = core.MSELoss()
    real(Tensor([[0.5]]), [[1.0]])
    things.append(real)
    for case in CASES:
        layer = case.layer()
        layer.forward(case.input())
        things += [inner for inner in layer.walk() if inner.formulas]
    for thing in things:
        for line in filter(None, map(str.strip, thing.formulas.splitlines())):
            ((array, formula),) = parse(line).items()
            comes_from_outside = formula.body is None and not isinstance(thing, Loss)
            if not comes_from_outside:
                yield type(thing).__name__, re.sub(r"\d+$", "0", array), line


def test_every_formula_is_in_the_document_or_listed() -> None:
    of_class = {
        (type(made(block.made).thing).__name__, name) for block in BLOCKS for name in block.names
    }
    lines = {normal(line) for block in BLOCKS for line in quoted(block)}
    missing, needed = set(), set()
    for kind, array, line in stated():
        if (kind, array) in of_class or normal(line) in lines:
            continue
        needed.add((kind, array))
        if (kind, array) not in LEFT_OUT:
            missing.add((kind, array))
    assert not missing
    assert needed == set(LEFT_OUT), "listed, but in the document or stated by nobody"


def test_every_class_is_looked_at() -> None:
    layers = {kind.__name__ for kind in LAYERS.values() if kind.__module__.startswith("core.")}
    losses = {name for name, kind in vars(core).items() if is_kind(kind, Loss)}
    optimisers = {name for name, kind in vars(core).items() if is_kind(kind, Optimizer)}
    assert layers <= {kind for kind, _, _ in stated()}
    assert losses == {text.partition("(")[0] for text in LOSSES}
    assert optimisers - {"Optimizer"} == {text.partition("(")[0] for text in OPTIMISERS}


def is_kind(kind: object, parent: type) -> bool:
    return isinstance(kind, type) and issubclass(kind, parent)
