"""One item of a model's text form, such as `conv 8 k3 p1`, as a layer's `from_spec` reads it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, overload

import numpy as np

from core.errors import SpecError

# A keyword must not end in a digit: `conv1` is the name of the first of several `conv` layers.
KEYWORD = r"[a-z](?:[a-z0-9_]*[a-z_])?"
# A larger whole number is taken for a typing error.
LARGEST = 65536

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?"
_POSITIONAL = re.compile(rf"{_NUMBER}(?:x{_NUMBER})?")
# With a sign in between, a name may hold digits: `beta1=0.9`.
_OPTION = re.compile(rf"([a-z_][a-z0-9_]*(?==)|[a-z_]+)=?({_NUMBER}(?:x{_NUMBER})?)")


@dataclass
class SpecItem:
    """The words after a keyword, which `from_spec` takes one by one.

    A bare number is a positional value (`8`, `3x5`), letters followed by a number are an option
    (`k3`, `eps1e-05`), and any other word is a flag (`nobias`). An option may be written with its
    meaning, which the layer passes as `what`, and with a sign: `kernel3`, `kernel_size=3`. The item
    records what was asked for, so that an error can list what the keyword understands.

    Attributes:
        keyword: the first word.
        words: the other words that were not taken yet.
        branches: for a composite, the models between its brackets, which `|` separates.
        takes_branches: whether `models` was called.
        known: what was asked for so far, as error messages write it: `<size>`, `k<size>`, `same`.
        longer: the letters of each option by its longer names: "k" for "kernel".
        probing: whether missing values are replaced by 1 instead of raising an error; used to
            collect `known`.
    """

    keyword: str
    words: list[str]
    branches: Sequence[Any] = ()
    takes_branches: bool = False
    known: list[str] = field(default_factory=list)
    probing: bool = False
    longer: dict[str, str] = field(default_factory=dict)

    def whole(self, what: str) -> int:
        """Take the next positional value, a whole number; `what` names it in errors."""
        return self._whole(self._positional(what), f"the {_without_article(what)}")

    def real(self, what: str, default: float) -> float:
        """Take the next positional value, a number, or return `default` if there is none."""
        if not any(_POSITIONAL.fullmatch(word) for word in self.words):
            self._know(f"<{_without_article(what)}>")
            return default
        return self._real(self._positional(what), f"the {_without_article(what)}")

    def pair(self, what: str) -> int | tuple[int, int]:
        """Take the next positional value, a whole number or two joined by x."""
        return self._pair(self._positional(what), f"the {_without_article(what)}")

    @overload
    def option_pair(self, letter: str, default: int, what: str = ...) -> int | tuple[int, int]: ...
    @overload
    def option_pair(
        self, letter: str, default: None, what: str = ...
    ) -> int | tuple[int, int] | None: ...
    def option_pair(
        self, letter: str, default: int | None, what: str = "number"
    ) -> int | tuple[int, int] | None:
        """Take the option `letter`, a whole number or two joined by x.

        Args:
            letter: the letters in front of the number.
            default: what to return if the option is missing.
            what: the meaning of the number, one or two words for error messages.
        """
        text = self._option(letter, what)
        return default if text is None else self._pair(text, letter)

    @overload
    def option_whole(self, letter: str, default: int, what: str = ...) -> int: ...
    @overload
    def option_whole(self, letter: str, default: None, what: str = ...) -> int | None: ...
    def option_whole(self, letter: str, default: int | None, what: str = "number") -> int | None:
        """Take the option `letter`, a whole number; the arguments are those of `option_pair`."""
        text = self._option(letter, what)
        return default if text is None else self._whole(text, letter)

    @overload
    def option_real(self, letter: str, default: float, what: str = ...) -> float: ...
    @overload
    def option_real(self, letter: str, default: None, what: str = ...) -> float | None: ...
    def option_real(self, letter: str, default: float | None, what: str = "number") -> float | None:
        """Take the option `letter`, a number; the arguments are those of `option_pair`."""
        text = self._option(letter, what)
        return default if text is None else self._real(text, letter)

    def flag(self, word: str) -> bool:
        """Take the flag `word` and return whether it was there; a text is read in lower case."""
        word = word.lower()
        self._know(word)
        if word not in self.words:
            return False
        self.words.remove(word)
        return True

    def models(self, what: str = "(layers | layers)") -> Sequence[Any]:
        """Take the branches, a sequence of `Model`; `what` says for errors how they are written."""
        self.takes_branches = True
        self._know(what)
        return self.branches

    def done(self) -> None:
        """Check that every word was taken.

        Raises:
            UnknownWordError: a word or the branches were not taken.
        """
        if self.branches and not self.takes_branches:
            raise UnknownWordError(f"{self.keyword} has no branches: leave out the brackets")
        if self.words:
            word = self.words[0]
            option = _OPTION.fullmatch(word)
            name = self.longer.get(option[1], option[1]) if option else word
            if self._is_known(word) or (option and self._is_known(f"{name}<")):
                raise UnknownWordError(f"{self.keyword} has {name} twice")
            raise UnknownWordError(f"{self.keyword} does not know what {word!r} means")

    def _is_known(self, start: str) -> bool:
        return any(
            word == start or (start[-1] == "<" and word.startswith(start)) for word in self.known
        )

    def _know(self, word: str) -> None:
        if word not in self.known:
            self.known.append(word)

    def _positional(self, what: str) -> str:
        self._know(f"<{_without_article(what)}>")
        for word in self.words:
            if _POSITIONAL.fullmatch(word):
                self.words.remove(word)
                return word
        if self.probing:
            return "1"
        raise UnknownWordError(
            f"{self.keyword} needs {what}: write `{self.keyword} 8`, for example"
        )

    def _option(self, letter: str, what: str) -> str | None:
        self._know(f"{letter}<{what}>")
        for name in _longer_names(what):
            self.longer.setdefault(name, letter)
        for word in self.words:
            match = _OPTION.fullmatch(word)
            if match and self.longer.get(match[1], match[1]) == letter:
                self.words.remove(word)
                return match[2]
        return None

    def _whole(self, text: str, what: str) -> int:
        if not re.fullmatch(r"\d+", text):
            raise SpecError(f"{what} of {self.keyword} is {text!r}; expected a whole number")
        # Checked by length first: Python refuses to convert very long numbers.
        if len(text) > 20 or int(text) > LARGEST:
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
        sizes = [self._whole(size, what) for size in text.split("x")]
        return sizes[0] if len(sizes) == 1 else (sizes[0], sizes[1])


class UnknownWordError(SpecError):
    """A word is unknown, missing or written twice; the parser adds what the keyword knows."""


def pair_text(value: tuple[int, int]) -> str:
    """Return a pair as `to_spec` writes it: `3`, or `3x5` if the two differ."""
    return str(value[0]) if value[0] == value[1] else f"{value[0]}x{value[1]}"


def number_text(value: float | np.generic) -> str:
    """Return a number as `to_spec` writes it; `float` of the text is exactly `value`.

    Scalars of NumPy are written like Python's: `repr(np.float64(0.3))` could not be read back.
    """
    whole = isinstance(value, int | np.integer)
    return str(int(value)) if whole else repr(float(value))


def _longer_names(what: str) -> list[str]:
    """Return other names of an option: kernel, kernel_size and kernelsize for "kernel size"."""
    words = re.findall(r"[a-z]+", what)
    if not words or words[0] == "number":
        return []
    return [words[0], "_".join(words), "".join(words)]


def _without_article(what: str) -> str:
    return re.sub(r"^(?:an?|the) ", "", what)
