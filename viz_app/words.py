"""How words become sentences that people read."""

from __future__ import annotations


def capital(words: str) -> str:
    """Return words with a capital letter, unless the first is a name such as `bn1.weight[0]`."""
    first = words.split(" ", 1)[0].rstrip(".:,")
    return words if "." in first else words[:1].upper() + words[1:]


def sentence(error: Exception) -> str:
    """Return an error's words with a capital letter."""
    return capital(str(error))


def joined(*said: str) -> str:
    """Return what is said one after the other; what is empty is left out."""
    return " ".join(filter(None, said))
