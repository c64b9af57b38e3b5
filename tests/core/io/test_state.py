"""Saved state: it comes back whole, or not at all and for a reason that names the entry."""

from __future__ import annotations

import gzip
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
from core.io.weights import LoadResult, load, load_state_dict, match_by_order, save, state_dict
from core.layer import Layer
from core.layers import Conv2d, Flatten, Linear
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


def refusal(act: Callable[[Model], object]) -> str:
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


@pytest.mark.parametrize("kind", [str, Path])
@pytest.mark.parametrize("name", ["w", "w.npz", "w.weights"])
def test_a_path_without_ending_is_found(
    tmp_path: Path, kind: type[str] | type[Path], name: str
) -> None:
    model, other = make_model(), make_model(1)
    # Another file of the very name is not what `save` wrote.
    (tmp_path / "w").write_text("something else")
    save(other, kind(tmp_path / name))
    load(model, kind(tmp_path / name))
    assert of_state(model) == of_state(other)
    assert (tmp_path / f"{name.removesuffix('.npz')}.npz").is_file()


def test_a_file_that_was_renamed_is_found(tmp_path: Path) -> None:
    model, other = make_model(), make_model(1)
    save(other, tmp_path / "w")
    (tmp_path / "w.npz").rename(tmp_path / "weights")
    load(model, tmp_path / "weights")
    assert of_state(model) == of_state(other)


def test_an_interrupted_save_keeps_the_previous_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    model, other = make_model(), make_model(1)
    save(other, tmp_path / "w")
    monkeypatch.setattr("core.io.npz.npy.write_array", interrupted)
    with pytest.raises(KeyboardInterrupt):
        save(model, tmp_path / "w")
    monkeypatch.undo()
    assert [path.name for path in tmp_path.iterdir()] == ["w.npz"]
    load(model, tmp_path / "w")
    assert of_state(model) == of_state(other)


def test_the_same_state_is_the_same_bytes() -> None:
    assert saved(make_model()) == saved(make_model())


def test_a_file_of_numpy_2_0_is_read() -> None:
    """NumPy 2.0 to 2.2 store the argument `allow_pickle` of `np.savez` as an entry."""
    model = make_model()
    load(model, io.BytesIO(archive({"allow_pickle": entry(np.array(False)), **entries()})))
    assert of_state(model) == of_state(make_model(1))


def test_nothing_but_the_state_is_written() -> None:
    assert zipfile.ZipFile(io.BytesIO(saved(make_model()))).namelist() == [
        f"{name}.npy" for name in NAMES
    ]


# States with other names.


@pytest.mark.parametrize("prefix", ["module.", "model.", "_orig_mod.", "module._orig_mod.model."])
def test_prefixes_of_wrappers_are_understood(prefix: str) -> None:
    model, other = make_model(), make_model(1)
    state = {prefix + name: value for name, value in state_dict(other).items()}
    assert load_state_dict(model, state) == ([], [])
    assert of_state(model) == of_state(other)
    model = make_model()
    load(model, io.BytesIO(archive({prefix + name: v for name, v in entries().items()})))
    assert of_state(model) == of_state(other)


def test_a_prefix_that_is_the_models_own_is_kept() -> None:
    class Wrapper(Layer):
        def __init__(self, inner: Layer) -> None:
            super().__init__()
            self.inner = inner

        def children(self) -> dict[str, Layer]:
            return {"model": self.inner}

    rng = np.random.default_rng(0)
    wrapper = Wrapper(Linear(2, 2, rng=rng))
    state: dict[str, Array] = {"model.weight": np.ones((2, 2))}
    state["model.bias"] = np.ones(2)
    assert list(state_dict(wrapper)) == list(state)
    load_state_dict(wrapper, state)
    load_state_dict(wrapper, {f"module.{name}": value * 2 for name, value in state.items()})
    assert all((array == 2).all() for array in state_dict(wrapper).values())


def test_two_entries_of_one_name_are_refused() -> None:
    state = state_dict(make_model(1)) | {"module.6.bias": BIAS}
    assert refused(state).startswith("6.bias and module.6.bias are both 6.bias, without")
    twice = {f"model.{name}": value for name, value in state_dict(make_model(1)).items()}
    assert "module.6.bias" in refused(twice | {"module.6.bias": BIAS})


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("0.weight", "conv1.weigth"),
        ("6.bias", "6.biass"),
        ("1.running_mean", "1.running_meen"),
        ("4.body.0.weight", "4.main.0.weight"),
        ("4.body.1.weight", "module.4.body.1.wieght"),
    ],
)
def test_a_wrong_name_says_the_nearest(name: str, wrong: str) -> None:
    state, files = state_dict(make_model(1)), entries()
    state[wrong], files[wrong] = state.pop(name), files.pop(name)
    expected = f"{wrong} is not of this model; did you mean {name}"
    assert refused(state) == expected
    assert refused_file(archive(files)) == expected


