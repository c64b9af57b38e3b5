"""What a file is, by its first bytes: its name may say something else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Sort = Literal[
    "picture", "npy", "zip", "safetensors", "pickle", "hdf5", "matlab", "parquet", "document",
    "page", "folder", "packed", "gzip", "text",
]  # fmt: skip


@dataclass(frozen=True)
class Head:
    """What a file is.

    Attributes:
        sort: tells readers what they can do with it.
        words: what people call it, such as "a picture (PNG)"; of what is packed, by what.
    """

    sort: Sort
    words: str


# So many bytes are enough to tell.
HEAD_BYTES = 4096
_PNG = b"\x89PNG\r\n\x1a\n"
# What some programs write before text.
BYTE_ORDER_MARK = "\ufeff"
# What files have at some places, one of several where there are; the first that fits counts.
_STARTS: tuple[tuple[Mapping[int, bytes | tuple[bytes, ...]], Head], ...] = (
    ({0: _PNG}, Head("picture", "a picture (PNG)")),
    ({0: b"\xff\xd8\xff"}, Head("picture", "a picture (JPEG)")),
    ({0: (b"GIF87a", b"GIF89a")}, Head("picture", "a picture (GIF)")),
    ({0: (b"II*\0", b"MM\0*")}, Head("picture", "a picture (TIFF)")),
    ({0: b"RIFF", 8: b"WEBP"}, Head("picture", "a picture (WebP)")),
    ({4: (b"ftypavif", b"ftypheic", b"ftypmif1")}, Head("picture", "a picture (AVIF or HEIC)")),
    ({0: b"BM", 6: b"\0\0\0\0"}, Head("picture", "a picture (BMP)")),
    ({0: b"\x93NUMPY"}, Head("npy", "a single array of NumPy (.npy)")),
    ({0: b"PK"}, Head("zip", "an archive (zip)")),
    # Of protocol 2 to 5, as torch.save wrote before 1.6, and pickle and joblib do.
    ({0: tuple(bytes((0x80, protocol)) for protocol in range(2, 6))}, Head("pickle", "a pickle")),
    ({0: b"\x89HDF"}, Head("hdf5", "an HDF5 file")),
    ({0: b"MATLAB 5"}, Head("matlab", "a MATLAB file")),
    ({0: b"PAR1"}, Head("parquet", "a Parquet file")),
    ({0: b"%PDF"}, Head("document", "a PDF")),
    ({0: b"{\\rtf"}, Head("document", "a document (RTF)")),
    ({0: b"\xd0\xcf\x11\xe0"}, Head("document", "a document of an Office program")),
    ({0: (b"<!DOCTYPE", b"<!doctype", b"<html", b"<HTML")}, Head("page", "a web page")),
    ({0: b"Rar!"}, Head("folder", "RAR")),
    ({0: b"7z\xbc\xaf"}, Head("folder", "7-Zip")),
    ({257: b"ustar"}, Head("folder", "tar")),
    ({0: b"\x1f\x8b"}, Head("gzip", "packed by gzip")),
    ({0: b"BZh"}, Head("packed", "bzip2")),
    ({0: b"\xfd7zXZ"}, Head("packed", "xz")),
    ({0: b"\x28\xb5\x2f\xfd"}, Head("packed", "zstd")),
)
# Each way on begins otherwise: a text that is no such picture is passed over once.
_SVG = re.compile(
    BYTE_ORDER_MARK
    + r"?\s*(?:(?:<\?xml[^>]*>|<!DOCTYPE svg[^>]*>|<!--(?:(?!-->).)*-->)\s*)*<svg\b",
    re.DOTALL,
)
# Of the length that a file of safetensors begins with.
LENGTH_BYTES = 8


def head_of(content: bytes) -> Head | None:
    """Return what a file is; None if it may be anything.

    Args:
        content: all of it, or its first `HEAD_BYTES`.
    """
    if is_safetensors(content):
        return Head("safetensors", "a file of arrays (.safetensors)")
    text = _text(content[:HEAD_BYTES])
    if text is not None and _SVG.match(text):
        return Head("picture", "a picture (SVG)")
    for starts, head in _STARTS:
        if all(content.startswith(start, at) for at, start in starts.items()):
            return head
    return None if text is None else Head("text", "text")


def is_safetensors(content: bytes) -> bool:
    """Return whether a file that begins so is one of safetensors; at least 9 bytes are needed."""
    length = int.from_bytes(content[:LENGTH_BYTES], "little")
    return content[LENGTH_BYTES : LENGTH_BYTES + 1] == b"{" and length < 2**40


def is_text(content: bytes) -> bool:
    """Return whether a file that begins so is text."""
    return _text(content[:HEAD_BYTES]) is not None


def _text(head: bytes) -> str | None:
    """Return what stands there, if it is text; its last letter may be cut."""
    if not head or b"\0" in head:
        return None
    text = head.decode("utf-8", "ignore")
    is_whole = len(text.encode()) > 0.9 * len(head)
    others = f"\t\r\n{BYTE_ORDER_MARK}"
    return text if is_whole and all(c.isprintable() or c in others for c in text) else None
