"""A lesson that is being composed: the parts of its file as texts, and edits of them.

A draft may be anything between nothing and a lesson. What is wrong with it is for `read_lesson` to
say, of the file that `write_lesson` makes of it. What nobody has touched stays as the file has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from viz_app.lessons.reading.blocks import Text
from viz_app.lessons.reading.sections import head_of, lines_of, sections_of

FENCE, HEAD_END = "```", "---"


@dataclass(frozen=True)
class DraftStep:
    """A step as its file has it.

    Attributes:
        title: its heading.
        text: what it says, on one line.
        block: its block of YAML; empty if there is none.
    """

    title: str = ""
    text: str = ""
    block: str = ""


@dataclass(frozen=True)
class Draft:
    """The parts of a lesson's file.

    Attributes:
        head: a block of YAML.
        steps: the steps, from none on.
    """

    head: str
    steps: tuple[DraftStep, ...] = ()


def draft_of(content: str | bytes) -> Draft:
    """Return the draft that a file holds, whatever is wrong with what stands in its parts.

    Raises:
        LessonError: it has no such parts.
    """
    lines = lines_of(content)
    head, end = head_of(lines)
    return Draft(
        f"{head.text}\n",
        tuple(
            DraftStep(section.title.text, section.text.text, _block(section.block))
            for section in sections_of(lines, end)
        ),
    )


def _block(block: Text | None) -> str:
    return f"{block.text}\n" if block is not None else ""


def file_name(title: str) -> str:
    """Return what the file of a lesson with a title is called."""
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return f"{words[:60] or 'lesson'}.md"


def write_lesson(draft: Draft) -> str:
    """Return the text of the file. Whether it is a lesson is for `read_lesson` to say."""
    return "\n".join([f"{HEAD_END}\n{draft.head}{HEAD_END}\n", *map(_written, draft.steps)])


def _written(step: DraftStep) -> str:
    block = f"\n{FENCE}step\n{step.block}{FENCE}\n" if step.block else ""
    return f"## {step.title}\n\n{step.text}\n{block}"


# Edits of a step.


def titled(step: DraftStep, title: str) -> DraftStep:
    """Return a step with another heading."""
    return replace(step, title=" ".join(title.split()))


def told(step: DraftStep, text: str) -> DraftStep:
    """Return a step that says something else; what would begin another part is no text."""
    return replace(step, text=re.sub(rf"^(#+ |{FENCE}\S*)\s*", "", " ".join(text.split())))


def with_block(step: DraftStep, block: str) -> DraftStep:
    """Return a step with another block, as somebody has typed it."""
    return replace(step, block=_lines(block))


def _lines(block: str) -> str:
    """Return the lines of a block, without what would end it."""
    lines = (line.rstrip() for line in block.splitlines())
    text = "\n".join(line for line in lines if line not in (FENCE, HEAD_END)).strip("\n")
    return f"{text}\n" if text else ""


# Edits of the lesson; the place of a step counts from 0.


def with_head(draft: Draft, head: str) -> Draft:
    """Return a draft with another head, as somebody has typed it."""
    return replace(draft, head=_lines(head))


def changed(draft: Draft, at: int, step: DraftStep) -> Draft:
    """Return a draft with another step at a place."""
    return replace(draft, steps=(*draft.steps[:at], step, *draft.steps[at + 1 :]))


def added(draft: Draft, at: int, step: DraftStep) -> Draft:
    """Return a draft with one more step at a place."""
    return replace(draft, steps=(*draft.steps[:at], step, *draft.steps[at:]))


def removed(draft: Draft, at: int) -> Draft:
    """Return a draft without the step at a place."""
    return replace(draft, steps=(*draft.steps[:at], *draft.steps[at + 1 :]))


def moved(draft: Draft, at: int, to: int) -> Draft:
    """Return a draft in which a step has gone to another place."""
    return added(removed(draft, at), to, draft.steps[at])
