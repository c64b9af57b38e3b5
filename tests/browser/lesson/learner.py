"""Somebody who goes through a lesson; the answers come from loops of the tests' own."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Frame, Locator, Page, expect

from tests.browser.access.matrix import READ_CELL
from tests.browser.dashboard import eventually, settled
from tests.browser.inside import READ_SCENE
from tests.viz_app.lessons.by_hand import by_hand
from tests.viz_app.lessons.expected import EXPECTED
from viz_app.lessons import Lesson, Question, answer_of, record_of
from viz_app.lessons.kinds import KINDS
from viz_app.place.address import parse
from viz_app.run.presets import PRESETS

# Row and column in a picture of the last two indices, by what the picture says of its index.
PLACES: dict[str, Callable[..., tuple[int, int]]] = {
    "rc": lambda row, column: (row, column),
    "cr": lambda row, column: (column, row),
    "r": lambda *index: (index[-1], 0),
    "c": lambda *index: (0, index[-1]),
}


@dataclass(frozen=True)
class Asked:
    """A question as the tests answer it.

    Attributes:
        question: with its numbers.
        right: the right answer.
        wrongs: wrong ones, by how what is said of each begins.
        array: where cells are clicked, if they are.
        terms: of a sum all of them, blank or not.
    """

    question: Question
    right: Any
    wrongs: dict[str, Any]
    array: str
    terms: Sequence[float] = ()


def asked(lesson: Lesson, number: int, seed: int | None = None, level: int = 0) -> Asked:
    """Answer the question of a step by loops, with the numbers of a seed."""
    step = lesson.steps[number - 1].with_seed(seed, level)
    record, question = record_of(step.words, step.line), step.question
    assert question is not None
    hand = by_hand(record, step.words, PRESETS[step.words["preset"]].dataset)
    drawn = list(map(int, re.findall(r"\d+", question.rule.text)))
    right, wrongs = EXPECTED[lesson.name, number](hand, record, drawn)
    terms = list(right) if question.kind == "terms" else []
    if terms:
        # Those that are blank are asked, or the sum.
        blank = [k for k, term in enumerate(answer_of(question, record).terms) if term.is_blank]
        right = [right[k] for k in blank] if blank else [sum(right)]
        wrongs = {"": [-value or 1.0 for value in right]}
    if question.kind == "number":
        # With some numbers a mistake comes near enough.
        wrongs = {k: one for k, one in wrongs.items() if not question.tolerance.holds(one, right)}
    array = KINDS[question.kind].find(question, question.rule, record).array
    return Asked(question, right, wrongs, array.array if array else "", terms)


class Learner:
    """Answers the questions of the lesson that a page shows, or a frame of one."""

    def __init__(self, page: Page | Frame) -> None:
        self.page = page
        self.panel = page.get_by_role("region", name="Lesson", exact=True)
        self.verdict = self.panel.get_by_role("status")

    def press(self, name: str) -> None:
        self.panel.get_by_role("button", name=name, exact=True).click()

    def wait_for_step(self, step: int, count: int) -> None:
        """Wait until a step is in sight, and the address says so."""
        expect(self.panel.locator(".count")).to_have_text(f"step {step} of {count}")
        self.wait_for_words(step=str(step))

    def wait_for_words(self, **words: str) -> None:
        eventually(
            self.page,
            lambda: parse(self.page.url.partition("?")[2]),
            lambda found: words.items() <= found.items(),
            f"the address does not say {words}",
        )

    def go_through(self, lesson: Lesson, *, wrongly: bool) -> None:
        """Answer all questions, from the first step to the end.

        Args:
            lesson: which is in sight.
            wrongly: whether each is answered wrongly first, and then rightly with other numbers.
        """
        for step in lesson.steps:
            self.wait_for_step(step.number, len(lesson.steps))
            if step.question is not None and step.question.asks:
                expect(self.verdict).to_be_empty()
                here = asked(lesson, step.number)
                if wrongly and here.wrongs:
                    said, wrong = next(iter(here.wrongs.items()))
                    self.commit(here, wrong)
                    # Symbols are typeset in it.
                    words = re.split("x̂|p −", said)[0]
                    expect(self.verdict).to_contain_text(re.compile(rf"Not right.*{words}"))
                    here = self.again(lesson, step.number)
                self.commit(here, here.right)
                expect(self.verdict).to_contain_text("✓ Right.")
            self.press("Finish" if step.number == len(lesson.steps) else "Next")
        expect(self.panel).to_contain_text("You can say now")

    def again(self, lesson: Lesson, number: int) -> Asked:
        """Take other numbers, where that is offered."""
        before = parse(self.page.url.partition("?")[2]).get("seed")
        self.press("Again with other numbers")
        expect(self.verdict).to_be_empty()
        words = eventually(
            self.page,
            lambda: parse(self.page.url.partition("?")[2]),
            lambda found: found.get("seed") != before,
            "the address has no other seed",
        )
        return asked(lesson, number, int(words["seed"]), 1)

    def commit(self, asked: Asked, given: Any, how: str = "") -> None:  # noqa: ANN401
        """Give an answer, by a mouse if not otherwise, and press Check."""
        kind = asked.question.kind
        if kind in ("cells", "largest"):
            choose = self.choose_by_keys if how == "keys" else self.click
            choose(asked, given)
        elif kind == "order":
            self.arrange(given)
        elif kind in ("choose", "sign"):
            self.panel.locator(f"input[value='{given}']").check()
        else:
            fields = self.panel.get_by_role("textbox").all()
            given = given if isinstance(given, list) else [given]
            for field, value in zip(fields, given, strict=True):
                field.fill(f"{value:.6g}")
        self.press("Check")

    def arrange(self, labels: list[str]) -> None:
        """Put labels in order, each from below to its place."""
        items = self.panel.get_by_role("list", name="Your order").get_by_role("listitem")
        for place, label in enumerate(labels):
            while items.nth(place).locator("span").inner_text() != label:
                self.panel.get_by_role("button", name=f"{label}: up").click()

    def click(self, asked: Asked, cells: list[list[int]]) -> None:
        """Click cells of the array that is asked, none of which is chosen yet."""
        drawn = eventually(
            self.page,
            lambda: {panel["key"]: panel for panel in self.page.evaluate(READ_SCENE)["panels"]},
            lambda panels: asked.array in panels,
            f"{asked.array} is not drawn",
        )[asked.array]
        canvas = self.canvas(asked.array)
        box = settled(self.page, canvas.bounding_box)
        assert box
        rows, columns = drawn["tiles"][0]["shape"]
        chosen = self.panel.get_by_role("list", name="Chosen cells").get_by_role("listitem")
        for k, index in enumerate(cells, 1):
            row, column = PLACES[drawn["index"]](*index[-2:])
            x, y = (column + 0.5) * box["width"] / columns, (row + 0.5) * box["height"] / rows
            canvas.click(position={"x": x, "y": y})
            expect(chosen).to_have_count(1 if asked.question.kind == "largest" else k)

    def choose_by_keys(self, asked: Asked, cells: list[list[int]]) -> None:
        """Go to each cell by the arrows, from one to the next, and press Enter."""
        grid = self.page.locator(f'.panel[data-key="{asked.array}"]').get_by_role("grid").first
        grid.focus()
        at = grid.evaluate(READ_CELL)
        row, column = at["row"] - 1, at["column"] - 1
        for index in cells:
            down, right = index[-2] - row, index[-1] - column
            for key, count in (("Down", down), ("Up", -down), ("Right", right), ("Left", -right)):
                for _ in range(count):
                    grid.press(f"Arrow{key}")
            grid.press("Enter")
            row, column = index[-2:]

    def canvas(self, key: str) -> Locator:
        return self.page.locator(f'.panel[data-key="{key}"] .over').first
