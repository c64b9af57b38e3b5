"""Gradients in both notations, for every symbol and every sentence."""

from __future__ import annotations

import pytest

from core.symbols import SYMBOLS, in_latex, symbol
from tests.viz_app.recorded import trained
from tests.viz_app.style.test_typeset import parsed, text_of, written
from viz_app.scene.captions import caption
from viz_app.style.gradients import NOTATIONS, PARTIAL, G, latex_in, plain_in
from viz_app.style.notation import markup, plain, title_of
from viz_app.style.typeset import mathml

NAMES = [*SYMBOLS, *(f"g_{name}" for name in SYMBOLS if not name.startswith("g_"))]


@pytest.mark.parametrize("name", NAMES)
def test_every_symbol_has_both_notations(name: str) -> None:
    found = symbol(name)
    is_gradient = "g(L, " in found.latex
    for is_inline in (False, True):
        (one,) = parsed(mathml(found.latex, G, is_inline))
        (other,) = parsed(mathml(found.latex, PARTIAL, is_inline))
        assert ("g(L," in written(one)) == is_gradient == ("∂" in written(other))
        assert "g(L" not in written(other)
        assert bool(list(other.iter("mfrac"))) == (is_gradient and not is_inline)
    for shown in (title_of(name, 2, PARTIAL), plain(found.words, PARTIAL)):
        assert "g(L" not in text_of(shown)
        assert ("∂L" in text_of(shown)) == ("g(L, " in found.words)


@pytest.mark.parametrize(
    ("latex", "fraction", "slashed"),
    [
        ("g(L, K)", r"\frac{\partial L}{\partial K}", r"\partial L\text{/}\partial {K}"),
        (
            r"{g(L, X^{(out)})}_{n,c} + x",
            r"\frac{\partial L}{\partial {X^{(out)}}_{n,c}} + x",
            r"\partial L\text{/}\partial {X^{(out)}}_{n,c} + x",
        ),
        (
            r"{g(L, W)}^{\top} x",
            r"\left(\frac{\partial L}{\partial W}\right)^{\top} x",
            r"(\,\partial L\text{/}\partial {W})^{\top} x",
        ),
        (r"\log(L, x)", r"\log(L, x)", r"\log(L, x)"),
    ],
)
def test_an_index_is_of_the_array_and_a_power_of_the_gradient(
    latex: str, fraction: str, slashed: str
) -> None:
    assert latex_in(latex, PARTIAL) == fraction
    assert latex_in(latex, PARTIAL, is_inline=True) == slashed
    assert latex_in(latex, G) == latex


def test_plain_text_has_both_notations() -> None:
    assert plain_in("g(L, X^(out)) of conv", PARTIAL) == "∂L/∂X^(out) of conv"
    assert plain_in("g(L, W)^T", PARTIAL) == "(∂L/∂W)^T"
    assert plain_in("|g(L, ·)|", PARTIAL) == "|∂L/∂·|"


def test_a_sentence_says_what_its_equation_says_in_each_notation() -> None:
    trace = trained()
    for stage in trace.stages:
        for inner in stage.inner:
            said = {name: caption(trace, stage, inner, name) for name in NOTATIONS}
            assert "∂" not in said[G].text + said[G].mathml
            assert "g(L" not in text_of(said[PARTIAL].text + said[PARTIAL].mathml)
            was = "g(L" in text_of(said[G].mathml)
            assert was == ("∂" in said[PARTIAL].mathml)


@pytest.mark.parametrize("notation", NOTATIONS)
def test_words_are_left_alone(notation: str) -> None:
    for words in ("A row and a column", "I see a T-shirt", "it's 3 x2 k.npz of conv2", "a < 2"):
        assert "<math" not in markup(words, notation)
        assert text_of(markup(words, notation)) == words


def test_labels_stand_upright_and_conditions_below() -> None:
    (element,) = parsed(mathml(in_latex(r"\sum_{n} <X_in>_{n} + <out_channels>")))
    assert [node.text for node in element.iter("mtext")] == ["in", "out"]
    assert [node[0].text for node in element.iter("munder")] == ["∑"]
    assert element.get("displaystyle") == "true"
