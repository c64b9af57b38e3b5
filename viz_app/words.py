"""How words become sentences that people read."""

from __future__ import annotations

from collections.abc import Sequence


def capital(words: str) -> str:
    """Return words with a capital letter; the others stay as they are."""
    return words[:1].upper() + words[1:]


def sentence(error: Exception) -> str:
    """Return an error's words with a capital letter."""
    return capital(str(error))


def listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence: a, b and c."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def joined(*said: str) -> str:
    """Return what is said one after the other; what is empty is left out."""
    return " ".join(filter(None, said))
