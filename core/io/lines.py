"""The text of a model over several lines, one layer a line, and the same in one line."""

from __future__ import annotations

import re

INDENT = "  "
# Letters behind or in front of which the end of a line is no end of an item.
_OPEN, _CLOSED = ",(|", "),|"


def one_line(text: str) -> str:
    """Return a text of several lines, in which a line may stand for an item, as one line.

    A text of one line is returned without the blanks around it.
    """
    if "\n" not in text.strip():
        return text.strip()
    words = " ".join(marked(text).split())
    for wrong, right in ((" ,", ","), ("( ", "("), (" )", ")")):
        words = words.replace(wrong, right)
    return re.sub(r",(?=\S)", ", ", words)


def marked(text: str) -> str:
    """Return a text in which a comma takes the place of each line break that ends an item.

    All other letters stay where they were, so that what is wrong is found again.
    """
    letters = list(text.replace("\r", " "))
    for k, letter in enumerate(letters):
        if letter == "\n":
            before = "".join(letters[:k]).rstrip()[-1:]
            behind = "".join(letters[k:]).lstrip()[:1]
            is_end = before and behind and before not in _OPEN and behind not in _CLOSED
            letters[k] = "," if is_end else " "
    return "".join(letters)


def over_lines(text: str) -> str:
    """Return a text with one item a line; what stands in brackets is indented."""
    lines, line, depth = list[str](), "", 0

    def end(mark: str = "") -> None:
        nonlocal line
        if line.strip() or mark:
            lines.append(INDENT * depth + line.strip() + mark)
        line = ""

    for letter in one_line(text):
        if letter == "(":
            end("(")
            depth += 1
        elif letter == ")":
            end()
            depth = max(0, depth - 1)
            line = ")"
        elif letter == "|":
            end()
            depth = max(0, depth - 1)
            line = "|"
            end()
            depth += 1
        elif letter == ",":
            end()
        else:
            line += letter
    end()
    return "\n".join(lines)
