"""Takes the Markdown of a lesson apart: its head, and what stands under each heading."""

from __future__ import annotations

import re
from dataclasses import dataclass

from viz_app.lessons.error import LessonError
from viz_app.lessons.reading.blocks import Text

MOST_CHARACTERS = 60_000
# Characters that nobody sees, or that turn the direction of writing.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def lines_of(content: str | bytes) -> list[str]:
    """Return the lines of a file.

    Raises:
        LessonError: it is too long, no text, or holds characters that nobody sees.
    """
    if len(content) > MOST_CHARACTERS:
        raise LessonError(
            0, f"a file of {len(content):,} characters", f"at most {MOST_CHARACTERS:,}"
        )
    try:
        text = content.decode("utf-8") if isinstance(content, bytes) else content
    except UnicodeDecodeError:
        raise LessonError(0, "a file that is no text", "Markdown in UTF-8") from None
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        if found := UNSEEN.search(line):
            raise LessonError(number, f"the character {found[0]!a}", "characters one can see")
    return lines


def head_of(lines: list[str]) -> tuple[Text, int]:
    """Return the head of a file, a block of YAML, and how many lines it takes.

    Raises:
        LessonError: there is none.
    """
    ends = [k for k, line in enumerate(lines) if line.rstrip() == "---"][:2]
    if len(ends) < 2 or ends[0] > 0:
        raise LessonError(1, f"the first line is {lines[0][:40]!r}", "a head between two lines ---")
    return Text("\n".join(lines[1 : ends[1]]), 2), ends[1] + 1


@dataclass(frozen=True)
class Section:
    """What stands below one heading: its text, and its block of YAML if it has one.

    Attributes:
        title: the heading.
        text: what stands between heading and block, on one line.
        block: the block, which is not read yet.
    """

    title: Text
    text: Text
    block: Text | None


def sections_of(lines: list[str], first: int) -> list[Section]:
    """Return what stands under each heading, from a line on.

    Raises:
        LessonError: something stands elsewhere, or a block has no end.
    """
    found, k = list[Section](), first
    while k < len(lines):
        line = lines[k].rstrip()
        if _is_heading(line):
            section, k = _section(lines, k)
            found.append(section)
        elif line:
            raise LessonError(k + 1, f"{line[:40]!r}", "a heading: ## and a title")
        else:
            k += 1
    return found


def _is_heading(line: str) -> bool:
    return line.startswith("## ") or line.rstrip() == "##"


def _section(lines: list[str], first: int) -> tuple[Section, int]:
    """Return what stands below the heading in a line, and the line behind it."""
    text, block, at, k = list[str](), None, first + 1, first + 1
    while k < len(lines) and not _is_heading(lines[k]):
        line = lines[k].strip()
        if block is not None and line:
            raise LessonError(k + 1, f"{line[:40]!r} behind a block", "a heading: ## and a title")
        if line.startswith("```"):
            end = next((e for e in range(k + 1, len(lines)) if lines[e].rstrip() == "```"), None)
            if line[3:].strip() != "step" or end is None:
                raise LessonError(k + 1, f"{line[:40]!r}", "a block from ```step to ```")
            block = Text("\n".join(lines[k + 1 : end]), k + 2)
            k = end
        elif line:
            at = at if text else k + 1
            text.append(line)
        k += 1
    title = Text(lines[first][3:].strip(), first + 1)
    return Section(title, Text(" ".join(text), at), block), k
