"""A lesson that travels inside a link: its file, compressed and written as letters of an address.

It stands in the fragment, behind `#`, which browsers keep to themselves: no server, proxy or log is
sent it, so that none of their limits (8 KB of a request, as a rule) counts.
"""

from __future__ import annotations

import zlib
from base64 import b64decode, urlsafe_b64encode

from viz_app.lessons.error import LessonError
from viz_app.lessons.reading.sections import MOST_CHARACTERS

# Mail programs and learning platforms wrap a link, its fragment too, into the query of one of their
# own; that one has to fit into 8 KB.
MOST_LETTERS = 7_500
HINT = "copy the link again, or open the lesson's file under Lessons"


def pack(content: str) -> str:
    """Return the text of a file as letters of an address.

    In zlib's own format, whose checksum finds out a link of which a letter was lost.

    Raises:
        LessonError: it is too long for a link.
    """
    written = content.encode("utf-8", "surrogatepass")
    letters = urlsafe_b64encode(zlib.compress(written, 9)).decode().rstrip("=")
    if len(letters) > MOST_LETTERS or len(written) > MOST_CHARACTERS:
        given = f"a lesson that takes {len(letters):,} letters of a link"
        raise LessonError(0, given, f"at most {MOST_LETTERS:,}: hand out its file instead")
    return letters


def unpack(letters: str) -> str:
    """Return the text of the file that a link carries.

    No more is inflated than the longest file has, whatever the letters stand for.

    Raises:
        LessonError: it is damaged, or too long.
    """
    inflate = zlib.decompressobj()
    try:
        packed = b64decode(letters + "=" * (-len(letters) % 4), b"-_", validate=True)
        written = inflate.decompress(packed, MOST_CHARACTERS + 1)
        text = written.decode("utf-8") if inflate.eof else ""
    except (ValueError, zlib.error):
        raise LessonError(0, "a link whose text is damaged", HINT) from None
    if len(written) > MOST_CHARACTERS:
        given = f"a link with a text of more than {MOST_CHARACTERS:,} characters"
        raise LessonError(0, given, "a lesson's file")
    if not text or inflate.unused_data:
        raise LessonError(0, "a link whose text is cut off or damaged", HINT)
    return text
