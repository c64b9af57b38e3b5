"""Thousands of damaged files of weights: each is refused clearly or read, quickly and in little
memory, and what is refused changes nothing."""

from __future__ import annotations

import io
import re
import tracemalloc
import zipfile
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from core.errors import StateError
from core.io.state.file import KINDS, read_state
from core.io.state.guess import guess_model
from core.io.text import parse_model
from core.io.weights import load, load_state_dict, match_by_order, state_dict
from core.model import Model
from core.optim import Adam
from tests.core.io.test_states import STATES
from tests.core.runs import fingerprint, of_state

COUNT, SECONDS, BYTES = 2000, 2.0, 300_000_000
TEXT = "float64: conv 4 k3 p1, bn, relu, pool 2, flatten, linear 3"
LARGE = (b"\xff" * 4, b"\0\0\0\x7f", bytes(4))
Mutate = Callable[[bytes, np.random.Generator], bytes]


def compressed(content: bytes) -> bytes:
    file = io.BytesIO()
    arrays: dict[str, Any] = dict(read_state(io.BytesIO(content)))
    np.savez_compressed(file, **arrays)
    return file.getvalue()


# As PyTorch wrote them.
FILES = {
    "npz": (STATES / "torch.npz").read_bytes(),
    "compressed npz": compressed((STATES / "torch.npz").read_bytes()),
    "safetensors": (STATES / "torch.safetensors").read_bytes(),
}


def with_bytes(data: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(data)
    for at in rng.integers(0, len(data), rng.integers(1, 6)):
        changed[at] = rng.integers(256)
    return bytes(changed)


def cut(data: bytes, rng: np.random.Generator) -> bytes:
    return data[: rng.integers(len(data))]


def without_a_part(data: bytes, rng: np.random.Generator) -> bytes:
    first, second = sorted(rng.integers(0, len(data), 2))
    return data[:first] + data[second:]


def with_a_part_twice(data: bytes, rng: np.random.Generator) -> bytes:
    first, second = sorted(rng.integers(0, len(data), 2))
    return data[:second] + data[first:]


def with_another_number(data: bytes, rng: np.random.Generator) -> bytes:
    """In the text of headers: of shapes, offsets and dtypes."""
    found = list(re.finditer(rb"\d+", data[:3000] if data[:2] != b"PK" else data))
    if not found:
        return data
    place = found[rng.integers(len(found))]
    number = str(rng.choice([0, 1, 7, 10**6, 2**31, 2**62])).encode()
    return data[: place.start()] + number[: place.end() - place.start()] + data[place.end() :]


def with_a_large_size(data: bytes, rng: np.random.Generator) -> bytes:
    """In the binary headers: four bytes that may be a size, an offset or a length."""
    at = int(rng.integers(0, len(data) - 4))
    return data[:at] + LARGE[rng.integers(len(LARGE))] + data[at + 4 :]


MUTATIONS: list[Mutate] = [
    *(with_bytes, cut, without_a_part, with_a_part_twice, with_another_number, with_a_large_size)
]


def made() -> tuple[Model, Adam]:
    model = parse_model(TEXT, (1, 8, 8), np.random.default_rng(0))
    return model, Adam(model.parameters())


def own(kind: str) -> bytes:
    """What is written here, of a model and its optimiser."""
    file = io.BytesIO()
    model, optimizer = made()
    model.save(file, optimizer, kind)
    return file.getvalue()


def of_both(model: Model, optimizer: Adam) -> object:
    return of_state(model), fingerprint(optimizer.state_dict())


def is_guessed(data: bytes) -> bool:
    """Read a file without a model; return whether it is one of weights."""
    try:
        state = read_state(io.BytesIO(data), 100_000_000)
        guess_model(state, (1, 8, 8))
        match_by_order(MADE[0], state)
    except StateError:
        return False
    return True


def is_loaded(data: bytes) -> bool:
    """Read a file into a model and its optimiser; return whether it fits them."""
    model, optimizer = MADE
    try:
        load(model, io.BytesIO(data), optimizer=optimizer)
    except StateError as error:
        if not str(error) or of_both(model, optimizer) != BEFORE:
            raise AssertionError(f"{error!r} has changed something, or says nothing") from error
        return False
    values = [*state_dict(model).values(), *optimizer.state_dict().values()]
    assert all(np.isfinite(value).all() for value in values)
    load_state_dict(model, STATE[0])
    optimizer.load_state_dict(STATE[1])
    return True


OWN = {kind: own(kind) for kind in KINDS}
OWN["compressed npz"] = compressed(OWN["npz"])
MADE = made()
STATE = state_dict(MADE[0]), MADE[1].state_dict()
BEFORE = of_both(*MADE)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("use", [is_guessed, is_loaded])
@pytest.mark.parametrize("kind", FILES)
def test_a_damaged_file_is_refused_or_read(kind: str, use: Callable[[bytes], bool]) -> None:
    whole = FILES[kind] if use is is_guessed else OWN[kind]
    assert use(whole)
    rng, slowest, largest, used = np.random.default_rng(0), 0.0, 0, 0
    tracemalloc.start()
    try:
        for k in range(COUNT):
            data = MUTATIONS[k % len(MUTATIONS)](whole, rng)
            tracemalloc.reset_peak()
            start = perf_counter()
            used += use(data)
            slowest = max(slowest, perf_counter() - start)
            largest = max(largest, tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()
    assert slowest < SECONDS
    assert largest < BYTES
    # Some damage hits nothing that matters, most does.
    assert 0 < used < COUNT / 2


def test_an_archive_that_unpacks_to_much_is_not_unpacked() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("w.npy", bytes(150_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(StateError, match="at most 100,000,000 are read"):
            read_state(io.BytesIO(file.getvalue()), 100_000_000)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
