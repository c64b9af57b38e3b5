"""How words become sentences that people read, and a loss its digits."""

from __future__ import annotations

# From this loss on it is written with a power of ten.
LARGE = 1e4


def capital(words: str) -> str:
    """Return words with a capital letter, unless the first is a name: `bn1.weight[0]`, `x_test`."""
    first = words.split(" ", 1)[0].rstrip(".:,")
    is_name = any(mark in first for mark in "._[")
    return words if is_name else words[:1].upper() + words[1:]


def sentence(error: Exception) -> str:
    """Return an error's words with a capital letter."""
    return capital(str(error))


def ended(words: str) -> str:
    """Return words with a full stop, unless they were cut and end so."""
    return words if words.endswith("…") else f"{words}."


def followed(said: str, then: str) -> str:
    """Return what is said with a sentence behind it: below lines that point at something.

    Args:
        said: words; lines below the first one point at a place in a text.
        then: a sentence, or nothing.
    """
    if not then:
        return said
    if "\n" in said:
        return f"{said}\n{then}"
    return joined(said if said.endswith((".", "?", "…")) else ended(said), then)


def joined(*said: str) -> str:
    """Return what is said one after the other; what is empty is left out."""
    return " ".join(filter(None, said))


def loss_text(loss: float) -> str:
    """Return a loss as it is printed everywhere."""
    return f"{loss:.4f}" if abs(loss) < LARGE else f"{loss:.2e}"
