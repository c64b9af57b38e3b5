"""Text that stands for an object: a word with its options, such as `sgd momentum 0.9 nesterov`.

An option is an argument of what the word stands for, with the same default. Options are read by the
same `SpecItem` as those of layers, so that `momentum=0.9` and `momentum0.9` are understood too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from inspect import Parameter, signature
from typing import Any, TypeAlias

from core.io.pointing import PointedError, Range, split
from core.spec_item import SpecItem, UnknownWordError, number_text

Value: TypeAlias = bool | int | float | None
# More items than these are taken for a mistake.
MOST_ITEMS = 8
# Up to this size whole numbers are written without a point.
LARGEST_WHOLE = 10**6

_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_NUMBER = re.compile(r"[-+]?(?:\d|\.\d).*")


class Choice:
    """What a word stands for.

    Args:
        make: a class or a function; its arguments are the options. Those without a default are
            whole numbers that stand behind the word; one with two values, such as `betas`, is two
            options, `beta1` and `beta2`.
        meanings: what the numbers behind the word are, by the names of the arguments.
        elsewhere: what other frameworks and people call it, in small letters alone; the word is
            suggested for these.
        trial: arguments that are no options, with values to try the options with.

    Attributes:
        first: names of the numbers that stand behind the word.
        options: the default of each option, by name.
    """

    def __init__(
        self,
        make: Callable[..., Any],
        meanings: Mapping[str, str] | None = None,
        elsewhere: Sequence[str] = (),
        **trial: object,
    ) -> None:
        self.make, self.trial, self.meanings = make, trial, meanings or {}
        self.elsewhere = elsewhere
        arguments = {k: v for k, v in signature(make).parameters.items() if k not in trial}
        self.first = tuple(k for k, v in arguments.items() if v.default is Parameter.empty)
        self.options: dict[str, Value] = {}
        # Names of the options of each argument.
        self._names: dict[str, tuple[str, ...]] = {}
        for name, argument in arguments.items():
            values = argument.default if isinstance(argument.default, tuple) else ()
            numbered = tuple(f"{name.removesuffix('s')}{k + 1}" for k in range(len(values)))
            if numbered:
                self.options |= dict(zip(numbered, values, strict=True))
            elif name not in self.first:
                self.options[name] = argument.default
            self._names[name] = numbered or (name,)

    def arguments(self, values: Mapping[str, Value]) -> dict[str, Any]:
        """Return the arguments that values of options are."""
        return {
            name: values[names[0]] if names == (name,) else tuple(values[one] for one in names)
            for name, names in self._names.items()
        }

    def read(self, item: SpecItem) -> dict[str, Value]:
        """Return the values that the words of an item give."""
        values: dict[str, Value] = {}
        for name in self.first:
            values[name] = item.whole(name)
        for name, default in self.options.items():
            if isinstance(default, bool):
                values[name] = item.flag(name)
            elif default is None:
                values[name] = item.option_real(name, None)
            else:
                values[name] = item.option_real(name, default)
        item.done()
        return values

    def words(self) -> list[str]:
        """Return what can stand behind the word, as error messages write it."""
        meanings = self.meanings
        numbers = [f"<{name}: {meanings[name]}>" if name in meanings else f"<{name}>"
                   for name in self.first]  # fmt: skip
        return numbers + [
            name if isinstance(default, bool) else f"{name} <number>"
            for name, default in self.options.items()
        ]


@dataclass(frozen=True)
class Chosen:
    """One item of a text: a word, and the values of all its options.

    Attributes:
        word: the word.
        choice: what it stands for.
        values: of all its options.
    """

    word: str
    choice: Choice
    values: Mapping[str, Value]

    def make(self, **others: object) -> object:
        """Return what it stands for.

        Args:
            others: arguments that are no options.
        """
        return self.choice.make(**self.choice.arguments(self.values), **others)

    def __str__(self) -> str:
        words = [self.word, *(str(self.values[name]) for name in self.choice.first)]
        for name, default in self.choice.options.items():
            value = self.values[name]
            if value == default or value is None:
                continue
            words.append(name if isinstance(value, bool) else f"{name} {_number(value)}")
        return " ".join(words)


Choices: TypeAlias = Mapping[str, Choice]


def read_choices(text: str, choices: Choices, what: str, most: int = MOST_ITEMS) -> list[Chosen]:
    """Return the items of a text, which commas separate.

    Args:
        text: what was written.
        choices: what it may stand for.
        what: what it should stand for, with its article.
        most: how many items it may have.

    Raises:
        PointedError: an item is unknown, malformed or out of range.
    """
    parts = list(split(text, 0, len(text), ","))
    if len(parts) > most:
        said = f"{what} is one item" if most == 1 else f"at most {most} items may be"
        raise PointedError(text, parts[most], f"there are {len(parts)} items: {said}")
    return [_item(text, part, choices, what) for part in parts]


def _item(text: str, part: Range, choices: Choices, what: str) -> Chosen:
    written = text[part.start : part.stop].lower()
    word, *rest = written.split() or [""]
    if word not in choices:
        near = _nearest(written, choices)
        meant = f"did you mean {near}? " if near else ""
        said = f"{word!r} is not {what}" if word else f"{what} is missing"
        known = ", ".join(choices)
        raise PointedError(text, _at(text, part, word), f"{said}; {meant}known are {known}")
    choice = choices[word]
    try:
        chosen = Chosen(word, choice, choice.read(SpecItem(word, _joined(rest))))
        chosen.make(**choice.trial)
    except UnknownWordError as error:
        known = " ".join(choice.words()) or "no further words"
        kind = what.partition(" ")[2]
        wrong = re.search(r"'([^'=]+)|has (\w+) twice", str(error))
        at = _at(text, part, wrong[1] or wrong[2] if wrong else "")
        raise PointedError(
            text, at, f"{written}: {error}; the {kind} {word} takes {known}"
        ) from None
    except ValueError as error:
        # An option that the message names, as far as it was written.
        named = (name for name in choice.options if re.search(rf"\b{name}\b", str(error)))
        name = next((name for name in named if name in written), "")
        raise PointedError(text, _at(text, part, name), f"{written}: {error}") from None
    return chosen


def _nearest(written: str, choices: Choices) -> str:
    """Return the word that was most likely meant, or an empty string.

    What something else is called is no mistake in writing: `ce` is not `bce` without a letter.
    """
    names = {
        _letters(name): word
        for word, choice in choices.items()
        for name in (word, *choice.elsewhere)
    }
    said = [_letters(written), _letters(written.partition(" ")[0])]
    for one in filter(None, said):
        begun = {word for name, word in names.items() if name.startswith(one)}
        if one in names or len(begun) == 1:
            return names.get(one) or begun.pop()
    near = get_close_matches(said[-1], names, 1)
    return names[near[0]] if near else ""


def _letters(text: str) -> str:
    """Return a name as it is compared: `CrossEntropyLoss` and `cross_entropy` are one."""
    return re.sub(r"[^a-z0-9]", "", text).removesuffix("loss")


def _joined(words: Sequence[str]) -> list[str]:
    """Return words in which a name and the number behind it are one: `momentum=0.9`."""
    found: list[str] = []
    for word in words:
        if found and _NUMBER.fullmatch(word) and _NAME.fullmatch(found[-1]):
            found[-1] += f"={word}"
        elif found and _NUMBER.fullmatch(word) and found[-1].endswith("="):
            found[-1] += word
        else:
            found.append(word)
    return found


def _at(text: str, part: Range, word: str) -> Range:
    """Return where a word stands last in a part; the part if it does not."""
    start = text.lower().rfind(word, part.start, part.stop) if word else -1
    return part if start < 0 else Range(start, start + len(word))


def _number(value: float) -> str:
    is_short = value == int(value) and abs(value) <= LARGEST_WHOLE
    return number_text(int(value) if is_short else value)
