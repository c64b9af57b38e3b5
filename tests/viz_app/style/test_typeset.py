"""Equations as MathML."""

from __future__ import annotations

import re
from html import unescape
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from viz_app.style.typeset import NAMESPACE, mathml, mathml_lines


def parsed(text: str) -> list[Element]:
    """The equations, which have to be well-formed, without their namespace."""
    elements = list(ElementTree.fromstring(f"<p>{text}</p>").iter(f"{{{NAMESPACE}}}math"))
    for element in elements:
        for node in element.iter():
            node.tag = node.tag.removeprefix(f"{{{NAMESPACE}}}")
    return elements


def written(element: Element) -> str:
    return "".join(element.itertext())


def text_of(html: str) -> str:
    """What is read of HTML; the letters of a formula without spaces."""
    return unescape(re.sub(r"<[^>]*>", "", html))


@pytest.mark.parametrize(
    ("latex", "parts"),
    [
        (
            r"g(a + b)_{i - 1} = \frac{a + b}{c} + [w = 2]",
            ["g(a+b)i−1", "=a+bc", "+[w=2]"],
        ),
        (r"{M}_{i} = \sum_{s, i = 2s} [{w}_{s} = 3] \cdot {g}_{s}",
         ["Mi", "=∑s,i=2s", "[ws=3]", "·gs"]),
        (r"{g}_{i} = \frac{1}{m} \sum_{n} {x}_{n}", ["gi", "=1m", "∑nxn"]),
        (r"{g}_{y} = \sum_{s, y = {i}_{s}} {x}_{s}", ["gy", "=∑s,y=is", "xs"]),
        (r"-x", ["−x"]),
    ],
)  # fmt: skip
def test_a_line_may_end_before_a_sign_or_a_condition_but_not_within_brackets(
    latex: str, parts: list[str]
) -> None:
    assert [written(part) for part in parsed(mathml_lines(latex))] == parts


def test_an_index_stands_below_a_superscript() -> None:
    (element,) = parsed(mathml(r"{T^{(\sigma^{2})}}_{n,c}"))
    (both,) = element.iter("msubsup")
    assert [written(part) for part in both] == ["T", "n,c", "(σ2)"]
    assert len(list(element.iter("msup"))) == 1


def test_a_prime_belongs_to_its_letter() -> None:
    (element,) = parsed(mathml(r"\sum_{n'} {f'}_{n',c}"))
    # One letter alone is italic.
    assert [node.text for node in element.iter("mi")] == ["n", "f", "n", "c"]
    assert written(element) == "∑n′f′n′,c"
    # The prime is beside the letter, where an index stands below both.
    assert not list(element.iter("msup"))


def test_an_operator_of_two_words_is_one() -> None:
    (element,) = parsed(mathml(r"{w}_{i} = \arg\max_{s,t} {x}_{s,t}"))
    assert "argmax" in [node.text for node in element.iter("mo")]


def test_epsilon_has_the_letter_that_sentences_have() -> None:
    (element,) = parsed(mathml(r"\sqrt{\sigma^{2} + \epsilon}"))
    assert written(element) == "σ2+ε"
