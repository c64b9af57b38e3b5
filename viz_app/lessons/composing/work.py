"""What somebody has in hand who composes a lesson: a draft, one of its steps, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.inspect.cell import Cell
from viz_app.lessons.composing.draft import (
    Draft,
    DraftStep,
    added,
    changed,
    moved,
    removed,
    titled,
    told,
    with_block,
    with_head,
)
from viz_app.lessons.composing.faults import Fault, head_fault, read_step
from viz_app.lessons.composing.fields import Value, fields_of, with_field
from viz_app.lessons.composing.moment import captured, moment_text, words_of
from viz_app.lessons.composing.question import clicked, kind_of, pointed, with_kind
from viz_app.lessons.error import LessonError
from viz_app.lessons.record import Record
from viz_app.run.cost import Limits

# So many changes can be taken back.
MOST_BACK = 50


@dataclass(frozen=True)
class Work:
    """A draft, the part of it that is in hand, and what it was before.

    Every change returns the work after it. A `LessonError` says that the part that is changed
    cannot be read; `as_text` can mend it.

    Attributes:
        draft: the draft.
        chosen: number of the step in hand, from 1; 0 for the head.
        before: draft and number before each change, the last one at the end.
        last: what was changed last; the same again is one change with it.
    """

    draft: Draft
    chosen: int = 0
    before: tuple[tuple[Draft, int], ...] = ()
    last: tuple[int, str] | None = None

    @property
    def step(self) -> DraftStep | None:
        """The step in hand; None if it is the head."""
        return self.draft.steps[self.chosen - 1] if self.chosen else None

    @property
    def moment(self) -> str:
        """The moment of the head; empty if that cannot be read."""
        try:
            return moment_text(words_of(self.draft.head))
        except LessonError:
            return ""

    def first_fault(self, limits: Limits) -> int | None:
        """Return the number of the first part that is wrong, 0 for the head; None if none is.

        Args:
            limits: what a step of training may cost.
        """
        read = (read_step(self.moment, step, limits) for step in self.draft.steps)
        found = (head_fault(self.draft.head, limits), *read)
        return next((k for k, part in enumerate(found) if isinstance(part, Fault)), None)

    def choose(self, number: int) -> Work:
        """Take another step in hand, or the nearest there is."""
        number = max(0, min(number, len(self.draft.steps)))
        return replace(self, chosen=number, last=None)

    def back(self) -> Work:
        """Take the last change back, if there is one."""
        if not self.before:
            return self
        draft, chosen = self.before[-1]
        return Work(draft, chosen, self.before[:-1])

    # The steps.

    def add(self, now: Mapping[str, str]) -> Work:
        """Add a step of the moment in sight behind the one in hand, or at the end."""
        at = self.chosen or len(self.draft.steps)
        draft = added(self.draft, at, DraftStep(f"Step {len(self.draft.steps) + 1}"))
        return self._to(captured(draft, at, now), at + 1)

    def capture(self, now: Mapping[str, str]) -> Work:
        """Let the step in hand have the moment that is in sight."""
        return self._to(captured(self.draft, self.chosen - 1, now)) if self.chosen else self

    def move(self, by: int) -> Work:
        """Put the step in hand further on, or further to the front if negative."""
        to = self.chosen + by
        if not self.chosen or not 1 <= to <= len(self.draft.steps):
            return self
        return self._to(moved(self.draft, self.chosen - 1, to - 1), to)

    def remove(self) -> Work:
        """Leave out the step in hand."""
        if not self.chosen:
            return self
        draft = removed(self.draft, self.chosen - 1)
        return self._to(draft, min(self.chosen, len(draft.steps)))

    # What is in hand, or another part whose number is given.

    def enter(self, number: int, key: str, value: Value) -> Work:
        """Change a field of a step, or of the head if the number is 0.

        Args:
            number: of the step.
            key: of the field: `title`, `text`, a key of the block, or `block` for all of it.
            value: what stands in the field.
        """
        if not 0 <= number <= len(self.draft.steps):
            return self
        if not number:
            block = value if key == "block" else with_field(self.draft.head, key, value)
            draft = with_head(self.draft, str(block))
        else:
            step = self.draft.steps[number - 1]
            edits: Mapping[str, Callable[[DraftStep, str], DraftStep]]
            edits = {"title": titled, "text": told, "block": with_block}
            if key in edits:
                step = edits[key](step, str(value))
            else:
                step = replace(step, block=with_field(step.block, key, value))
            draft = changed(self.draft, number - 1, step)
        after = self._to(draft)
        is_same = self.last == (number, key)
        return replace(after, before=self.before if is_same else after.before, last=(number, key))

    def ask(self, kind: str, layers: Sequence[str]) -> Work:
        """Let the step in hand ask in another way; see `with_kind`."""
        return self._with_block(lambda block: with_kind(block, kind, layers))

    def click(self, what: str, cell: Cell, record: Record) -> Work:
        """Put a clicked cell into the rule of the question, or into what gets a spotlight.

        Args:
            what: `ask` or `point`.
            cell: the clicked one.
            record: the moment of the step in hand.
        """

        def change(block: str) -> str:
            fields = fields_of(block)
            kind = kind_of(fields)
            key = "point" if what == "point" else kind
            before = fields.get(key, "")
            if key == "point":
                listed = before if isinstance(before, list) else [before] if before else []
                return with_field(block, key, [*pointed(list(map(str, listed)), cell, record)])
            if not isinstance(before, str) or not kind:
                return block
            return with_field(block, key, clicked(kind, before, cell, record))

        return self._with_block(change)

    def _with_block(self, change: Callable[[str], str]) -> Work:
        step = self.step
        if step is None:
            return self
        step = replace(step, block=change(step.block))
        return self._to(changed(self.draft, self.chosen - 1, step))

    def _to(self, draft: Draft, chosen: int | None = None) -> Work:
        """Return the work on a changed draft."""
        if draft == self.draft:
            return self
        before = (*self.before, (self.draft, self.chosen))[-MOST_BACK:]
        return Work(draft, self.chosen if chosen is None else chosen, before)
