"""The file format of lessons: what is read, and what is refused with a line and a reason."""

from __future__ import annotations

import re
from time import process_time

import numpy as np
import pytest

from viz_app.lessons import FILES, LessonError, answer_of, read_lesson, record_of
from viz_app.lessons.question import BLANK
from viz_app.lessons.reading.blocks import MOST_CHARACTERS as MOST_IN_BLOCK
from viz_app.lessons.reading.lessons import MOST_STEPS
from viz_app.lessons.reading.sections import MOST_CHARACTERS
from viz_app.lessons.record import MOST_ITERATIONS

LESSON = """---
title: Signs
minutes: 5
learns: what a sign says
moment: preset=one&seed=2
---

## First

A sentence. Another one with g(L, X^(in)) and x^{2}.

```step
moment: stage=11&inner=1&cell=g_K,0,@k
draw:
  k: 2 to 5
point:
  - g_K[0,@k]
  - X_col that make g_K[0,@k]
controls: timeline
ask: Which sign has it?
sign: g_K[0,@k]
why: It is {g_K[0,@k]}.
mistakes:
  - if: negated
    why: The other way round.
```

## Second

No question here: just read.
"""


def changed(old: str, new: str) -> str:
    assert LESSON.count(old) >= 1
    return LESSON.replace(old, new, 1)


def test_a_lesson_is_read() -> None:
    lesson = read_lesson(LESSON, "signs")
    assert (lesson.name, lesson.title, lesson.minutes) == ("signs", "Signs", 5)
    first, second = lesson.steps
    assert (first.title, first.line, second.number, second.line) == ("First", 8, 2, 28)
    assert first.text == "A sentence. Another one with g(L, X^(in)) and x^{2}."
    assert first.controls == ("timeline",)
    assert second.question is None
    assert second.words == {"preset": "one", "seed": "2"}
    question = first.question
    assert question is not None
    assert (question.kind, question.rule.text, question.rule.line) == ("sign", "g_K[0,@k]", 21)
    assert (question.mistakes[0].rule.text, question.mistakes[0].rule.line) == ("negated", 24)


def test_line_ends_and_a_mark_at_the_beginning_do_not_count() -> None:
    crlf = read_lesson(("\ufeff" + LESSON.replace("\n", "\r\n")).encode())
    assert crlf.steps == read_lesson(LESSON).steps


def test_numbers_are_drawn_by_the_seed() -> None:
    step = read_lesson(LESSON).steps[0]
    texts = set()
    for seed in range(20):
        there = step.with_seed(seed)
        assert there == step.with_seed(seed)
        assert there.words["seed"] == str(seed)
        assert there.question is not None
        texts.add(there.question.rule.text)
        assert there.words["cell"] == there.question.rule.text.replace("[", ",").rstrip("]")
        assert there.points[1].text == f"X_col that make {there.question.rule.text}"
    assert texts == {f"g_K[0,{k}]" for k in range(2, 6)}
    assert step.with_seed().words["seed"] == "2"


def test_a_link_is_a_moment_too() -> None:
    link = "https://school.example/viz_app?preset=one&seed=2&stage=3#top"
    lesson = read_lesson(changed("preset=one&seed=2", link))
    assert lesson.steps[1].words == {"preset": "one", "seed": "2", "stage": "3"}


