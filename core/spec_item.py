"""One item of a model's text, as a layer reads it: `conv 8 k3 p1` and its like."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, overload

from core.errors import SpecError

if TYPE_CHECKING:
    from core.model import Model

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?"
# Beyond this a number is a slip, not a lesson.
LARGEST = 65536
_OPTION = re.compile(rf"([a-z_]+)({_NUMBER}(?:x{_NUMBER})?)")


@dataclass
class SpecItem:
    """The words behind a keyword, taken one by one.

    A bare word is a positional value (`8`, `3x5`), a word of letters and a number is an option
    (`k3`, `eps1e-05`), letters alone are a flag (`nobias`). Whatever nobody took is an error.

    Attributes:
        keyword: the first word.
        words: the other words that nobody has taken yet.
        takes_branches: whether the layer has asked for its branches.
        branches: for a composite, the models between its brackets, which `|` separates.
    """

    keyword: str
    words: list[str]
    branches: Sequence[Model] = ()
    takes_branches: bool = False

    def whole(self, what: str) -> int:
        """Take the next positional value, a whole number."""
        return self._whole(self._positional(what), what)

    def real(self, what: str, default: float) -> float:
        """Take the next positional value, a number, or `default` where there is none."""
        if not any(re.fullmatch(_NUMBER, word) for word in self.words):
            return default
        return self._real(self._positional(what), what)

    def pair(self, what: str) -> int | tuple[int, int]:
        """Take the next positional value, a whole number or two joined by x."""
        return self._pair(self._positional(what), what)

    @overload
    def option_pair(self, letter: str, default: int) -> int | tuple[int, int]: ...
    @overload
    def option_pair(self, letter: str, default: None) -> int | tuple[int, int] | None: ...
    def option_pair(self, letter: str, default: int | None) -> int | tuple[int, int] | None:
        """Take the option `letter`, a whole number or two joined by x."""
        text = self._option(letter)
        return default if text is None else self._pair(text, letter)

    def option_real(self, letter: str, default: float) -> float:
        """Take the option `letter`, a number."""
        text = self._option(letter)
        return default if text is None else self._real(text, letter)

    def models(self) -> Sequence[Model]:
        """Take the branches."""
        self.takes_branches = True
        return self.branches

    def flag(self, word: str) -> bool:
        """Take the flag `word`; tell whether it was there."""
        if word not in self.words:
            return False
        self.words.remove(word)
        return True

    def done(self) -> None:
        """Make sure that every word was taken.

        Raises:
            SpecError: one was not.
        """
        if self.branches and not self.takes_branches:
            raise SpecError(f"{self.keyword} has no branches: leave out the brackets")
        if self.words:
            raise SpecError(f"{self.keyword} does not know what {self.words[0]!r} means")

    def _positional(self, what: str) -> str:
        for word in self.words:
            if re.fullmatch(rf"{_NUMBER}(x{_NUMBER})?", word):
                self.words.remove(word)
                return word
        raise SpecError(f"{self.keyword} needs {what}: write `{self.keyword} 8`, say")

    def _option(self, letter: str) -> str | None:
        for word in self.words:
            match = _OPTION.fullmatch(word)
            if match and match[1] == letter:
                self.words.remove(word)
                return match[2]
        return None

    def _whole(self, text: str, what: str) -> int:
        if not re.fullmatch(r"\d+", text):
            raise SpecError(f"{what} of {self.keyword} is {text!r}; expected a whole number")
        if int(text) > LARGEST:
            raise SpecError(f"{what} of {self.keyword} is {text}; at most {LARGEST} is allowed")
        return int(text)

    def _real(self, text: str, what: str) -> float:
        if not re.fullmatch(_NUMBER, text):
            raise SpecError(f"{what} of {self.keyword} is {text!r}; expected a number")
        number = float(text)
        if not isfinite(number):
            raise SpecError(f"{what} of {self.keyword} is {text}; expected a finite number")
        return number

    def _pair(self, text: str, what: str) -> int | tuple[int, int]:
        parts = [self._whole(part, what) for part in text.split("x")]
        return parts[0] if len(parts) == 1 else (parts[0], parts[1])


def pair_text(value: tuple[int, int]) -> str:
    """Return a pair as text: `3`, or `3x5` when the two differ."""
    return str(value[0]) if value[0] == value[1] else f"{value[0]}x{value[1]}"
