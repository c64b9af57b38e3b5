"""Key frames: a history that goes on from one is the history that has computed it all."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.errors import StateError
from core.io.checkpoint import checkpoint_entries
from core.io.npz import write_npz
from core.training.history import History
from core.training.key_frame import pack, unpack
from core.training.trainer import Trainer
from tests.core.runs import fingerprint, make_trainer, of_trace

LENGTH, MIDDLE = 130, 100
CHANGES = {30: 0.01, 60: 0.2, MIDDLE: 0.03}


def set_rate(rate: float, trainer: Trainer) -> None:
    trainer.optimizer.lr = rate


def computed(length: int, changes: Mapping[int, float]) -> History:
    history = History(make_trainer(), every=50)
    for k in range(length):
        if k in changes:
            history.change(partial(set_rate, changes[k]))
        history.advance()
    return history


@pytest.fixture(scope="module")
def whole() -> History:
    return computed(LENGTH, CHANGES)


@pytest.fixture(scope="module")
def content(whole: History) -> bytes:
    """The frame in the middle, packed."""
    return pack(whole.key_frame(MIDDLE + 20), "run")


def resumed(content: bytes) -> History:
    """A history that has computed its first iteration, and goes on in the middle."""
    history = computed(1, {})
    frame = unpack(content, "run", history.trainer)
    assert frame.iteration == MIDDLE
    history.resume(frame, [(k, partial(set_rate, rate)) for k, rate in CHANGES.items()])
    return history


def test_the_same_future_and_curves_to_the_bit(whole: History, content: bytes) -> None:
    history = resumed(content)
    traces = [history.advance() for _ in range(LENGTH - MIDDLE)]
    assert [of_trace(t) for t in traces] == [
        of_trace(whole.goto(k)) for k in range(MIDDLE + 1, LENGTH + 1)
    ]
    assert fingerprint(history.trainer.get_state()) == fingerprint(whole.trainer.get_state())
    assert (history.losses, history.accuracies) == (whole.losses, whole.accuracies)
    assert history.length == LENGTH


def test_the_past_that_was_left_out_is_the_same_with_its_changes(
    whole: History, content: bytes
) -> None:
    history = resumed(content)
    for k in (100, 45, 30, 31, 60, 61, 1, 2, 99):
        assert of_trace(history.goto(k)) == of_trace(whole.goto(k)), k
    history.goto(61)
    history.rewind(59)
    history.skip(lambda: history.trainer.iteration >= 70)
    assert of_trace(history.advance()) == of_trace(whole.goto(71))


def test_a_branch_from_the_past_forgets_what_lay_behind(content: bytes) -> None:
    history, plain = resumed(content), computed(45, {30: 0.01, 45: 0.3})
    history.goto(45)
    history.change(partial(set_rate, 0.3))
    plain.change(partial(set_rate, 0.3))
    for _ in range(30):
        assert of_trace(history.advance()) == of_trace(plain.advance())
    assert history.losses == plain.losses


def test_how_far_it_is_and_what_is_kept(content: bytes) -> None:
    history = resumed(content)
    assert [history.distance(k) for k in (101, 105, 100, 50)] == [0, 4, 99, 49]
    history.skip()
    history.keep()
    assert history.distance(102) == 0
    assert history.key_frame(200).iteration == 101


def test_a_frame_of_any_kind_of_run_fits_one_of_the_same(content: bytes) -> None:
    trainer = make_trainer()
    trainer.step()
    before = fingerprint(trainer.get_state())
    unpack(content, "run", trainer)
    assert fingerprint(trainer.get_state()) == before


def repacked(content: bytes, **changed: NDArray[Any]) -> bytes:
    """The same content with other entries."""
    entries: dict[str, Any] = dict(np.load(io.BytesIO(content)))
    return written({**entries, **changed})


def written(entries: Mapping[str, NDArray[Any]]) -> bytes:
    file = io.BytesIO()
    write_npz(file, entries)
    return file.getvalue()


def of_another(text: str) -> bytes:
    """A frame under the same label, of a run of another model."""
    history = History(make_trainer(text=text))
    for _ in range(3):
        history.advance()
    history.keep()
    return pack(history.key_frame(3), "run")


def inflated(content: bytes) -> bytes:
    """The same with a large entry that takes few bytes."""
    file = io.BytesIO(content)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("more.npy", bytes(10**7), zipfile.ZIP_DEFLATED)
    return file.getvalue()


def with_other(change: Callable[[Trainer], object]) -> bytes:
    """A frame of a trainer in which something was changed that is no param."""
    history = computed(3, {})
    change(history.trainer)
    curves = dict.fromkeys(("losses", "accuracies"), np.zeros(3))
    state = checkpoint_entries(history.trainer.get_state())
    return written({**state, **curves, "label": np.array("run")})


def set_velocity(trainer: Trainer) -> None:
    trainer.optimizer.slots["velocity"][0] = np.zeros(4)


def set_statistics(trainer: Trainer) -> None:
    norm = next(layer for layer in trainer.model.walk() if layer.state)
    norm.state["running_mean"] = norm.state["running_mean"].astype(np.float64)


REFUSED: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "cut off": lambda content: content[:-200],
    "a bit": lambda content: content.replace(content[3000:3008], bytes(8), 1),
    "text": lambda content: b"<html>" * 1000,
    "only weights": lambda content: written({"0.weight": np.zeros(3)}),
    "no curves": lambda content: written({"label": np.array("run")}),
    "another label": lambda content: repacked(content, label=np.array("run 2")),
    "short curve": lambda content: repacked(content, losses=np.zeros(99)),
    "other curve": lambda content: repacked(content, losses=np.zeros(100, np.float32)),
    "another model": lambda content: of_another("flatten, linear 10"),
    "another size": lambda content: of_another("conv 4 k3, relu, flatten, linear 10"),
    "inflated": inflated,
    "another velocity": lambda content: with_other(set_velocity),
    "other statistics": lambda content: with_other(set_statistics),
    "another iteration": lambda content: with_other(lambda t: setattr(t, "iteration", 4)),
    "no number": lambda content: with_other(lambda t: setattr(t, "iteration", "3")),
}


@pytest.mark.parametrize("spoil", REFUSED.values(), ids=REFUSED)
def test_what_is_damaged_or_of_another_run_is_refused_and_changes_nothing(
    content: bytes, spoil: Callable[[bytes], bytes]
) -> None:
    trainer = make_trainer()
    trainer.step()
    before = fingerprint(trainer.get_state())
    with pytest.raises(StateError):
        unpack(spoil(content), "run", trainer)
    assert fingerprint(trainer.get_state()) == before


@given(at=st.integers(0, 10**6), byte=st.integers(0, 255))
@settings(max_examples=60, deadline=None)
def test_a_byte_that_has_changed_is_refused_or_of_no_account(
    content: bytes, at: int, byte: int
) -> None:
    spoilt = bytearray(content)
    spoilt[at % len(spoilt)] = byte
    trainer = make_trainer()
    trainer.step()
    wanted = fingerprint(unpack(content, "run", trainer).state)
    try:
        frame = unpack(bytes(spoilt), "run", trainer)
    except StateError:
        return
    assert fingerprint(frame.state) == wanted