def test_levels_of_fading() -> None:
    text = changed("sign: g_K[0,@k]", "terms: g_K[0,@k]\nblanks:\n  - none\n  - 2\n  - all")
    step = read_lesson(text).steps[0]
    asked = [step.with_seed(0, level).question for level in range(5)]
    assert [question.blanks for question in asked if question] == [0, 2, BLANK, BLANK, BLANK]
    assert [question.asks for question in asked if question] == [False, True, True, True, True]


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("---\ntitle", "title", 1, "a head between"),
        ("minutes: 5", "minutes: 0", 3, "from 1 to 90"),
        ("minutes: 5", "minutes: five", 3, "from 1 to 90"),
        ("learns: what a sign says\n", "", 2, "no learns:"),
        ("title: Signs", "titel: Signs", 2, "'titel'; expected title"),
        ("title: Signs", "title: &a Signs", 2, "an alias or an anchor"),
        ("title: Signs", "title: *a", 2, "an alias or an anchor"),
        ("title: Signs", "title: !!python/name:os.system x", 2, "a tag|the tag"),
        ("title: Signs", "title: <b>Signs</b>", 2, "markup"),
        ("title: Signs", "title: [a, b]", 2, "a list; expected a text"),
        ("title: Signs", "title: a: b", 2, "cannot be read"),
        ("title: Signs", "title: Si\u202egns", 2, "characters one can see"),
        ("preset=one&seed=2", "preset=two", 5, "preset: two is not one of"),
        ("preset=one&seed=2", "preset=one&seed=x", 5, "Seed is x"),
        ("preset=one&seed=2", "preset=one&preset=one", 5, "twice"),
        ("preset=one&seed=2", "preset=one&batch=99999", 5, "Batch size"),
        ("preset=one&seed=2", "preset=one&data=own", 5, "a data set that everybody has"),
        ("preset=one&seed=2", "preset=one&iteration=5000", 5, f"iteration {MOST_ITERATIONS}"),
        ("preset=one&seed=2", "preset=mnist&iteration=300", 5, "at most 2 billion"),
        ("preset=one&seed=2", "model=conv 9999999 k3, flatten, linear 3", 5, "model:"),
        ("preset=one&seed=2", "model=conv 9999999 k3", 5, "model:"),
        ("## First", "First", 8, "a heading"),
        ("A sentence.", "A. B. C. D.", 10, "5 sentences"),
        ("A sentence.", "See [this](http://x.example).", 10, "markup"),
        ("A sentence.", "It is {loss}.", 10, "numbers behind why"),
        ("A sentence.", "x" * 701, 10, "1 to 700"),
        ("```step", "```python", 12, "a block from ```step"),
        ("stage=11", "stag=11", 13, "is no word of an address"),
        ("k: 2 to 5", "k: 5 to 2", 15, "such as i: 0 to 3"),
        ("k: 2 to 5", "q: 2 to 5", 17, "@k; expected a name"),
        ("controls: timeline", "controls: bomb", 19, "one of step, back"),
        ("sign: g_K[0,@k]", "sing: g_K[0,@k]", 21, "'sing'; expected sign"),
        ("sign: g_K[0,@k]\n", "", 20, "ask: without a question"),
        ("sign: g_K[0,@k]", "sign: g_K[0,@k]\ncount: visits[0,0]", 22, "sign: and count:"),
        ("sign: g_K[0,@k]", "terms: g_K[0,@k]", 21, "terms: without blanks:"),
        ("sign: g_K[0,@k]", "sign: g_K[0,@k]\namong: a", 21, "sign: with among:"),
        ("sign: g_K[0,@k]", "order: g_K[0,0]\namong: [a, b]", 21, "@layer in it"),
        ("sign: g_K[0,@k]", "sign: g_K[0,@k]\ntolerance: near", 22, "5% or 0.01"),
        ("sign: g_K[0,@k]", "choose: [a, b]", 21, "a text; expected the keys"),
        ("sign: g_K[0,@k]", "choose:\n  - say: a\n  - say: a", 21, "2 different ones"),
        ("    why: The other", "    because: The other", 25, "one of if, why"),
        ("ask: Which sign has it?\n", "", 13, "no ask:"),
        ("Which sign has it?", "Is it {g_K[0,0]}?", 20, "before the answer"),
        ("No question here: just read.", "```", 30, "a block from ```step"),
        ("\nNo question here: just read.\n", "", 28, "1 to 700"),
    ],
)  # fmt: skip
def test_an_error_names_line_and_reason(old: str, new: str, line: int, said: str) -> None:
    with pytest.raises(LessonError, match=said) as caught:
        read_lesson(changed(old, new))
    assert caught.value.line == line
    assert caught.value.given
    assert caught.value.expected


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("sign: g_K[0,@k]", "sign: g_Q[0,1]", 21, "no array 'g_Q'; expected one of"),
        ("sign: g_K[0,@k]", "sign: g_K[0,99]", 21, "outside of the array; expected a cell of 1×9"),
        ("sign: g_K[0,@k]", "sign: g_K[0,1] of backward conv9", 21, "no stage backward conv9"),
        ("sign: g_K[0,@k]", "sign: g_K[0", 21, "cannot be computed"),
        ("sign: g_K[0,@k]", "sign: __import__", 21, "cannot be computed"),
        ("sign: g_K[0,@k]", "sign: exec(1)", 21, "is not part of the notation"),
        ("sign: g_K[0,@k]", "sign: 9**9**9**9", 21, "cannot be computed"),
        ("sign: g_K[0,@k]", "sign: 1/0", 21, "cannot be computed"),
        ("sign: g_K[0,@k]", "sign: sum[q,f](1)", 21, "is not known"),
        ("if: negated", "if: without nothing", 24, "has no 'nothing'"),
        ("It is {g_K[0,@k]}.", "It is {g_Q[0,0]}.", 21, "no array 'g_Q'"),
    ],
)  # fmt: skip
def test_a_rule_that_does_not_fit_the_iteration_is_an_error(
    old: str, new: str, line: int, said: str
) -> None:
    step = read_lesson(changed(old, new)).steps[0].with_seed()
    assert step.question is not None
    record = record_of(step.words, step.line)
    with pytest.raises(LessonError, match=said) as caught:
        answer_of(step.question, record)
    assert caught.value.line == line


