"""Sentences of what went wrong."""

import pytest

from viz_app.words import capital, ended


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("the file is empty", "The file is empty"),
        ("no such place.", "No such place."),
        ("", ""),
        ("wait...", "Wait..."),
        ("bn1.running_var[0] is -1.0; expected at least 0", None),
        ("x_test and x_test2 are for the same", None),
        ("data_batch_1 is a pickle", None),
        ("images[0] holds NaN", None),
    ],
)
def test_a_sentence_begins_large_but_a_name_stays(words: str, wanted: str | None) -> None:
    assert capital(words) == (words if wanted is None else wanted)


def test_what_was_cut_ends_by_its_own_points() -> None:
    assert ended("batch size 8") == "batch size 8."
    assert ended("network conv 8 k3 p1, bn, relu…") == "network conv 8 k3 p1, bn, relu…"
