"""Edits of a draft: its steps, its moments, its questions, what is clicked, and the way back."""

from __future__ import annotations

import numpy as np
import pytest

from core.inspect.cell import Cell
from tests.viz_app.lessons.test_read import LESSON, _short, mutated
from viz_app.components.compose.compose import head_form, step_form
from viz_app.lessons import FILES, LessonError, Record, Work, draft_of, read_lesson, record_of
from viz_app.lessons import write_lesson as write
from viz_app.lessons.composing.draft import Draft, DraftStep, told, with_block
from viz_app.lessons.composing.faults import Fault, answer_in, head_fault, read_step
from viz_app.lessons.composing.fields import block_of, fields_of, with_field
from viz_app.lessons.composing.moment import common_moment, words_of
from viz_app.lessons.composing.question import choice_of, with_kind
from viz_app.lessons.kinds import KINDS
from viz_app.place import address
from viz_app.run.cost import HERE

HEAD = {"title": "Mine", "minutes": "5", "learns": "Much.", "moment": "preset=one&seed=0"}
NEW = Work(Draft(block_of(HEAD)))
LAYERS = ("conv", "relu", "pool")


def now(**words: str) -> dict[str, str]:
    """All words of the address of a moment."""
    return address.words_at(address.read({"preset": "one", **words}))


def titles(work: Work) -> list[str]:
    return [step.title for step in work.draft.steps]


def fields(work: Work) -> dict[str, object]:
    assert work.step is not None
    return dict(fields_of(work.step.block))


@pytest.fixture(scope="module")
def record() -> Record:
    return record_of({"preset": "one", "seed": "0", "stage": "1", "inner": "3"})


# The steps.


def test_steps_are_added_moved_removed_and_brought_back() -> None:
    work = NEW.add(now()).add(now(stage="2")).add(now(stage="3"))
    assert (titles(work), work.chosen) == (["Step 1", "Step 2", "Step 3"], 3)
    work = work.move(-1)
    assert (titles(work), work.chosen) == (["Step 1", "Step 3", "Step 2"], 2)
    assert work.move(-1).move(-1) == work.move(-1)
    assert titles(work.choose(3).move(1)) == titles(work)
    gone = work.remove()
    assert (titles(gone), gone.chosen) == (["Step 1", "Step 2"], 2)
    assert gone.back().draft == work.draft
    assert gone.back().chosen == 2
    assert gone.back().back().back().back().back().draft == NEW.draft
    # Added behind the one in hand.
    assert titles(work.choose(1).add(now()))[1] == "Step 4"
    assert NEW.remove() == NEW.move(1) == NEW.capture(now()) == NEW.back() == NEW


def test_what_is_typed_in_one_field_is_taken_back_at_once() -> None:
    work = NEW.add(now())
    typed = work.enter(1, "title", "A").enter(1, "title", "A b").enter(1, "text", "Text. ")
    assert typed.step == DraftStep("A b", "Text.", work.draft.steps[0].block)
    assert titles(typed.back()) == ["A b"]
    assert typed.back().back().draft == work.draft
    assert typed.enter(0, "title", "Ours").draft.head.startswith("title: Ours\n")
    assert typed.enter(9, "title", "X") == typed


# Moments.


@pytest.mark.parametrize(
    ("head", "seen", "own"),
    [
        ({}, {}, {}),
        ({}, {"stage": "4", "inner": "1"}, {"stage": "4"}),
        ({"stage": "4"}, {}, {"stage": "1"}),
        ({"rate": "0.05"}, {"rate": "0.1"}, {"rate": "0.1"}),
        ({}, {"cell": "X_out,0,0,1,1", "pin": "K"}, {"cell": "X_out,0,0,1,1", "pin": "K"}),
        ({}, {"preset": "digits"}, {"preset": "digits"}),
        ({"rate": "0.3"}, {"preset": "digits", "rate": "0.3"}, {"preset": "digits"}),
        # How it is drawn is not captured.
        ({}, {"notation": "d", "side": "flow", "colours": "step"}, {}),
    ],
)
def test_a_step_says_only_what_differs_from_the_head(
    head: dict[str, str], seen: dict[str, str], own: dict[str, str]
) -> None:
    moment = "&".join(f"{word}={text}" for word, text in {"preset": "one", **head}.items())
    work = Work(Draft(with_field(NEW.draft.head, "moment", moment))).add(now(**seen))
    assert work.step is not None
    assert words_of(work.step.block) == own
    words = {"preset": "one", **head, **own}
    drawn = ("notation", "side", "colours")
    plain = {word: text for word, text in seen.items() if word not in drawn}
    assert address.words_at(address.read(words)) == now(**plain)


def test_what_a_moment_has_not_is_said_by_the_other_steps() -> None:
    moment = "preset=one&pin=K"
    work = Work(Draft(with_field(NEW.draft.head, "moment", moment))).add(now(pin="K"))
    assert words_of(work.draft.head) == {"preset": "one", "pin": "K"}
    work = work.add(now(stage="3"))
    assert words_of(work.draft.head) == {"preset": "one"}
    assert [words_of(step.block) for step in work.draft.steps] == [{"pin": "K"}, {"stage": "3"}]


