"""Reads lessons from their files; `docs/lessons.md` has the format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from viz_app.lessons.answer import VALUE
from viz_app.lessons.error import LessonError
from viz_app.lessons.kinds import KINDS
from viz_app.lessons.lesson import DRAWN, Draw, Entry, Lesson, Step
from viz_app.lessons.reading.blocks import Reader, Text, read_block, text_of
from viz_app.lessons.reading.questions import OF_QUESTION, question_of
from viz_app.lessons.reading.sections import Section, head_of, lines_of, sections_of
from viz_app.lessons.reading.texts import LONGEST_SENTENCE, LONGEST_TEXT, plain, rules, sentence
from viz_app.lessons.record import moment_of
from viz_app.place import address
from viz_app.run.cost import HERE, Limits

MOST_STEPS, MOST_MINUTES, MOST_SENTENCES = 30, 90, 4
# What else than an array a step can point at.
CONTROLS = (
    "step", "back", "play", "grain", "timeline", "loss curve", "explanation", "gradient flow",
    "check", "settings", "presets", "share", "pins",
)  # fmt: skip
HEAD = ("title", "minutes", "learns", "moment", "mathematics")
STEP = ("moment", "point", "controls", "draw", *OF_QUESTION, *KINDS)
# Read while this is imported: in a saved heap the files are gone.
FILES: Mapping[str, str] = {
    path.stem: path.read_text("utf-8")
    for path in sorted((Path(__file__).parents[1] / "files").glob("*.md"))
}


def listed() -> list[Entry]:
    """Return the lessons that come along, in order."""
    found = []
    for name, content in FILES.items():
        head, _ = head_of(lines_of(content))
        found.append(_entry(Reader(read_block(head), HEAD), name))
    return found


def bundled(name: str) -> Lesson:
    """Return a lesson that comes along; their names are the keys of `FILES`, in order.

    Raises:
        KeyError: there is none of this name.
    """
    return read_lesson(FILES[name], name)


def read_lesson(content: str | bytes, name: str = "own", limits: Limits = HERE) -> Lesson:
    """Return the lesson that a file holds. Nothing in it is executed.

    Args:
        content: the file.
        name: of the lesson.
        limits: what a step of training may cost.

    Raises:
        LessonError: something is wrong with it; the error says in which line.
    """
    lines = lines_of(content)
    block, end = head_of(lines)
    head = Reader(read_block(block), HEAD)
    entry = _entry(head, name)
    start = _Moments({}, 2, limits).of(head)
    moment_of(start.words, start.line, limits)
    sections = sections_of(lines, end)
    if not 0 < len(sections) <= MOST_STEPS:
        raise LessonError(end, f"{len(sections)} steps", f"1 to {MOST_STEPS}, each under ##")
    return Lesson(
        name,
        entry.title,
        entry.minutes,
        entry.learns,
        tuple(_step(section, start, k) for k, section in enumerate(sections, 1)),
        sentence(head, "mathematics") if head.has("mathematics") else "",
        sha256("\n".join(lines).encode()).hexdigest()[:12],
    )


def _entry(head: Reader, name: str) -> Entry:
    minutes = head.whole("minutes", 1, MOST_MINUTES)
    return Entry(name, sentence(head, "title"), minutes, sentence(head, "learns"))


@dataclass(frozen=True)
class _Moments:
    """The words that moments begin with, the line at which they stand, and what they may cost."""

    words: Mapping[str, str]
    line: int
    limits: Limits

    def of(self, reader: Reader) -> _Moments:
        """Return those of a block: its own words come on top of these."""
        if not reader.has("moment"):
            return self
        text = reader.text("moment", LONGEST_TEXT)
        return _Moments({**self.words, **_words(text)}, text.line, self.limits)

    def check(self, step: Step) -> Step:
        """Return a step; an error if there is no such moment."""
        moment_of(step.with_seed().words, self.line, self.limits)
        return step


def _step(section: Section, start: _Moments, number: int) -> Step:
    line, text = section.title.line, plain(section.text, LONGEST_TEXT)
    sentences = len(re.findall(r"[.!?](?=\s|$)", text))
    if sentences > MOST_SENTENCES:
        raise LessonError(section.text.line, f"{sentences} sentences", f"at most {MOST_SENTENCES}")
    if found := VALUE.search(text):
        raise LessonError(section.text.line, f"{found[0]} in a text", "numbers behind why: only")
    title = plain(section.title, LONGEST_SENTENCE)
    if section.block is None:
        return start.check(Step(title, text, start.words, number=number, line=line))
    reader = Reader(read_block(section.block), STEP)
    moments = start.of(reader)
    controls = rules(reader, "controls")
    for control in controls:
        if control.text not in CONTROLS:
            raise LessonError(control.line, f"{control.text!r}", f"one of {', '.join(CONTROLS)}")
    step = Step(
        title,
        text,
        moments.words,
        rules(reader, "point"),
        tuple(control.text for control in controls),
        question_of(reader),
        _draws(reader),
        number,
        line,
    )
    _check_drawn(step)
    return moments.check(step)


def _draws(reader: Reader) -> tuple[Draw, ...]:
    found = []
    for name, node in reader.fields("draw").items():
        text = text_of(node, 20)
        limits = re.fullmatch(r"([0-9]{1,3}) to ([0-9]{1,3})", text.text)
        if limits is None or int(limits[1]) > int(limits[2]) or not DRAWN.fullmatch(f"@{name}"):
            raise LessonError(text.line, f"{name[:40]}: {text.text[:40]}", "such as i: 0 to 3")
        found.append(Draw(name, int(limits[1]), int(limits[2])))
    return tuple(found)


def _check_drawn(step: Step) -> None:
    """Refuse an `@name` that is not drawn."""
    known = {draw.name for draw in step.draws}
    texts = [(step.text, step.line), *((rule.text, rule.line) for rule in step.points)]
    texts += [(text, step.line) for text in step.words.values()]
    if step.question is not None:
        seen = list[str]()

        def see(text: str) -> str:
            seen.append(text)
            return text

        step.question.written(see)
        texts += [(text, step.question.line) for text in seen]
        known |= {"layer"} if step.question.kind == "order" else set()
    for text, line in texts:
        for name in DRAWN.findall(text):
            if name not in known:
                raise LessonError(line, f"@{name}", "a name that stands under draw:")


def _words(text: Text) -> dict[str, str]:
    """Return the words of an address, or of a link that holds one."""
    try:
        found = address.parse(text.text.rpartition("?")[2].partition("#")[0])
    except ValueError as error:
        raise LessonError(text.line, str(error), "words of an address") from None
    if not found or found.doubled:
        given = f"{found.doubled[0]} twice" if found.doubled else f"{text.text[:60]!r}"
        raise LessonError(text.line, given, "words of an address, such as preset=one&stage=2")
    return dict(found)
