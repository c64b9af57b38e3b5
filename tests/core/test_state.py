"""Saved state: it comes back whole, or not at all and for a reason that names the entry."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib import format as npy

from core.errors import StateError
from core.io.text import parse_model
from core.io.weights import load, load_state_dict, save, state_dict
from core.layers import Linear
from core.model import Model
from core.tensor import Array
from tests.core.runs import of_state

TEXT = "conv 2 k3 p1, bn, relu, pool 2, residual(conv 2 k3 p1, bn | conv 2 k1), flatten, linear 3"
NORM = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
NAMES = [
    *("0.weight", "0.bias"),
    *(f"1.{name}" for name in NORM),
    *("4.body.0.weight", "4.body.0.bias"),
    *(f"4.body.1.{name}" for name in NORM),
    *("4.shortcut.0.weight", "4.shortcut.0.bias"),
    *("6.weight", "6.bias"),
]


def make_model(seed: int = 0) -> Model:
    """A model whose statistics and counts are not those of the beginning."""
    rng = np.random.default_rng(seed)
    model = parse_model(TEXT, (1, 4, 4), rng)
    for _ in range(seed + 1):
        model.forward(rng.random((5, 1, 4, 4)))
    return model


def saved(model: Model) -> bytes:
    file = io.BytesIO()
    save(model, file)
    return file.getvalue()


def refusal(act: Callable[[Model], None]) -> str:
    """Return why `act` refused to set the state, having checked that it changed no bit."""
    model = make_model()
    before = of_state(model)
    with pytest.raises(StateError) as caught:
        act(model)
    assert of_state(model) == before
    return str(caught.value)


def refused(state: Mapping[str, Any]) -> str:
    """Return why a dictionary, and the same as a file where it can be one, is refused."""
    return refusal(lambda model: load_state_dict(model, state))


def refused_file(data: bytes) -> str:
    return refusal(lambda model: load(model, io.BytesIO(data)))


def entry(value: Array) -> bytes:
    """The .npy file of an array."""
    file = io.BytesIO()
    npy.write_array(file, value)
    return file.getvalue()


def entries() -> dict[str, bytes]:
    return {name: entry(value) for name, value in state_dict(make_model(1)).items()}


def archive(files: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", compression) as packed:
        for name, content in files.items():
            packed.writestr(f"{name}.npy", content)
    return data.getvalue()


def header(text: str) -> bytes:
    """The beginning of an .npy file with this header, and a few numbers."""
    padded = text.encode("latin1") + b"\n"
    return b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded + bytes(64)


def test_names_are_those_of_pytorch() -> None:
    assert list(state_dict(make_model())) == NAMES
    assert list(state_dict(Linear(2, 3, rng=np.random.default_rng(0)))) == ["weight", "bias"]


def test_a_state_is_a_copy() -> None:
    model = make_model()
    before = of_state(model)
    for array in state_dict(model).values():
        array[...] = 7
    assert of_state(model) == before


def test_by_dictionary() -> None:
    model, other = make_model(), make_model(1)
    arrays = [id(param.value) for param in model.parameters()]
    load_state_dict(model, state_dict(other))
    assert of_state(model) == of_state(other)
    assert [id(param.value) for param in model.parameters()] == arrays


def test_by_file_in_memory() -> None:
    model, other = make_model(), make_model(1)
    load(model, io.BytesIO(saved(other)))
    assert of_state(model) == of_state(other)


@pytest.mark.parametrize("kind", [str, Path])
def test_by_path(tmp_path: Path, kind: type[str] | type[Path]) -> None:
    model, other = make_model(), make_model(1)
    path = kind(tmp_path / "state.npz")
    save(other, path)
    load(model, path)
    assert of_state(model) == of_state(other)


def test_a_file_is_what_numpy_reads_without_pickle() -> None:
    with np.load(io.BytesIO(saved(make_model())), allow_pickle=False) as file:
        assert list(file) == NAMES


def test_a_compressed_file_is_read_too() -> None:
    model = make_model()
    load(model, io.BytesIO(archive(entries(), zipfile.ZIP_DEFLATED)))
    assert of_state(model) == of_state(make_model(1))


def test_counts_may_be_missing() -> None:
    state = state_dict(make_model(1))
    kept = {name: value for name, value in state.items() if "num_batches" not in name}
    model = make_model()
    load_state_dict(model, kept)
    load(model, io.BytesIO(archive({name: entry(value) for name, value in kept.items()})))
    assert state_dict(model)["1.num_batches_tracked"] == 1
    assert np.array_equal(state_dict(model)["1.running_mean"], state["1.running_mean"])


@pytest.mark.parametrize("dtype", ["<f8", ">f4", "<f2"])
def test_other_floating_types_are_converted(dtype: str) -> None:
    value = np.array([1.5, -2, 0.25], dtype)
    model = make_model()
    load_state_dict(model, state_dict(model) | {"6.bias": value})
    assert state_dict(model)["6.bias"].dtype == np.float32
    assert state_dict(model)["6.bias"].tolist() == value.tolist()


BIAS = np.ones(3, np.float32)
BAD_VALUES: dict[str, tuple[str, Array]] = {
    "shape": ("6.bias", np.ones(4, np.float32)),
    "rank": ("6.bias", np.ones((3, 1), np.float32)),
    "that could be broadcast": ("6.bias", np.ones((), np.float32)),
    "too large": ("6.bias", np.ones(10_000, np.float32)),
    "whole": ("6.bias", np.ones(3, np.int64)),
    "logical": ("6.bias", np.ones(3, bool)),
    "text": ("6.bias", np.array(["1", "2", "3"])),
    "complex": ("6.bias", np.ones(3, np.complex64)),
    "dates": ("6.bias", np.zeros(3, "M8[s]")),
    "fields": ("6.bias", np.zeros(3, [("a", "f4")])),
    "floating count": ("1.num_batches_tracked", np.ones(())),
    "negative count": ("1.num_batches_tracked", np.array(-1)),
    "count beyond int64": ("1.num_batches_tracked", np.array(2**63, np.uint64)),
    "nan": ("4.body.0.bias", np.array([0, np.nan], np.float32)),
    "inf": ("4.shortcut.0.bias", np.array([0, np.inf], np.float32)),
    "minus inf": ("4.shortcut.0.bias", np.array([0, -np.inf], np.float32)),
    "beyond float32": ("6.bias", np.array([0, 1e39, 0])),
    "negative variance": ("4.body.1.running_var", np.array([1, -1e-9], np.float32)),
}


@pytest.mark.parametrize(("name", "value"), BAD_VALUES.values(), ids=BAD_VALUES)
def test_a_bad_value_is_named(name: str, value: Array) -> None:
    assert refused(state_dict(make_model(1)) | {name: value}).startswith(f"{name} ")
    assert name in refused_file(archive(entries() | {name: entry(value)}))


@pytest.mark.parametrize(
    "value", [None, "text", [[1], [2, 3]], {}, object(), np.array([BIAS] * 3, object)]
)
def test_what_is_no_array_is_named(value: object) -> None:
    assert refused(state_dict(make_model(1)) | {"6.bias": value}).startswith("6.bias ")


@pytest.mark.parametrize("name", ["0.weight", "4.body.1.running_mean", "6.bias"])
def test_a_missing_entry_is_named(name: str) -> None:
    state, files = state_dict(make_model(1)), entries()
    del state[name], files[name]
    assert refused(state).startswith(f"{name} is missing")
    assert refused_file(archive(files)).startswith(f"{name} is missing")


@pytest.mark.parametrize("name", ["7.weight", "weight", "1.running_std", "../6.bias", ""])
def test_an_extra_entry_is_named(name: str) -> None:
    assert refused(state_dict(make_model(1)) | {name: BIAS}).startswith(f"{name} is not of this")
    assert refused_file(archive(entries() | {name: entry(BIAS)})).startswith(f"{name} is not of")


def test_nothing_and_everything_else() -> None:
    assert "0.weight is missing" in refused({})
    assert "0.weight is missing" in refused_file(archive({}))


# Files that are no archive, or only a part of one.


@pytest.mark.parametrize("share", [0, 0.01, 0.3, 0.6, 0.9, 0.99, 0.999])
def test_a_truncated_file_is_no_archive(share: float) -> None:
    data = saved(make_model(1))
    assert "no whole .npz archive" in refused_file(data[: int(share * len(data))])


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04", b"junk" * 100, entry(BIAS), b"PK\x05\x06" + bytes(9)]
)
def test_another_file_is_no_archive(data: bytes) -> None:
    assert "no whole .npz archive" in refused_file(data)


def test_a_damaged_number_is_noticed() -> None:
    data = bytearray(saved(make_model(1)))
    bias = state_dict(make_model(1))["6.weight"].tobytes()
    data[data.index(bias)] ^= 1
    assert refused_file(bytes(data))


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(make_model(), tmp_path / "none.npz")


# Archives with an entry that is no honest array.


def pickled() -> bytes:
    file = io.BytesIO()
    npy.write_array(file, np.array([BIAS, None, "x"], object), allow_pickle=True)
    return file.getvalue()


BAD_ENTRIES = {
    "pickled": pickled(),
    "empty": b"",
    "junk": b"junk" * 20,
    "cut": entry(BIAS)[:-1],
    "version": b"\x93NUMPY\x09\x00" + entry(BIAS)[8:],
    "huge": header("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000000,)}"),
    "overflowing": header(f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({2**62}, 4)}}"),
    "negative": header("{'descr': '<f4', 'fortran_order': False, 'shape': (-3,)}"),
    "no dictionary": header("[1, 2"),
    "unclosed": header("{'descr': '<f4', 'shape': ("),
    "keys of two kinds": header("{1: '<f4', 'shape': (3,)}"),
    "deep": header("(" * 3000),
    "python 2": header("{'descr': '<f4', 'fortran_order': False, 'shape': (4L,)}"),
}


@pytest.mark.parametrize("content", BAD_ENTRIES.values(), ids=BAD_ENTRIES)
def test_a_bad_entry_is_named(content: bytes) -> None:
    assert "6.bias" in refused_file(archive(entries() | {"6.bias": content}))


def patched(data: bytes, name: str, local: tuple[int, bytes], central: tuple[int, bytes]) -> bytes:
    """Overwrite a field, at its offset, in both headers that an archive has for an entry."""
    changed = bytearray(data)
    for signature, size, (offset, value) in ((b"PK\3\4", 30, local), (b"PK\1\2", 46, central)):
        place = next(
            start
            for start in occurrences(data, signature)
            if data.startswith(f"{name}.npy".encode(), start + size)
        )
        changed[place + offset : place + offset + len(value)] = value
    return bytes(changed)


def occurrences(data: bytes, part: bytes) -> Iterator[int]:
    start = data.find(part)
    while start >= 0:
        yield start
        start = data.find(part, start + 1)


def test_an_encrypted_entry_is_refused() -> None:
    data = patched(archive(entries()), "6.bias", (6, b"\1"), (8, b"\1"))
    assert "6.bias" in refused_file(data)


def test_an_unknown_compression_is_refused() -> None:
    data = patched(archive(entries()), "6.bias", (8, b"\x63"), (10, b"\x63"))
    assert refused_file(data)


@pytest.mark.parametrize("shift", [0, 9, 20])
@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damaged_compression_is_refused(compression: int, shift: int) -> None:
    data = bytearray(archive(entries(), compression))
    start = data.index(b"6.weight.npy") + 12 + shift
    data[start : start + 40] = b"\xff" * 40
    assert "6.weight" in refused_file(bytes(data))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_refused() -> None:
    data = io.BytesIO(archive(entries()))
    with zipfile.ZipFile(data, "a") as packed:
        packed.writestr("6.bias.npy", entry(BIAS))
    assert "6.bias" in refused_file(data.getvalue())


def test_a_name_with_and_without_its_ending_is_refused() -> None:
    data = io.BytesIO(archive(entries()))
    with zipfile.ZipFile(data, "a") as packed:
        packed.writestr("6.bias", entry(BIAS))
    assert "6.bias" in refused_file(data.getvalue())


@pytest.mark.parametrize("honest", [True, False])
def test_a_zip_bomb_is_not_unpacked(honest: bool) -> None:
    bomb = entry(BIAS) + bytes(1 << 26)
    data = archive(entries() | {"6.bias": bomb}, zipfile.ZIP_DEFLATED)
    if not honest:
        small = len(entry(BIAS)).to_bytes(4, "little")
        data = patched(data, "6.bias", (22, small), (24, small))
    tracemalloc.start()
    try:
        message = refused_file(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "6.bias" in message
    assert peak < 1 << 23


# Whatever the bytes are.

edits = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=4)
STORED, DEFLATED = saved(make_model(1)), archive(entries(), zipfile.ZIP_DEFLATED)
LAST = DEFLATED.index(b"PK\1\2")


def edited(data: bytes, changes: list[tuple[int, int]], stop: int | None, first: int = 0) -> bytes:
    changed = bytearray(data)
    for place, value in changes:
        changed[first + place % (len(data) - first)] = value
    return bytes(changed[:stop])


def loads_or_is_refused(data: bytes) -> None:
    model = make_model()
    before = of_state(model)
    try:
        load(model, io.BytesIO(data))
    except StateError:
        assert of_state(model) == before
    else:
        assert all(np.isfinite(array).all() for array in state_dict(model).values())


@settings(deadline=None)
@given(st.sampled_from([STORED, DEFLATED]), edits, st.none() | st.integers(0, len(STORED)))
def test_any_damage_to_a_file(
    data: bytes, changes: list[tuple[int, int]], stop: int | None
) -> None:
    loads_or_is_refused(edited(data, changes, stop))


@settings(deadline=None)
@given(st.sampled_from([(STORED, STORED.index(b"PK\1\2")), (DEFLATED, LAST)]), edits)
def test_any_damage_to_the_directory(
    start: tuple[bytes, int], changes: list[tuple[int, int]]
) -> None:
    loads_or_is_refused(edited(start[0], changes, None, start[1]))


@settings(deadline=None)
@given(edits, st.none() | st.integers(0, 150))
def test_any_damage_under_a_right_checksum(
    changes: list[tuple[int, int]], stop: int | None
) -> None:
    loads_or_is_refused(archive(entries() | {"6.bias": edited(entry(BIAS), changes, stop)}))


@settings(deadline=None)
@given(st.binary())
def test_any_bytes(data: bytes) -> None:
    loads_or_is_refused(data)
