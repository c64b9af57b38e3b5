"""How errors show what was given."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import shown, with_article


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, "3"),
        ("cat", "'cat'"),
        (None, "None"),
        ("x" * 38, "'" + "x" * 38 + "'"),
        ("x" * 39, "a str"),
        (10**41, "an int"),
        (np.arange(100), "a ndarray"),
        (OSError("x" * 40), "an OSError"),
    ],
)
def test_a_value_is_shown_as_it_is_written_or_by_its_type(value: object, expected: str) -> None:
    assert shown(value) == expected


def test_a_noun_has_its_article() -> None:
    assert [with_article(noun) for noun in ("Adam", "Net", "array")] == [
        "an Adam",
        "a Net",
        "an array",
    ]