def test_a_rule_takes_no_more_time_than_it_may() -> None:
    rule = "sum[n,i,j,N,I,J](abs(X_out[n,0,i,j]) * abs(X_out[N,0,I,J]))"
    head = "preset=one&batch=120"
    text = changed("preset=one&seed=2", head).replace("sign: g_K[0,@k]", f"sign: {rule}")
    step = read_lesson(text).steps[0].with_seed()
    assert step.question is not None
    record = record_of(step.words)
    with pytest.raises(LessonError, match=r"more than .* terms"):
        answer_of(step.question, record)


def test_sizes_are_limited() -> None:
    with pytest.raises(LessonError, match=f"at most {MOST_CHARACTERS:,}"):
        read_lesson(LESSON + "\n" * MOST_CHARACTERS)
    with pytest.raises(LessonError, match=f"1 to {MOST_STEPS}"):
        read_lesson(LESSON + "\n## More\n\nText.\n" * MOST_STEPS)
    with pytest.raises(LessonError, match=f"at most {MOST_IN_BLOCK:,}"):
        read_lesson(changed("title: Signs", f"title: {'x' * MOST_IN_BLOCK}"))
    with pytest.raises(LessonError, match="too much in one block"):
        read_lesson(changed("title: Signs", "title: " + "[" * 1000))
    with pytest.raises(LessonError, match="no text"):
        read_lesson(b"\xff\xfe---")
    with pytest.raises(LessonError, match="steps"):
        read_lesson(LESSON[: LESSON.index("## First")])


PIECES = [
    *("[", "]", "{", "}", "&a ", "*a", "!!int ", "<script>", "`", "```", "---\n", "## ", "\n"),
    *(" - ", ": ", "@k", "@", "%", "#", '"', "'", "|", ">", "?", "\x00", "\ufeff", "9" * 30),
    *("{loss}", "where", "that make", " of loss", "none", "all", "nothing", "iteration="),
    *("preset=", "\t", "\ud7ff", "model=conv ", "&seed=", "stage=", "batch=", "1e999", "-1"),
    *("é", "\u202e", "%ff", "\r"),
]  # fmt: skip


def mutated(text: str, rng: np.random.Generator) -> str:
    """Return a text in which pieces are left out, doubled, exchanged or put in."""
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(len(text)))
        end = at + int(rng.integers(1, 30))
        match int(rng.integers(5)):
            case 0:
                text = text[:at] + text[end:]
            case 1:
                text = text[:end] + text[at:]
            case 2:
                to = int(rng.integers(len(text)))
                text = text[:to] + text[at:end] + text[to:]
            case 3:
                text = text[:at] + PIECES[int(rng.integers(len(PIECES)))] + text[at:]
            case _:
                text = text[:at] + chr(int(rng.integers(32, 0xD7FF))) + text[at + 1 :]
    return text


def test_a_mutated_file_gives_a_lesson_or_an_error() -> None:
    rng, read, slowest = np.random.default_rng(0), 0, 0.0
    # Small, so that the most of it can be hit, and with every kind of question.
    sources = [LESSON, *(_short(text) for text in FILES.values())]
    for k in range(2000):
        text, began = mutated(sources[k % len(sources)], rng), process_time()
        try:
            lesson = read_lesson(text)
            read += 1
            for step in lesson.steps if k % len(sources) == 0 else ():
                step = step.with_seed(k)
                if step.question is not None:
                    answer_of(step.question, record_of(step.words, step.line))
        except LessonError:
            pass
        slowest = max(slowest, process_time() - began)
    assert 100 < read < 1900
    # A file that would run for long takes many times as much.
    assert slowest < 5


def _short(text: str) -> str:
    """Return a lesson with its head and two of its steps."""
    head, *steps = re.split(r"(?m)^(?=## )", text)
    return "".join([head, *steps[1:3]])
