"""A lesson inside a link: what comes back, and what is refused."""

from __future__ import annotations

import random
import tracemalloc
import zlib
from base64 import urlsafe_b64encode
from string import ascii_letters

import pytest

from viz_app.lessons import FILES, LessonError, pack, unpack
from viz_app.lessons.reading.links import MOST_LETTERS
from viz_app.place import address

TEXT = FILES["1-one-iteration"]


def letters_of(written: bytes) -> str:
    return urlsafe_b64encode(zlib.compress(written, 9)).decode().rstrip("=")


@pytest.mark.parametrize("name", FILES)
def test_a_text_comes_back_through_an_address(name: str) -> None:
    here = address.text({"lesson": "own", "step": "2"}) + address.carrying(pack(FILES[name]))
    words = address.parse(here)
    assert (words["lesson"], words["step"]) == ("own", "2")
    assert unpack(words["text"]) == FILES[name]
    assert len(here) < MOST_LETTERS / 2
    # Nothing that an address writes otherwise.
    assert address.text({"text": words["text"]}) == f"?text={words['text']}"


def test_other_fragments_carry_nothing() -> None:
    assert dict(address.parse("?preset=one#text")) == {"preset": "one", "text": ""}
    assert dict(address.parse("?preset=one#chapter=3")) == {"preset": "one"}
    (wrong,) = address.read(address.parse("?preset=one#text=abc")).wrong
    assert wrong.startswith("text: is no part of a moment")


def test_every_damage_is_found_out() -> None:
    letters, rng = pack(TEXT), random.Random(0)
    damaged = [letters[:k] for k in (0, 1, 40, len(letters) - 5, len(letters) - 1)]
    damaged += [letters + "AAAA", letters + "é", letters[:40] + "!" + letters[40:], "a" * 5]
    for _ in range(300):
        k = rng.randrange(len(letters))
        damaged.append(letters[:k] + rng.choice(ascii_letters) + letters[k + 1 :])
    for text in damaged:
        # The last letter has bits that mean nothing.
        if text[:-1] != letters[:-1]:
            with pytest.raises(
                LessonError, match=r"a link whose text is .*; expected copy|damaged"
            ):
                unpack(text)
    with pytest.raises(LessonError, match="damaged"):
        unpack(letters_of(b"\xff\xfe"))


def test_what_is_too_long_is_refused_before_it_is_there() -> None:
    rng = random.Random(0)
    long = "".join(rng.choice(ascii_letters) for _ in range(12_000))
    with pytest.raises(LessonError, match="letters of a link; expected at most 7,500: hand out"):
        pack(long)
    bomb = letters_of(b"a" * 50_000_000)
    tracemalloc.start()
    with pytest.raises(LessonError, match="more than 60,000 characters"):
        unpack(bomb)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()
