"""The step of a draft that is in hand: where it is, what it asks, and what an iteration answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from viz_app.lessons.answer import Answer
from viz_app.lessons.composing.draft import DraftStep
from viz_app.lessons.composing.faults import Fault, answer_in, read_step
from viz_app.lessons.composing.fields import fields_of
from viz_app.lessons.composing.moment import words_in, words_of
from viz_app.lessons.composing.question import kind_of
from viz_app.lessons.error import LessonError
from viz_app.lessons.lesson import Step
from viz_app.lessons.question import Rule
from viz_app.lessons.record import Record
from viz_app.lessons.rules import Chosen, chosen
from viz_app.run.cost import Limits


@dataclass(frozen=True)
class Hand:
    """A step of a draft.

    Attributes:
        moment: of the head.
        step: the step.
        number: of the step, from 1.
        limits: what a step of training may cost.
    """

    moment: str
    step: DraftStep
    number: int
    limits: Limits

    @property
    def read(self) -> Step | Fault:
        """The step as a lesson has it, with its numbers, or what is wrong with it."""
        read = read_step(self.moment, self.step, self.limits)
        return read if isinstance(read, Fault) else replace(read, number=self.number).with_seed()

    @property
    def words(self) -> Mapping[str, str] | None:
        """The words of the address of its moment; None if they cannot be read."""
        read = self.read
        if isinstance(read, Step):
            return read.words
        try:
            return {**words_in(self.moment), **words_of(self.step.block)}
        except LessonError:
            return None

    def found(self, record: Record | None) -> Answer | Fault | None:
        """Return what its moment answers, or what is wrong with it; see `answer_in`.

        Args:
            record: its moment; None if that is not known.
        """
        if record is None:
            read = self.read
            return read if isinstance(read, Fault) else None
        return answer_in(record, self.moment, self.step, self.number, self.limits)

    def chosen(self, what: str, record: Record, in_sight: Record) -> list[Chosen]:
        """Return cells that are asked (`ask`) or pointed at (`point`), of the stage in sight."""
        found, sight = list[Chosen](), in_sight.stage_in_sight
        for rule in self._rules(what):
            try:
                found.append(chosen(record, Rule(rule, 0)))
            except LessonError:
                # It is said at its field.
                continue
        return [one for one in found if replace(one.array, array="") == sight]

    def _rules(self, what: str) -> list[str]:
        read = self.read
        if isinstance(read, Step):
            points = [rule.text for rule in read.points]
            asked = [read.question.rule.text] if read.question else []
            return points if what == "point" else asked
        try:
            fields = fields_of(self.step.block)
        except LessonError:
            return []
        value = fields.get("point" if what == "point" else kind_of(fields), [])
        return [str(rule) for rule in (value if isinstance(value, list) else [value])]
