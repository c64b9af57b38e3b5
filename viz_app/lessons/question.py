"""What a step asks: pure data, as the file has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isfinite

# Worked, some terms blank, blank: how much of a sum is asked.
WORKED, BLANK = 0, -1


@dataclass(frozen=True)
class Rule:
    """A rule in index notation, from which an answer follows; see `viz_app.lessons.rules`.

    Attributes:
        text: the rule.
        line: number of its line in the file.
    """

    text: str
    line: int


@dataclass(frozen=True)
class Mistake:
    """A typical mistake: a rule that gives the wrong answer that it leads to.

    Attributes:
        rule: of the same kind as the question's, or the name of one of `viz_app.lessons.mistakes`.
        why: what is said to somebody who made it.
    """

    rule: Rule
    why: str


@dataclass(frozen=True)
class Option:
    """A sentence to choose.

    Attributes:
        say: the sentence.
        when: holds where the sentence is right: `yes`, `no`, or a condition in index notation.
        why: what is said to somebody who chose it.
    """

    say: str
    when: Rule
    why: str


@dataclass(frozen=True)
class Tolerance:
    """How far a number may be from the right one.

    Attributes:
        relative: as a share of the right one.
        absolute: the least distance that may be.
    """

    relative: float = 0.02
    absolute: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Tolerance | None:
        """Return what a text such as `5%` or `0.01` stands for; None if it is neither."""
        try:
            value = float(text.removesuffix("%"))
        except ValueError:
            return None
        if not isfinite(value) or value < 0:
            return None
        return cls(value / 100) if text.endswith("%") else cls(0.0, value)

    def holds(self, given: float, right: float) -> bool:
        """Return whether a number is near enough."""
        return abs(given - right) <= max(self.relative * abs(right), self.absolute, 1e-9)


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        kind: key of `viz_app.lessons.kinds.KINDS`.
        ask: the question, one sentence.
        rule: gives the right answer.
        why: one sentence why it is right, said after committing.
        line: number of its line in the file.
        mistakes: typical ones.
        options: of a choice.
        among: of an order: what stands in the place of `@layer`.
        cover: what is covered until the answer; None for what the kind covers.
        tolerance: of a number.
        levels: of a sum, how many terms are blank, the first time, the next time, and so on;
            `WORKED` for none, `BLANK` for all, where only the total is asked.
        level: which of them it is.
    """

    kind: str
    ask: str
    rule: Rule
    why: str
    line: int
    mistakes: tuple[Mistake, ...] = ()
    options: tuple[Option, ...] = ()
    among: tuple[str, ...] = ()
    cover: tuple[Rule, ...] | None = None
    tolerance: Tolerance = Tolerance()
    levels: tuple[int, ...] = ()
    level: int = 0

    @property
    def blanks(self) -> int:
        """How many terms of a sum are blank."""
        return self.levels[min(self.level, len(self.levels) - 1)] if self.levels else 0

    @property
    def asks(self) -> bool:
        """Whether anything is to be answered; a worked example asks nothing."""
        return not self.levels or self.blanks != WORKED

    def faded(self, level: int) -> Question:
        """Return the question at another level of fading; there is none behind the last."""
        return replace(self, level=max(0, min(level, len(self.levels) - 1)))

    def written(self, change: Callable[[str], str]) -> Question:
        """Return the question with all its texts changed: for numbers that are drawn."""

        def rule(of: Rule) -> Rule:
            return Rule(change(of.text), of.line)

        return replace(
            self,
            ask=change(self.ask),
            rule=rule(self.rule),
            why=change(self.why),
            mistakes=tuple(Mistake(rule(m.rule), change(m.why)) for m in self.mistakes),
            options=tuple(Option(change(o.say), rule(o.when), change(o.why)) for o in self.options),
            cover=None if self.cover is None else tuple(map(rule, self.cover)),
        )
