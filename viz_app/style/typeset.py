"""Typesets equations: LaTeX as MathML, which browsers draw themselves."""

from __future__ import annotations

import re
from functools import lru_cache
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert

# A line may end before each of these: a sign, an operator, or a bracket behind a subscript, as the
# factor [w = 3] is.
BREAKS = re.compile(r" (?==|\+|-|\\cdot )|(?<![=(]) (?=\\sum|\\max|\\arg)|(?<=\}) (?=\[)")
NAMESPACE = "http://www.w3.org/1998/Math/MathML"
PRIME = "\N{PRIME}"
# Commands that latex2mathml does not know, or draws otherwise than sentences: an ε, not an ϵ.
OTHERS = {r"\arg\max": r"\operatorname{argmax}", r"\epsilon": r"\varepsilon"}


def mathml_lines(latex: str) -> str:
    """Return an equation as several, between which a line may end.

    Besides `BREAKS`, a line may end behind conditions under a sum, which are long.
    """
    ends = {match.start() for match in BREAKS.finditer(latex)} - {0}
    for match in re.finditer(r"\\sum_", latex):
        end = _group_end(latex, match.end())
        if "=" in latex[match.end() : end]:
            ends.add(end)
    parts, start = [], 0
    for end in sorted(ends):
        before = latex[:end]
        if all(before.count(a) == before.count(b) for a, b in ("{}", "()", "[]")):
            parts.append(latex[start:end])
            start = end
    return " ".join(mathml(part.strip()) for part in (*parts, latex[start:]))


def _group_end(latex: str, start: int) -> int:
    """Return where the group in braces that begins at `start` ends."""
    depth = 0
    for k in range(start, len(latex)):
        depth += (latex[k] == "{") - (latex[k] == "}")
        if depth == 0:
            return k + 1
    return len(latex)


@lru_cache(maxsize=4096)
def mathml(latex: str) -> str:
    """Return an equation as MathML."""
    for command, other in OTHERS.items():
        latex = latex.replace(command, other)
    text = convert(latex)
    # A namespace in every tag would be in the way; the outermost element keeps it.
    root = ElementTree.fromstring(text.replace(f' xmlns="{NAMESPACE}"', "", 1))
    _set_scripts(root)
    root.set("xmlns", NAMESPACE)
    return ElementTree.tostring(root, encoding="unicode")


def _set_scripts(node: Element) -> None:
    """Write the prime of x' beside its letter, and an index below a superscript, not behind it."""
    for child in node:
        _set_scripts(child)
    if node.tag == "msup" and node[0].tag == "mi" and node[1].text == PRIME:
        # Two letters in one `mi` would stand upright.
        node.tag, node[1].tag = "mrow", "mo"
        node[1].attrib = {"lspace": "0", "rspace": "0"}
    elif node.tag == "msub" and len(node[0]) == 1 and node[0][0].tag == "msup":
        base, raised = node[0][0]
        node.tag, node[:] = "msubsup", [base, node[1], raised]
