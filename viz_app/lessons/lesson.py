"""A lesson and its steps: pure data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from viz_app.lessons.question import Question, Rule
from viz_app.run.settings import number, whole

# A number that is drawn, in a text.
DRAWN = re.compile(r"@([a-z]\w{0,20})")


@dataclass(frozen=True)
class Draw:
    """A number that is drawn anew with every seed.

    Attributes:
        name: written `@name` in the texts of the step.
        first: the least.
        last: the largest.
    """

    name: str
    first: int
    last: int


@dataclass(frozen=True)
class Step:
    """One step of a lesson.

    Attributes:
        title: its heading.
        text: one to four sentences, in plain notation.
        words: those of the address of its moment, the lesson's among them.
        points: rules for cells to put a spotlight on.
        controls: of the page to put one on, from `CONTROLS`.
        question: what is asked; None if nothing is.
        draws: numbers that are drawn by the seed.
        number: of the step, from 1.
        line: number of its line in the file.
    """

    title: str
    text: str
    words: Mapping[str, str]
    points: tuple[Rule, ...] = ()
    controls: tuple[str, ...] = ()
    question: Question | None = None
    draws: tuple[Draw, ...] = ()
    number: int = 1
    line: int = 0

    @property
    def seed(self) -> int:
        """The seed of its run."""
        return whole(number(self.words.get("seed", "0")), 0) or 0

    def with_seed(self, seed: int | None = None, level: int = 0) -> Step:
        """Return the step with the numbers of a seed, and at a level of fading.

        Args:
            seed: of the run, and of the numbers that are drawn; the step's own if None.
            level: of fading; see `Question.faded`.
        """
        seed = self.seed if seed is None else seed
        rng = np.random.default_rng([seed, self.number])
        values = {d.name: str(rng.integers(d.first, d.last, endpoint=True)) for d in self.draws}

        def drawn(text: str) -> str:
            return DRAWN.sub(lambda found: values.get(found[1], found[0]), text)

        question = self.question and self.question.written(drawn).faded(level)
        words = {word: drawn(text) for word, text in self.words.items()}
        return replace(
            self,
            text=drawn(self.text),
            words=words | ({"seed": str(seed)} if "seed" in words or seed else {}),
            points=tuple(Rule(drawn(rule.text), rule.line) for rule in self.points),
            question=question,
            draws=(),
        )


@dataclass(frozen=True)
class Entry:
    """A lesson in a list: its head alone.

    Attributes:
        name: of its file, as addresses have it.
        title: what people read.
        minutes: how long it takes.
        learns: what one can say at its end.
    """

    name: str
    title: str
    minutes: int
    learns: str


@dataclass(frozen=True)
class Lesson(Entry):
    """A lesson: what a list says of it, and the whole.

    Attributes:
        steps: at least one.
        mathematics: the heading of `docs/mathematics.md` that derives it; empty if there is none.
        digest: of the file: another one is another lesson.
    """

    steps: tuple[Step, ...]
    mathematics: str = ""
    digest: str = ""
