"""What a file is, told by its first bytes, from what real programs write."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import pickle
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from core.io.heads import HEAD_BYTES, Head, head_of
from core.io.state.safetensors import write_safetensors


def picture(kind: str) -> bytes:
    file = BytesIO()
    Image.fromarray(np.arange(4800, dtype=np.uint8).reshape(40, 40, 3)).save(file, kind)
    return file.getvalue()


def array(packed: bool) -> bytes:
    file = BytesIO()
    if packed:
        np.savez(file, images=np.zeros(3))
    else:
        np.save(file, np.zeros(3))
    return file.getvalue()


def arrays_of(count: int) -> bytes:
    file = BytesIO()
    write_safetensors(file, {f"{k}.weight": np.zeros((2, 2)) for k in range(count)})
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP"])
def test_a_picture_is_told_with_its_format(kind: str) -> None:
    head = head_of(picture(kind))
    assert head is not None
    assert (head.sort, head.words.upper()) == ("picture", f"A PICTURE ({kind})")


@pytest.mark.parametrize(
    ("content", "sort"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture"),
        (b"<?xml version='1.0'?>\n<!-- drawn -->\n<svg width='3'></svg>", "picture"),
        (b"\xef\xbb\xbflabel,pixel0\n1,2\n", "text"),
        (json.dumps({"0.weight": [1, 2]}).encode(), "text"),
        ("naïve notes, ".encode() * 999, "text"),
        (array(packed=True), "zip"),
        (array(packed=False), "npy"),
        (pickle.dumps({"a": np.zeros(3)}, protocol=4), "pickle"),
        (gzip.compress(b"some text"), "gzip"),
        (bz2.compress(b"some text"), "packed"),
        (lzma.compress(b"some text"), "packed"),
        (b"%PDF-1.7\n", "document"),
    ],
)
def test_other_files_are_told(content: bytes, sort: str) -> None:
    head = head_of(content)
    assert head is not None
    assert head.sort == sort
    assert head_of(content[:HEAD_BYTES]) == head


@pytest.mark.parametrize(
    ("content", "sort"),
    [
        (b"<!-- x -->\n" * 372 + b"<html>", "text"),
        (b"<!-- x -->\n" * 372 + b"<svg", "picture"),
        (b"<!--" * 1024, "text"),
        (b"<?xml?>" * 585, "text"),
        (b" " * HEAD_BYTES, "text"),
        (b" \n" * 2000 + b"<svg>", "picture"),
        (b"<!-- <svg> -->" + b" " * 4000, "text"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<svg>", "picture"),
    ],
)
def test_what_stands_before_a_drawing_is_passed_over_once(content: bytes, sort: str) -> None:
    """Tried in every way that it could be divided, the first would take longer than all tests."""
    head = head_of(content)
    assert head is not None
    assert head.sort == sort


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\0\x08\x03" + bytes(20),
        b"MZ\0\0\0",
        b"BM, and more\0",
        b"RIFF\0\0\0\0WAVE",
        b"\1\2\3\4\5\6\7\0WEBP",
        b"MB\1\2\3\4\0\0\0\0",
    ],
)
def test_of_others_nothing_is_said(content: bytes) -> None:
    assert head_of(content) is None


def test_a_header_of_any_length_is_one_of_safetensors() -> None:
    # The length, which comes first, may read as the beginning of another kind.
    for count in range(1, 400, 7):
        assert head_of(arrays_of(count)) == Head("safetensors", "a file of arrays (.safetensors)")
    named = (0x4B50).to_bytes(8, "little") + b'{"a'
    assert named.startswith(b"PK")
    found = head_of(named)
    assert found is not None
    assert found.sort == "safetensors"
