"""Typesets equations: LaTeX as MathML, which browsers draw themselves."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert

from viz_app.style.gradients import G, latex_in

# A line may end before each of these: a sign; or, in a product that is longer than a line, an
# operator, or a bracket behind a subscript, as the factor [w = 3] is.
TERMS = re.compile(r" (?==)|(?<!=) (?=[-+])")
FACTORS = re.compile(r" (?=\\cdot )|(?<![=(]) (?=\\sum|\\max|\\arg)|(?<=\}) (?=\[)")
# Words below or above a letter, as `(in)`, stand upright.
LABEL = re.compile(r"(?<=[_^]\{)((?:[-\w]*\()?)([a-z]{2,})(?=\)?\})")
# A sign behind one of these is that of a number.
RELATIONS, SIGNS = {"=", "("}, {"\N{MINUS SIGN}", "+"}
# Their conditions stand below them.
LARGE = {"∑", "max", "argmax"}
BELOW = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
NAMESPACE = "http://www.w3.org/1998/Math/MathML"
# Elements whose first child is the base of the others; these as shares of it, in a script too.
SCRIPTED = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
SCRIPT, NESTED = 0.7, 0.786
PRIME = "\N{PRIME}"
# Commands that latex2mathml does not know, or draws otherwise than sentences: an ε, not an ϵ.
OTHERS = {r"\arg\max": r"\operatorname{argmax}", r"\epsilon": r"\varepsilon"}


def mathml_lines(latex: str, notation: str = G) -> str:
    """Return an equation as several, between which a line may end.

    A product is a `span` of its own, and is broken only if it is longer than a line: there, and
    behind conditions under a sum, which are long.
    """
    terms = _parts(latex, {match.start() for match in TERMS.finditer(latex)})
    return " ".join(_product(term, notation) for term in terms)


def _product(latex: str, notation: str) -> str:
    ends = {match.start() for match in FACTORS.finditer(latex)}
    for match in re.finditer(r"\\sum_", latex):
        end = _group_end(latex, match.end())
        if "=" in latex[match.end() : end]:
            ends.add(end)
    factors = [mathml(part, notation) for part in _parts(latex, ends)]
    return factors[0] if len(factors) == 1 else f'<span class="unbroken">{" ".join(factors)}</span>'


def _parts(latex: str, ends: set[int]) -> list[str]:
    """Return LaTeX in parts that end at some places, as far as these are in no brackets."""
    parts, start = list[str](), 0
    for end in sorted(ends - {0}):
        before = latex[:end]
        if all(before.count(a) == before.count(b) for a, b in ("{}", "()", "[]")):
            parts.append(latex[start:end].strip())
            start = end
    # Behind an empty group, a sign at the beginning has the space of one between two terms.
    first, *others = [*parts, latex[start:].strip()]
    return [first, *(f"{{}} {part}" for part in others)]


def _group_end(latex: str, start: int) -> int:
    """Return where the group in braces that begins at `start` ends."""
    depth = 0
    for k in range(start, len(latex)):
        depth += (latex[k] == "{") - (latex[k] == "}")
        if depth == 0:
            return k + 1
    return len(latex)


@lru_cache(maxsize=4096)
def mathml(latex: str, notation: str = G, is_inline: bool = False) -> str:
    """Return a formula as MathML.

    Args:
        latex: the formula, with gradients as `g(L, …)`.
        notation: in which they are shown, one of `NOTATIONS`.
        is_inline: whether it stands in a sentence, where fractions and limits are flat.
    """
    latex = LABEL.sub(r"\1\\text{\2}", latex_in(latex, notation, is_inline))
    for command, other in OTHERS.items():
        latex = latex.replace(command, other)
    text = convert(latex)
    # A namespace in every tag would be in the way; the outermost element keeps it.
    root = ElementTree.fromstring(text.replace(f' xmlns="{NAMESPACE}"', "", 1))
    _set_scripts(root)
    _size_scripts(root, is_inline=is_inline)
    root.set("xmlns", NAMESPACE)
    if not is_inline:
        root.set("displaystyle", "true")
    return ElementTree.tostring(root, encoding="unicode")


def _size_scripts(node: Element, *, is_inline: bool, depth: int = 0, fractions: int = 0) -> None:
    """Write the sizes of scripts, and of fractions where there is little room, at the elements.

    They are those that the font asks for: 70 %, and 55 % in a script. Firefox keeps scripts of a
    shadow root from shrinking, whatever a style sheet says, and on this page takes no size that is
    relative either, unless it has to be calculated.

    Args:
        node: whose children are sized.
        is_inline: whether the equation stands in a sentence.
        depth: how many scripts `node` stands in.
        fractions: how many fractions `node` stands in.
    """
    is_scripted = node.tag in SCRIPTED and "accent" not in node.attrib
    is_fraction = node.tag == "mfrac"
    for k, child in enumerate(node):
        shrinks = (is_scripted and k > 0) or (is_fraction and (is_inline or fractions > 0))
        if shrinks:
            child.set("style", f"font-size: calc({NESTED if depth else SCRIPT}em)")
        _size_scripts(
            child, is_inline=is_inline, depth=depth + shrinks, fractions=fractions + is_fraction
        )


def _set_scripts(node: Element) -> None:
    """Write the prime of x' beside its letter, and an index below a superscript, not behind it.

    What is large has its conditions below, and a ∂ is a letter.
    """
    for child in node:
        _set_scripts(child)
    if node.tag == "mo" and node.text == "∂":
        node.tag = "mi"
    for before, sign in pairwise(node):
        if before.tag == sign.tag == "mo" and before.text in RELATIONS and sign.text in SIGNS:
            sign.set("form", "prefix")
    if node.tag in BELOW and node[0].text in LARGE:
        node.tag = BELOW[node.tag]
    if node.tag == "msup" and node[0].tag == "mi" and node[1].text == PRIME:
        # Two letters in one `mi` would stand upright.
        node.tag, node[1].tag = "mrow", "mo"
        node[1].attrib = {"lspace": "0", "rspace": "0"}
    elif node.tag == "msub" and len(node[0]) == 1 and node[0][0].tag == "msup":
        base, raised = node[0][0]
        node.tag, node[:] = "msubsup", [base, node[1], raised]
