"""What is wrong with a lesson."""

from __future__ import annotations


class LessonError(ValueError):
    """A lesson cannot be read or shown.

    Attributes:
        line: number of the line in the file, from 1; 0 where it is the file as a whole.
        given: what stands there.
        expected: what should.
    """

    def __init__(self, line: int, given: str, expected: str) -> None:
        self.line, self.given, self.expected = line, given, expected
        where = f"line {line}: " if line else ""
        super().__init__(f"{where}{given}; expected {expected}")


class NotFiniteError(LessonError):
    """A rule gives no finite number with the numbers of an iteration."""
