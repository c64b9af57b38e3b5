"""Writes the names of classes in one way, and tells which are meant to be the same."""

from __future__ import annotations

import unicodedata

# Letters of another width, as Japanese and Chinese text has them: of a class they mean the same.
_OTHER_WIDTHS = ("<wide>", "<narrow>")


def plain(text: str) -> str:
    """Return a text without needless spaces, its letters written in one way (Unicode's NFC).

    What looks the same is the same class then.
    """
    return unicodedata.normalize("NFC", " ".join(text.split()))


def folded(text: str) -> str:
    """Return by what the names of files and folders are compared: `STRASSE` is `straße`."""
    letters = unicodedata.normalize("NFC", "".join(map(_of_usual_width, text)))
    # Turkish İ becomes an i with a second dot, which nobody writes.
    return plain(letters.casefold()).replace("i\u0307", "i")


def _of_usual_width(letter: str) -> str:
    is_other = unicodedata.decomposition(letter).startswith(_OTHER_WIDTHS)
    return unicodedata.normalize("NFKC", letter) if is_other else letter
