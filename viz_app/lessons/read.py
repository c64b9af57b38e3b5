"""Reads lessons from their files; `docs/lessons.md` has the format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from viz_app.lessons.answer import VALUE
from viz_app.lessons.blocks import Fields, Node, Reader, Text, read_block, text_of
from viz_app.lessons.error import LessonError
from viz_app.lessons.kinds import KINDS
from viz_app.lessons.lesson import DRAWN, Draw, Lesson, Step
from viz_app.lessons.question import BLANK, WORKED, Mistake, Option, Question, Rule, Tolerance
from viz_app.lessons.record import moment_of
from viz_app.place import address
from viz_app.run.cost import HERE, Limits

MOST_CHARACTERS, MOST_STEPS, MOST_MINUTES = 60_000, 30, 90
# Of a step's text, of any other sentence, and of a rule.
LONGEST_TEXT, LONGEST_SENTENCE, LONGEST_RULE, MOST_SENTENCES = 700, 300, 200, 4
# How many there are of one thing in a step, and of blanks in a sum.
MOST, MOST_BLANKS = 8, 20
# What else than an array a step can point at.
CONTROLS = (
    "step", "back", "play", "grain", "timeline", "loss curve", "explanation", "gradient flow",
    "check", "settings", "presets", "share", "pins",
)  # fmt: skip
HEAD = ("title", "minutes", "learns", "moment", "mathematics")
# Keys that only a step with a question has.
OF_QUESTION = ("ask", "why", "mistakes", "cover", "tolerance", "among", "blanks")
STEP = ("moment", "point", "controls", "draw", *OF_QUESTION, *KINDS)
# Nothing of this is plain text: HTML, links and emphasis, and characters that nobody sees.
MARKUP = re.compile(r"<[A-Za-z/!?]|\]\(|`|\*\*|&#?\w+;")
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def read_lesson(content: str | bytes, name: str = "own", limits: Limits = HERE) -> Lesson:
    """Return the lesson that a file holds. Nothing in it is executed.

    Args:
        content: the file.
        name: of the lesson.
        limits: what a step of training may cost.

    Raises:
        LessonError: something is wrong with it; the error says in which line.
    """
    lines = _lines(content)
    ends = [k for k, line in enumerate(lines) if line.rstrip() == "---"][:2]
    if len(ends) < 2 or ends[0] > 0:
        raise LessonError(1, f"the first line is {lines[0][:40]!r}", "a head between two lines ---")
    end = ends[1]
    head = Reader(read_block("\n".join(lines[1:end]), 2), HEAD)
    start = _Moments({}, 2, limits).of(head)
    moment_of(start.words, start.line, limits)
    sections = _sections(lines, end + 1)
    if not 0 < len(sections) <= MOST_STEPS:
        raise LessonError(end + 1, f"{len(sections)} steps", f"1 to {MOST_STEPS}, each under ##")
    steps = tuple(_step(section, start, k) for k, section in enumerate(sections, 1))
    return Lesson(
        name,
        _sentence(head, "title"),
        head.whole("minutes", 1, MOST_MINUTES),
        _sentence(head, "learns"),
        steps,
        _sentence(head, "mathematics") if head.has("mathematics") else "",
        sha256("\n".join(lines).encode()).hexdigest()[:12],
    )


# Read while this is imported: in a saved heap the files are gone.
FILES: Mapping[str, str] = {
    path.stem: path.read_text("utf-8")
    for path in sorted((Path(__file__).parent / "files").glob("*.md"))
}


def bundled(name: str) -> Lesson:
    """Return a lesson that comes along; their names are the keys of `FILES`, in order.

    Raises:
        KeyError: there is none of this name.
    """
    return read_lesson(FILES[name], name)


def _lines(content: str | bytes) -> list[str]:
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


@dataclass(frozen=True)
class _Section:
    """What stands below one heading: its text, and its block of YAML if it has one."""

    title: Text
    text: Text
    block: Fields | None


def _sections(lines: list[str], first: int) -> list[_Section]:
    found, k = list[_Section](), first
    while k < len(lines):
        line = lines[k].rstrip()
        if line.startswith("## "):
            section, k = _section(lines, k)
            found.append(section)
        elif line:
            raise LessonError(k + 1, f"{line[:40]!r}", "a heading: ## and a title")
        else:
            k += 1
    return found


def _section(lines: list[str], first: int) -> tuple[_Section, int]:
    """Return what stands below the heading in a line, and the line behind it."""
    text, block, at, k = list[str](), None, first + 1, first + 1
    while k < len(lines) and not lines[k].startswith("## "):
        line = lines[k].strip()
        if block is not None and line:
            raise LessonError(k + 1, f"{line[:40]!r} behind a block", "a heading: ## and a title")
        if line.startswith("```"):
            end = next((e for e in range(k + 1, len(lines)) if lines[e].rstrip() == "```"), None)
            if line[3:].strip() != "step" or end is None:
                raise LessonError(k + 1, f"{line[:40]!r}", "a block from ```step to ```")
            block = read_block("\n".join(lines[k + 1 : end]), k + 2)
            k = end
        elif line:
            at = at if text else k + 1
            text.append(line)
        k += 1
    title = Text(lines[first][3:].strip(), first + 1)
    return _Section(title, Text(" ".join(text), at), block), k


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


def _step(section: _Section, start: _Moments, number: int) -> Step:
    line, text = section.title.line, _plain(section.text, LONGEST_TEXT)
    sentences = len(re.findall(r"[.!?](?=\s|$)", text))
    if sentences > MOST_SENTENCES:
        raise LessonError(section.text.line, f"{sentences} sentences", f"at most {MOST_SENTENCES}")
    if found := VALUE.search(text):
        raise LessonError(section.text.line, f"{found[0]} in a text", "numbers behind why: only")
    title = _plain(section.title, LONGEST_SENTENCE)
    if section.block is None:
        return start.check(Step(title, text, start.words, number=number, line=line))
    reader = Reader(section.block, STEP)
    moments = start.of(reader)
    controls = _rules(reader, "controls")
    for control in controls:
        if control.text not in CONTROLS:
            raise LessonError(control.line, f"{control.text!r}", f"one of {', '.join(CONTROLS)}")
    step = Step(
        title,
        text,
        moments.words,
        _rules(reader, "point"),
        tuple(control.text for control in controls),
        _question(reader),
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


def _question(reader: Reader) -> Question | None:
    kinds = [kind for kind in KINDS if reader.has(kind)]
    if len(kinds) != 1:
        belongs = [key for key in OF_QUESTION if reader.has(key)]
        if not kinds and not belongs:
            return None
        given = f"{kinds[0]}: and {kinds[1]}:" if kinds else f"{belongs[0]}: without a question"
        keys = ", ".join(f"{kind}:" for kind in KINDS)
        raise LessonError(reader.line((kinds[1:] or belongs)[0]), given, f"one of {keys}")
    kind = kinds[0]
    line = reader.line(kind)
    is_choice = kind == "choose"
    rule = Rule("", line) if is_choice else _rule(reader.text(kind, LONGEST_RULE))
    for key, owner in (("among", "order"), ("blanks", "terms")):
        if reader.has(key) != (kind == owner):
            given = f"{kind}: {'with' if reader.has(key) else 'without'} {key}:"
            raise LessonError(line, given, f"{key}: with {owner}:, and with nothing else")
    among = tuple(label.text for label in _rules(reader, "among"))
    if kind == "order" and (len(set(among)) < 2 or "@layer" not in rule.text):
        raise LessonError(line, f"order: {rule.text}", "@layer in it, and two labels under among:")
    tolerance = reader.text("tolerance", 20) if reader.has("tolerance") else Text("2%", line)
    near = Tolerance.parse(tolerance.text)
    if near is None:
        raise LessonError(tolerance.line, f"tolerance: {tolerance.text}", "such as 5% or 0.01")
    cover = _rules(reader, "cover") if reader.has("cover") else None
    return Question(
        kind,
        _sentence(reader, "ask"),
        rule,
        _sentence(reader, "why"),
        line,
        _mistakes(reader),
        _options(reader) if is_choice else (),
        among,
        None if cover is None else tuple(c for c in cover if c.text != "nothing"),
        near,
        _blanks(reader),
    )


def _mistakes(reader: Reader) -> tuple[Mistake, ...]:
    found = reader.readers("mistakes", MOST, ("if", "why"))
    return tuple(
        Mistake(_rule(inner.text("if", LONGEST_RULE)), _sentence(inner, "why")) for inner in found
    )


def _options(reader: Reader) -> tuple[Option, ...]:
    found = []
    for inner in reader.readers("choose", MOST, ("say", "when", "why")):
        no = Rule("no", inner.block.line)
        when = _rule(inner.text("when", LONGEST_RULE)) if inner.has("when") else no
        why = _sentence(inner, "why") if inner.has("why") else ""
        found.append(Option(_sentence(inner, "say"), when, why))
    if len(found) < 2 or len({option.say for option in found}) < len(found):
        raise LessonError(reader.line("choose"), f"{len(found)} sentences", "2 different ones")
    return tuple(found)


def _blanks(reader: Reader) -> tuple[int, ...]:
    named, found = {"none": WORKED, "all": BLANK}, []
    for node in reader.items("blanks", MOST):
        text = text_of(node, 10)
        count = int(text.text) if re.fullmatch(r"[0-9]{1,3}", text.text) else MOST_BLANKS + 1
        count = named.get(text.text, count)
        if not (text.text in named or 0 < count <= MOST_BLANKS):
            raise LessonError(
                text.line, f"blanks: {text.text}", f"none, a number up to {MOST_BLANKS}, or all"
            )
        found.append(count)
    return tuple(found)


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


def _sentence(reader: Reader, key: str) -> str:
    return _plain(reader.text(key, LONGEST_SENTENCE), LONGEST_SENTENCE)


def _plain(text: Text, longest: int) -> str:
    """Return a text that is plain: it has no markup."""
    text = text_of(text, longest)
    if found := MARKUP.search(text.text):
        raise LessonError(text.line, f"markup: {found[0]!r}", "plain text")
    return text.text


def _rules(reader: Reader, key: str) -> tuple[Rule, ...]:
    return tuple(map(_rule, reader.items(key, MOST)))


def _rule(node: Node) -> Rule:
    text = text_of(node, LONGEST_RULE)
    return Rule(text.text, text.line)
