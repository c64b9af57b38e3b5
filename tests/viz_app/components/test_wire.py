"""Messages as one text and one array."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from tests.rounding import assert_close
from tests.viz_app.viewers import viewer_of
from viz_app.components.navigation.strip import network_layers
from viz_app.components.wire import packed


def unpacked(message: dict[str, Any]) -> list[Any]:
    """Do in Python what `unpacked` of `common/unpack.js` does, for messages that are lists."""

    def restore(found: dict[str, Any]) -> object:
        return message["numbers"][slice(*found["floats"])] if "floats" in found else found

    back: list[Any] = json.loads(message["text"], object_hook=restore)
    return back


def test_arrays_come_back_where_they_were() -> None:
    image, marks = np.arange(6.0).reshape(2, 3)[:, ::2], np.array([True, False])
    wild = np.array([np.nan, np.inf])
    back = unpacked(packed([{"image": image, "name": "g(L, ·)"}, [marks, None], wild]))
    assert back[0]["name"] == "g(L, ·)"
    np.testing.assert_array_equal(back[0]["image"], [0, 2, 3, 5])
    np.testing.assert_array_equal(back[1][0], [1, 0])
    assert back[1][1] is None
    np.testing.assert_array_equal(back[2], wild)


def test_a_message_without_arrays_has_no_numbers() -> None:
    message = packed([{"panels": {}}])
    assert unpacked(message) == [{"panels": {}}]
    assert message["numbers"].size == 0


def test_a_message_keeps_its_numbers_when_the_array_changes() -> None:
    array = np.zeros(3)
    message = packed([array])
    array[:] = 1
    assert not message["numbers"].any()


@pytest.mark.parametrize(("bad", "error"), [({1, 2}, TypeError), (float("nan"), ValueError)])
def test_what_the_browser_cannot_read_is_refused(bad: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        packed([bad])


def test_the_strip_is_that_of_the_trace() -> None:
    trace = viewer_of().trace
    cards = unpacked(packed(network_layers(trace, 1)))
    assert [card["name"] for card in cards] == list(trace.layers)
    for card, layer in zip(cards, trace.layers.values(), strict=True):
        activation = layer.output.value[1]
        np.testing.assert_array_equal(card["activation"], activation.astype(np.float32).ravel())
        assert_close(card["activation_range"], [activation.min(), activation.max()])