def test_a_name_of_another_shape_is_not_suggested() -> None:
    rng = np.random.default_rng(0)
    text = "conv 4 k3, {}relu, flatten, linear 4"
    normed, plain = (parse_model(text.format(bn), (1, 8, 8), rng) for bn in ("bn, ", ""))
    with pytest.raises(StateError, match=r"^1\.weight is not of this model, which has 0\.weight"):
        plain.load_state_dict(normed.state_dict())


def renamed() -> dict[str, Any]:
    """The state as a module with attributes would name it."""
    state = state_dict(make_model(1))
    first = {"0": "conv1", "1": "bn1", "4": "block", "6": "fc"}
    return {
        ".".join([first[head], *rest]): value
        for (head, *rest), value in ((name.split("."), value) for name, value in state.items())
    }


def test_other_names_of_equal_shapes_are_proposed_by_order() -> None:
    message = refused(renamed())
    assert message.startswith("conv1.weight is not of this model, but shapes and order are those")
    assert "match_by_order(model, state) (conv1.weight → 0.weight, …)" in message
    packed = archive({name: entry(value) for name, value in renamed().items()})
    assert refused_file(packed) == message
    model = make_model()
    load_state_dict(model, match_by_order(model, renamed()))
    assert of_state(model) == of_state(make_model(1))


def test_counts_may_be_missing_in_a_match_by_order() -> None:
    model = make_model()
    state = {name: v for name, v in renamed().items() if "num_batches" not in name}
    load_state_dict(model, match_by_order(model, state))
    assert np.array_equal(state_dict(model)["6.bias"], state["fc.bias"])
    assert state_dict(model)["1.num_batches_tracked"] == 1


def test_other_shapes_are_not_matched_by_order() -> None:
    state = renamed()
    swapped = {"fc.b": state.pop("fc.bias"), **state}
    with pytest.raises(StateError, match=r"the state has fc.b \(3,\), .*; the model has 0.weight"):
        match_by_order(make_model(), swapped)
    assert "match_by_order" not in refused(swapped)


def test_transposed_shapes_are_pointed_out() -> None:
    rng = np.random.default_rng(0)
    model = Model([Conv2d(3, 5, (2, 4), rng=rng), Flatten(), Linear(5, 7, rng=rng)])
    state: dict[str, Any] = state_dict(model)
    keras = np.ones((2, 4, 3, 5), np.float32)
    with pytest.raises(StateError, match=r"0.weight .* \(2, 4, 3, 5\).*transpose\(3, 2, 0, 1\)"):
        load_state_dict(model, {**state, "0.weight": keras})
    load_state_dict(model, {**state, "0.weight": keras.transpose(3, 2, 0, 1)})
    with pytest.raises(StateError, match=r"2.weight .*transposed; use array.T"):
        load_state_dict(model, {**state, "2.weight": np.ones((5, 7), np.float32)})
    with pytest.raises(StateError, match=r"needs \(7, 5\)$"):
        load_state_dict(model, {**state, "2.weight": np.ones((6, 7), np.float32)})


def test_a_whole_checkpoint_says_which_entry_to_pass() -> None:
    checkpoint = {"epoch": 3, "state_dict": state_dict(make_model(1))}
    assert "checkpoint['state_dict']" in refused(checkpoint)


def test_a_file_of_torch_is_explained() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as packed:
        packed.writestr("w/data.pkl", b"")
        packed.writestr("w/data/0", b"")
    message = refused_file(data.getvalue())
    assert "written by torch.save" in message
    assert "\nnp.savez(" in message


@pytest.mark.parametrize("from_file", [False, True])
def test_not_strict_loads_what_fits(from_file: bool) -> None:
    model, other = make_model(), make_model(1)
    state, files = state_dict(other), entries()
    del state["6.bias"], files["6.bias"]
    state["7.weight"], files["7.weight"] = BIAS, entry(np.ones(10_000, np.float32))
    kept = state_dict(model)["6.bias"]
    if from_file:
        result = load(model, io.BytesIO(archive(files)), strict=False)
    else:
        result = load_state_dict(model, state, strict=False)
    assert result == LoadResult(missing_keys=["6.bias"], unexpected_keys=["7.weight"])
    loaded = state_dict(model)
    assert np.array_equal(loaded["6.bias"], kept)
    assert np.array_equal(loaded["6.weight"], state["6.weight"])


def test_not_strict_still_refuses_other_shapes() -> None:
    assert refusal(
        lambda model: load_state_dict(model, {"6.bias": np.ones(4, np.float32)}, strict=False)
    ).startswith("6.bias has shape (4,)")


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
    ("data", "said"),
    [
        (b"PK\x03\x04", "no whole .npz archive"),
        (b"PK\x05\x06" + bytes(9), "no whole .npz archive"),
        (b"\1\2\3\0" * 100, "no whole .npz archive"),
        (b"junk" * 100, "the file is text, not weights"),
        (entry(BIAS), "the file is a single array of NumPy"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "the file is a picture (PNG), not weights"),
        (gzip.compress(b"weights"), "the file is packed by gzip: unpack it first"),
    ],
)
def test_another_file_is_no_archive(data: bytes, said: str) -> None:
    assert said in refused_file(data)


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