def test_a_new_lesson_is_about_the_run_in_sight() -> None:
    assert common_moment(now()) == "preset=one&seed=0"
    seen = now(rate="0.2", seed="7", grain="Cell", stage="3", cell="X_out,0,0,0,0")
    assert common_moment(seen) == "preset=one&seed=7&rate=0.2&grain=Cell"
    own = now(model="conv 2 k3, relu, flatten, linear {classes}")
    assert address.parse(common_moment(own))["model"] == own["model"]


# Questions.


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_all_its_keys(kind: str) -> None:
    block = with_kind("moment: stage=2\n", kind, LAYERS)
    found = fields_of(block)
    assert {"moment", "ask", kind, "why"} <= found.keys()
    assert with_kind(block, kind) == block
    # What is missing has a line, and thus a field.
    step = DraftStep("T", "Text.", block)
    fault = read_step("preset=one", step, HERE)
    assert isinstance(fault, Fault)
    assert fault.key in {"ask", kind}
    # The others have keys of their own.
    other = with_kind(with_kind(block, "number"), "")
    assert fields_of(other) == {"moment": "stage=2"}


def test_another_kind_takes_over_what_it_can() -> None:
    block = block_of({"ask": "How large?", "number": "K[0,0]", "why": "So.", "tolerance": "5%"})
    found = fields_of(with_kind(block, "sign"))
    assert found == {"ask": "How large?", "sign": "K[0,0]", "why": "So.", "tolerance": "5%"}
    assert fields_of(with_kind(block, "terms"))["blanks"] == "2"
    assert "blanks" not in fields_of(with_kind(with_kind(block, "terms"), "number"))
    assert fields_of(with_kind(block, "order", LAYERS))["among"] == [*LAYERS]


def click(work: Work, what: str, *cells: tuple[str, tuple[int, ...]], record: Record) -> Work:
    for array, index in cells:
        work = work.click(what, Cell("forward", "conv", array, index), record)
    return work


def test_clicked_cells_become_the_rule(record: Record) -> None:
    work = NEW.add(now(inner="3")).ask("cells", LAYERS)
    first, second = ("X_in", (0, 0, 1, 2)), ("X_in", (0, 0, 0, 1))
    both = click(work, "ask", first, second, record=record)
    assert fields(both)["cells"] == "X_in[0,0,0,1]; X_in[0,0,1,2]"
    assert fields(click(both, "ask", first, record=record))["cells"] == "X_in[0,0,0,1]"
    assert fields(click(both, "ask", first, second, record=record))["cells"] == ""
    # Those of another array begin anew, and so do those of a rule that is no list.
    assert fields(click(both, "ask", ("K", (0, 4)), record=record))["cells"] == "K[0,4]"
    related = both.enter(1, "cells", "X_in that make X_out[0,0,0,0]")
    assert fields(click(related, "ask", first, record=record))["cells"] == "X_in[0,0,1,2]"
    for kind in ("number", "sign", "terms"):
        one = click(work.ask(kind, LAYERS), "ask", first, second, record=record)
        assert fields(one)[kind] == "X_in[0,0,0,1]"
    assert fields(click(work.ask("largest", ()), "ask", first, record=record))["largest"] == "X_in"
    # Of another stage.
    cell = Cell("update", "conv", "step", (0, 0, 1, 1), "weight")
    number = work.ask("number", ()).click("ask", cell, record)
    assert fields(number)["number"] == "step[0,0,1,1] of update conv.weight"


def test_clicked_cells_get_a_spotlight(record: Record) -> None:
    work = NEW.add(now(inner="3"))
    first, second, other = ("X_in", (0, 0, 1, 2)), ("X_in", (0, 0, 0, 1)), ("K", (0, 4))
    work = click(work, "point", first, other, second, record=record)
    assert fields(work)["point"] == ["X_in[0,0,0,1]; X_in[0,0,1,2]", "K[0,4]"]
    assert fields(click(work, "point", first, second, record=record))["point"] == ["K[0,4]"]
    none = click(work, "point", first, second, other, record=record)
    assert "point" not in fields(none)


def test_lines_of_cells_are_written_as_lines(record: Record) -> None:
    mask = np.zeros((1, 1, 3, 4), bool)
    mask[0, 0, 1], mask[0, 0, 2, 3] = True, True
    assert choice_of("X", mask) == "X[0,0,1,:]; X[0,0,2,3]"
    mask[0, 0, :, 3] = True
    assert choice_of("X", mask) == "X[0,0,:,3]; X[0,0,1,:]"
    assert choice_of("X", np.ones((3, 4), bool)) == "X"
    assert choice_of("loss", np.ones((), bool)) == "loss"


# What is wrong, and where.


