"""How far somebody has come in a lesson, and what they answered: pure data."""

from __future__ import annotations

from dataclasses import dataclass, replace

from viz_app.lessons.answer import Given, Verdict
from viz_app.lessons.lesson import Lesson

MOST_TRIES = 2_000


@dataclass(frozen=True)
class Try:
    """One answer.

    Attributes:
        step: number of the step, from 1.
        seed: of its numbers.
        level: of fading.
        given: the answer, as `viz_app.lessons.answer.Given`.
        is_right: whether it was right.
        mistake: what was said of a wrong one; empty if nothing was.
        at: when, in seconds; the caller says since when.
        took: seconds from when the question was in sight.
    """

    step: int
    seed: int
    level: int
    given: Given
    is_right: bool
    mistake: str
    at: float
    took: float = 0.0


@dataclass(frozen=True)
class Progress:
    """How far somebody has come in a lesson.

    Attributes:
        lesson: name of the lesson.
        digest: of its file; another one is another lesson.
        step: number of the step in sight, from 1.
        seed: of the numbers in sight; None for those of the file.
        level: of fading, in sight.
        tries: all answers, in order.
        visited: numbers of the steps that were in sight.
    """

    lesson: str
    digest: str = ""
    step: int = 1
    seed: int | None = None
    level: int = 0
    tries: tuple[Try, ...] = ()
    visited: tuple[int, ...] = (1,)

    @classmethod
    def of(cls, lesson: Lesson) -> Progress:
        """Return the beginning of a lesson."""
        return cls(lesson.name, lesson.digest)

    def at(self, step: int) -> Progress:
        """Return the progress at another step, with the numbers of the file."""
        visited = self.visited if step in self.visited else (*self.visited, step)
        return replace(self, step=step, seed=None, level=0, visited=visited)

    def again(self, seed: int) -> Progress:
        """Return the progress with other numbers, one level of fading further."""
        return replace(self, seed=seed, level=self.level + 1)

    def committed(
        self, seed: int, given: Given, verdict: Verdict, at: float, took: float = 0.0
    ) -> Progress:
        """Return the progress with one more answer to the step in sight.

        Args:
            seed: of the step's numbers.
            given: the answer.
            verdict: what was said of it.
            at: when, in seconds.
            took: seconds from when the question was in sight.
        """
        said = verdict.is_right, verdict.mistake
        one = Try(self.step, seed, self.level, given, *said, at, took)
        return replace(self, tries=(*self.tries, one)[-MOST_TRIES:])

    def is_open(self, seed: int) -> bool:
        """Return whether the question in sight, with these numbers, has no answer yet."""
        now = self.step, seed, self.level
        return all((one.step, one.seed, one.level) != now for one in self.tries)

    def is_done(self, lesson: Lesson) -> bool:
        """Return whether all steps were in sight, and all questions have an answer."""
        answered = {one.step for one in self.tries}
        return all(
            step.number in (answered if _asks(lesson, step.number) else self.visited)
            for step in lesson.steps
        )

    def score(self, lesson: Lesson) -> float:
        """Return the share of questions of which the first answer was right; 1 without any."""
        first = dict[int, bool]()
        for one in self.tries:
            first.setdefault(one.step, one.is_right)
        asked = [step.number for step in lesson.steps if _asks(lesson, step.number)]
        return sum(first.get(number, False) for number in asked) / len(asked) if asked else 1.0


def _asks(lesson: Lesson, number: int) -> bool:
    question = lesson.steps[number - 1].question
    # A worked example asks when it comes again.
    return question is not None and question.asks