@pytest.mark.parametrize(
    ("changes", "key", "said"),
    [
        ({"title": ""}, "title", "nothing; expected 1 to 300 characters"),
        ({"text": ""}, "text", "nothing; expected 1 to 700 characters"),
        ({"text": "A. B. C. D. E."}, "text", "5 sentences; expected at most 4"),
        ({"text": "```step of it"}, "", ""),
        ({"moment": "stage=x"}, "moment", "stage: "),
        ({"ask": ""}, "ask", "nothing"),
        ({"number": ""}, "number", "nothing"),
        ({"why": "<b>"}, "why", "markup"),
        ({"tolerance": "much"}, "tolerance", "such as 5%"),
        ({"controls": ["bomb"]}, "controls", "'bomb'"),
        ({"mistakes": [{"if": "negated", "why": ""}]}, "mistakes", "nothing"),
        ({"strange": "key"}, "strange", "the key 'strange'"),
        ({"block": "ask: a: b"}, "block", "line 1: this cannot be read"),
        # What only the iteration can say.
        ({"number": "K[0,99]"}, "number", "outside of the array"),
        ({"why": "It is {Q[0]}."}, "number", "no array 'Q'"),
        ({"mistakes": [{"if": "without it", "why": "So."}]}, "mistakes", "has no 'it'"),
        ({"point": ["K", "Q"]}, "point", "no array 'Q'"),
    ],
)
def test_a_fault_is_said_at_its_field(
    changes: dict[str, str], key: str, said: str, record: Record
) -> None:
    work = NEW.add(now(inner="3")).ask("number", ()).enter(1, "text", "Look.")
    for field, value in {"ask": "How large?", "number": "K[0,1]", "why": "So."}.items():
        work = work.enter(1, field, value)
    assert work.step is not None
    good = answer_in(record, work.moment, work.step, 1, HERE)
    assert not isinstance(good, Fault)
    for field, value in changes.items():
        work = work.enter(1, field, value)
    assert work.step is not None
    fault = answer_in(record, work.moment, work.step, 1, HERE)
    if key:
        assert isinstance(fault, Fault), fault
        assert (fault.key, said in fault.text) == (key, True), fault
    else:
        assert not isinstance(fault, Fault)
    # It is a draft still.
    assert draft_of(write(work.draft)) == work.draft


def test_faults_of_the_head_are_its_own() -> None:
    assert head_fault(NEW.draft.head, HERE) is None
    broken = head_fault("title: Mine\nminutes: a: b\n", HERE)
    assert broken is not None
    assert (broken.key, broken.text.startswith("line 2: this cannot")) == ("block", True)
    for key, value in (("learns", ""), ("minutes", "many"), ("moment", "stage=x")):
        fault = head_fault(NEW.enter(0, key, value).draft.head, HERE)
        assert fault is not None
        assert fault.key == key


def test_a_block_that_cannot_be_read_is_mended_as_text() -> None:
    work = NEW.add(now()).enter(1, "block", "ask: [\n```\n## Next\n")
    assert work.step is not None
    # Nothing in it ends the step.
    assert work.step.block == "ask: [\n## Next\n"
    assert draft_of(write(work.draft)) == work.draft
    for change in (lambda: work.enter(1, "ask", "?"), lambda: work.ask("cells", ())):
        with pytest.raises(LessonError):
            change()
    assert work.enter(1, "block", "").step == DraftStep("Step 1")
    assert told(DraftStep(), "## Next").text == "Next"
    assert with_block(DraftStep(), "\n\n").block == ""


@pytest.mark.parametrize("name", FILES)
def test_nothing_of_a_lesson_is_lost_when_a_field_is_changed(name: str) -> None:
    work = Work(draft_of(FILES[name]))
    for number, step in enumerate(work.draft.steps, 1):
        before = fields_of(step.block)
        after = work.enter(number, "moment", "stage=2").draft.steps[number - 1]
        assert fields_of(after.block) == before | {"moment": "stage=2"}
        again = work.enter(number, "title", "Other").draft
        assert again.steps[number - 1].block == step.block
        read_lesson(write(again))


def test_whatever_a_file_holds_can_be_edited_or_is_refused() -> None:
    rng, opened = np.random.default_rng(1), 0
    # Small, so that the most of it can be hit.
    sources = [LESSON, *(_short(text) for text in FILES.values())]
    for k in range(200):
        try:
            draft = draft_of(mutated(sources[k % len(sources)], rng))
        except LessonError:
            continue
        opened += 1
        assert draft_of(write(draft)) == draft
        work = Work(draft)
        wrong = work.first_fault(HERE)
        try:
            read_lesson(write(draft))
        except LessonError:
            # The number of steps belongs to none of them.
            assert wrong is not None or not draft.steps
        else:
            assert wrong is None
        head_form(work, None)
        for number in range(1, len(draft.steps) + 1):
            work = work.choose(number)
            assert work.step is not None
            step_form(work.step, read_fault(work.step), "g")
            try:
                work.enter(number, "ask", "What?").ask("cells", ()).capture(now())
            except LessonError:
                # It can be mended as text.
                work = work.enter(number, "block", "ask: What?")
                assert fields(work) == {"ask": "What?"}
    assert opened > 50


def read_fault(step: DraftStep) -> Fault | None:
    read = read_step("preset=one", step, HERE)
    return read if isinstance(read, Fault) else None
