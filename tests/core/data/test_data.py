from __future__ import annotations

import gzip
import hashlib
import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

import core.data
import core.data.readers.archive
from core.data import (
    DATASETS,
    Batches,
    DataSet,
    Split,
    from_images,
    load_dataset,
    load_files,
    load_npz,
    make_shapes,
)
from core.errors import DataError, StateError

FOLDER = Path(core.data.__file__).parent.parent / "datasets"


def npz(**entries: ArrayLike) -> io.BytesIO:
    file = io.BytesIO()
    arrays: dict[str, Any] = {**entries}
    np.savez_compressed(file, **arrays)
    file.seek(0)
    return file


def pixels(*shape: int) -> NDArray[np.uint8]:
    return np.random.default_rng(3).integers(0, 256, shape).astype(np.uint8)


def numbers(n: int = 10) -> NDArray[np.int64]:
    return np.arange(n) % 2


def good(**changes: ArrayLike) -> dict[str, Any]:
    """Entries of a file that loads, with some replaced."""
    return {"images": pixels(10, 4, 5), "labels": numbers(), **changes}


def everything(data: DataSet) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    return (
        np.concatenate([data.train.images, data.test.images]),
        np.concatenate([data.train.labels, data.test.labels]),
    )


# Bundled


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("digits_8x8.npz", "49562b324ed3490d"),
        ("mnist_2k.npz", "0b8c8362791eeda0"),
        ("fashion_2k_4bit.npz", "3573ee2b6c678b3d"),
    ],
)
def test_bundled_bytes_are_the_documented_ones(file: str, expected: str) -> None:
    with np.load(FOLDER / file, allow_pickle=False) as entries:
        data = entries["images"].tobytes() + entries["labels"].tobytes()
    found = hashlib.sha256(data).hexdigest()
    assert found[:16] == expected
    assert found in (FOLDER / "LICENSES.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "shape", "n_train", "n_test", "classes"),
    [
        ("digits", (1, 8, 8), 1437, 360, 10),
        ("mnist", (1, 28, 28), 1600, 400, 10),
        ("fashion", (1, 28, 28), 1600, 400, 10),
        ("shapes", (3, 16, 16), 1600, 400, 4),
        ("few", (1, 8, 8), 10, 360, 10),
    ],
)
def test_bundled_shapes_and_ranges(
    name: str, shape: tuple[int, int, int], n_train: int, n_test: int, classes: int
) -> None:
    data = load_dataset(name)
    assert (data.name, data.title) == (name, DATASETS[name])
    assert (data.input_shape, data.classes) == (shape, classes)
    assert (len(data.train), len(data.test)) == (n_train, n_test)
    assert len(set(data.class_names)) == classes
    assert all(type(class_name) is str for class_name in data.class_names)
    for split in (data.train, data.test):
        assert split.images.shape == (len(split), *shape)
        assert split.images.dtype == np.float32
        assert split.labels.dtype == np.int64
        assert split.images.flags.c_contiguous
        assert split.images.min() == 0
        assert split.images.max() == 1
        counts = np.bincount(split.labels, minlength=classes)
        assert counts.size == classes
        # Equal by construction, except for the training digits: 138 to 147 a class.
        assert counts.max() - counts.min() <= (9 if (name, len(split)) == ("digits", 1437) else 0)


def test_every_listed_data_set_loads_and_is_shared() -> None:
    for name in DATASETS:
        assert load_dataset(name) is load_dataset(name)


@pytest.mark.parametrize("name", DATASETS)
def test_arrays_cannot_be_written(name: str) -> None:
    data = load_dataset(name)
    for array in (data.train.images, data.train.labels, data.test.images, data.test.labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_splits_share_no_image() -> None:
    for name in DATASETS:
        data = load_dataset(name)
        train = {image.tobytes() for image in data.train.images}
        assert not any(image.tobytes() in train for image in data.test.images)


def test_unknown_name_lists_the_known() -> None:
    with pytest.raises(DataError, match=r"'cifar'.*digits, mnist, fashion, shapes"):
        load_dataset("cifar")


# Shapes


def test_shapes_are_the_same_on_every_machine() -> None:
    data = load_dataset("shapes")
    stored = b"".join(
        np.rint(split.images * 255).astype(np.uint8).tobytes() for split in (data.train, data.test)
    )
    expected = "5e364d43fa638ceee17b0d2b118e3a542a4dbb5c013fa7d2d715c20f17354582"
    assert hashlib.sha256(stored).hexdigest() == expected


def test_shapes_follow_their_generator() -> None:
    def images(seed: int) -> NDArray[np.float32]:
        return make_shapes(20, 8, 16, np.random.default_rng(seed)).train.images

    assert np.array_equal(images(1), images(1))
    assert not np.array_equal(images(1), images(2))


@pytest.mark.parametrize("size", [8, 16, 33])
def test_shapes_have_their_size_and_every_class(size: int) -> None:
    data = make_shapes(10, 6, size)
    assert data.class_names == ("circle", "square", "triangle", "cross")
    assert data.input_shape == (3, size, size)
    assert data.train.labels.tolist() == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1]
    assert np.bincount(data.test.labels).tolist() == [2, 2, 1, 1]


def test_shapes_stand_out_from_the_ground_and_lie_inside() -> None:
    data = make_shapes(400, 4, 32)
    bright = data.train.images.max(axis=1) > 0.6
    covered = bright.mean(axis=(1, 2))
    assert covered.min() > 0.03
    assert covered.max() < 0.52
    # The largest shapes touch the border, but none is cut: the centre of mass stays off it.
    rows = (bright * np.arange(32)[:, None]).sum(axis=(1, 2)) / bright.sum(axis=(1, 2))
    assert rows.min() > 4
    assert rows.max() < 27


@pytest.mark.parametrize(
    ("n_train", "n_test", "size", "message"),
    [
        (3, 4, 16, "n_train is 3"),
        (4, 0, 16, "n_test is 0"),
        (4, 4, 7, "size is 7"),
        (4, 4, 129, "size is 129"),
    ],
)
def test_shapes_refuse_numbers_out_of_range(
    n_train: int, n_test: int, size: int, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        make_shapes(n_train, n_test, size)


# The user's own file


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((10, 6, 7), (1, 6, 7)),
        ((10, 6, 7, 1), (1, 6, 7)),
        ((10, 6, 7, 3), (3, 6, 7)),
        ((10, 6, 7, 4), (4, 6, 7)),
        ((10, 1, 6, 7), (1, 6, 7)),
        ((10, 3, 6, 7), (3, 6, 7)),
        ((10, 4, 6, 7), (4, 6, 7)),
    ],
)
def test_npz_takes_every_layout(shape: tuple[int, ...], expected: tuple[int, int, int]) -> None:
    images = pixels(*shape)
    data = load_npz(npz(images=images, labels=numbers(), n_train=8))
    assert data.input_shape == expected
    assert data.train.images.flags.c_contiguous
    rows = images.reshape(10, -1, 6, 7) if shape[-1] == 7 else np.moveaxis(images, -1, 1)
    wanted = rows.astype(np.float32) / np.float32(255)
    assert np.array_equal(everything(data)[0], wanted)


def test_npz_keeps_the_order_with_n_train() -> None:
    data = load_npz(npz(**good(n_train=np.int32(7))))
    assert (len(data.train), len(data.test)) == (7, 3)
    assert np.array_equal(everything(data)[1], numbers())


def test_npz_shuffles_and_keeps_a_fifth_without_n_train() -> None:
    images = np.arange(40, dtype=np.float64).reshape(40, 1, 1) / 40 * np.ones((1, 5, 5))
    first, second = (load_npz(npz(images=images, labels=numbers(40))) for _ in range(2))
    assert (len(first.train), len(first.test)) == (32, 8)
    found, labels = everything(first)
    assert np.array_equal(found, everything(second)[0])
    rows = np.rint(found[:, 0, 0, 0] * 40).astype(int)
    assert sorted(rows) == list(range(40))
    assert rows.tolist() != list(range(40))
    assert np.array_equal(labels, rows % 2)  # each image keeps its label


@pytest.mark.parametrize("kind", ["<f2", "<f4", "<f8", ">f8"])
def test_npz_takes_floats(kind: str) -> None:
    images = (pixels(10, 5, 5) / 255).astype(kind)
    data = load_npz(npz(images=images, labels=numbers(), n_train=5))
    assert data.train.images.dtype == np.float32
    assert np.array_equal(data.train.images[:, 0], images[:5].astype(np.float32))


def test_npz_takes_column_major_arrays() -> None:
    images = pixels(10, 5, 6)
    first = load_npz(npz(images=np.asfortranarray(images), labels=numbers()))
    second = load_npz(npz(images=images, labels=numbers()))
    assert np.array_equal(first.train.images, second.train.images)


@pytest.mark.parametrize("kind", ["U", "S"])
def test_npz_takes_labels_that_are_names(kind: str) -> None:
    labels = np.array(["dog", "cat"] * 5).astype(kind)
    data = load_npz(npz(**good(labels=labels, n_train=4)))
    assert data.class_names == ("cat", "dog")
    assert data.train.labels.tolist() == [1, 0, 1, 0]


def test_npz_takes_names_in_the_order_of_class_names() -> None:
    labels = np.array(["dog", "cat"] * 5)
    names = np.array(["dog", "fox", "cat"])
    data = load_npz(npz(**good(labels=labels, class_names=names, n_train=4)))
    assert data.class_names == ("dog", "fox", "cat")
    assert data.train.labels.tolist() == [0, 2, 0, 2]


@pytest.mark.parametrize("kind", ["u1", "<i4", ">i8", "<u8"])
def test_npz_names_numbered_classes(kind: str) -> None:
    labels = (numbers() * 3).astype(kind)
    data = load_npz(npz(**good(labels=labels)))
    assert data.class_names == ("0", "3")
    assert data.train.labels.max() == 1
    assert data.train.labels.dtype == np.int64
    assert data.train.labels.dtype.isnative


def test_npz_passes_other_entries_over(tmp_path: Path) -> None:
    path = tmp_path / "leaves.npz"
    np.savez(path, **good(notes=np.array(["anything"]), mean=np.array([{}], dtype=object)))
    data = load_npz(path)
    assert (data.name, data.title) == ("leaves", "leaves")
    assert load_npz(str(path), name="mine").name == "mine"


def test_npz_reads_the_bundled_files() -> None:
    data = load_npz(FOLDER / "mnist_2k.npz")
    assert np.array_equal(data.test.images, load_dataset("mnist").test.images)
    assert data.class_names == load_dataset("mnist").class_names


def with_nan() -> NDArray[np.float64]:
    images = np.zeros((10, 4, 5))
    images[7, 2, 2] = np.nan
    return images


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (
            {"labels": numbers()},
            r"labels is there without its images .*found: labels \(10,\).*savez",
        ),
        ({"images": pixels(10, 4, 5)}, "images is there without its labels"),
        (
            {"arr_0": pixels(10, 4, 5)},
            "no images with labels .*Wanted are images and labels, or x_",
        ),
        ({"foo": pixels(10, 4, 5)}, r"\(found: foo \(10, 4, 5\)\)\. Wanted are"),
        (good(y=numbers()), r"labels and y are for the same, .*np\.concatenate"),
        (good(x=pixels(10, 4, 5)), "images and x are for the same, expected one"),
        (
            good(X_test=pixels(3, 4, 5), Y_test=numbers(3), x_test=pixels(3, 12), y_test=numbers()),
            "Y_test and y_test are for the same",
        ),
        (
            good(x_test=pixels(3, 4, 5), y_test=numbers(3), x_test2=pixels(3, 4, 5)),
            "x_test and x_test2 are for the same",
        ),
        (good(labels=np.array([1e30, 2e30] * 5)), r"labels\[1\] is 2e\+30 in float64.*int64"),
        (good(labels=np.array([0, 2**53] * 5, float)), "from 9,007,199,254,740,992 on"),
        (good(labels=np.array([0, 2**24] * 5, np.float32)), "from 16,777,216 on"),
        (good(class_names=np.array(["é", "e\u0301"])), "class_names holds 'é' twice"),
        (good(x_test=pixels(3, 4, 5)), "x_test is there without its labels"),
        (good(images=pixels(10, 20)), r"images has shape \(10, 20\), expected \(N, H, W\)"),
        (good(images=np.uint8(3)), r"images has shape \(\)"),
        (good(images=pixels(10, 2, 4, 5, 3)), r"images has shape \(10, 2, 4, 5, 3\)"),
        (good(images=pixels(10, 6, 7, 2)), "no axis can be the channels"),
        (good(images=pixels(10, 3, 7, 3)), "more than one axis can be the channels"),
        (good(images=pixels(0, 4, 5), labels=numbers(0)), "at least 2 images"),
        (good(images=pixels(1, 4, 5), labels=numbers(1)), "at least 2 images"),
        (good(images=pixels(10, 0, 5)), "at least one pixel"),
        (good(images=pixels(10, 4, 5) + 1j), "images has type complex128"),
        (good(images=with_nan()), r"images\[7\] holds NaN or infinity \(1 of 10"),
        (good(images=np.full((10, 4, 5), np.inf)), r"images\[0\] holds NaN or infinity \(10 of 10"),
        (good(images=np.full((10, 4, 5), 1.5)), "values from 1.5 to 1.5, expected floats from 0"),
        (good(images=np.linspace(-2.1, 2.6, 200).reshape(10, 4, 5)), "values from -2.1 to 2.6"),
        (good(images=np.arange(200).reshape(10, 4, 5) * 5000), "values from 0 to 995000"),
        (good(labels=numbers(9)), "labels has 9 entries for 10 images"),
        (good(labels=np.array([0, 1] * 4 + [2, 2.5])), "type float64, such as 2.5"),
        (good(labels=np.eye(10) / 2), r"labels has shape \(10, 10\).*argmax"),
        (good(labels=np.ones((10, 3))), r"\(10, 3\) and is multi-label: 10 of 10.*\[one\]"),
        (good(labels=np.int64(1)), r"labels has shape \(\)"),
        (good(labels=numbers() + 0.5), "labels has type float64, such as 0.5, expected whole"),
        (
            good(labels=numbers() * 0),
            "10 images are all of the class '0', expected images of at least 2",
        ),
        (good(labels=np.array(["cat"] * 10)), "all of the class 'cat'"),
        (good(labels=np.array(["cat", " "] * 5)), "a class is called ''"),
        (good(labels=np.array([b"cat", b"\xff"] * 5)), "labels holds text that is not valid"),
        (good(labels=np.array(["a", "\ud800"] * 5)), "labels holds text that is not valid"),
        (good(class_names=np.array(["a"])), r"labels\[1\] is 1, but class_names has 1 name,"),
        (good(class_names=np.array(["a", "a"])), "class_names holds 'a' twice"),
        (good(class_names=np.array(["a", ""])), "a class is called ''"),
        (good(class_names=np.array([1, 2])), "class_names has .* type int64, expected"),
        (good(class_names=np.array("ab")), r"class_names has shape \(\)"),
        (good(class_names=np.arange(1001).astype(str)), "class_names holds 1,001 names"),
        (
            good(labels=np.array(["a", "c"] * 5), class_names=np.array(["a", "b"])),
            r"labels\[1\] is 'c', expected one of class_names \(a, b\)",
        ),
        (good(n_train=0), "n_train is 0, expected 1 to 9"),
        (good(n_train=10), "n_train is 10, expected 1 to 9"),
        (good(n_train=-1), "n_train is -1"),
        (good(n_train=8.0), "n_train has .* type float64"),
        (good(n_train=np.array([4, 4])), r"n_train has shape \(2,\)"),
        (good(images=np.array([{}] * 10)), "images holds Python objects"),
        (good(labels=np.array([None, "a"] * 5)), "labels holds Python objects"),
        (good(labels=np.zeros(10, [("x", "i4")])), "labels holds values of type"),
        (good(labels=np.zeros(10, "M8[s]")), "labels holds values of type datetime64"),
    ],
)
def test_npz_says_what_is_wrong(entries: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_npz(npz(**entries))


@pytest.mark.parametrize("limit", ["MAX_VALUES", "MAX_IMAGES"])
def test_npz_refuses_too_many_images(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"core.data.collect.{limit}", 9)
    with pytest.raises(DataError, match=r"200 values in 10 images, expected at most"):
        load_npz(npz(**good()))


# Files that are broken or hostile


def archive(compression: int = zipfile.ZIP_DEFLATED, **entries: bytes) -> io.BytesIO:
    """A zip archive whose entries hold these very bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as written:
        for name, data in entries.items():
            written.writestr(f"{name}.npy", data)
    file.seek(0)
    return file


def npy(header: str, data: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    text = header.encode("latin1") + b"\n"
    return b"\x93NUMPY" + version + struct.pack("<H", len(text)) + text + data


def header(shape: str, descr: str = "'|u1'") -> str:
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"


class Bomb:
    """Unpickling it would fail the test."""

    def __reduce__(self) -> tuple[Callable[[str], Any], tuple[str]]:
        return pytest.fail, ("the file's pickle was run",)


def test_handmade_entries_load() -> None:
    file = archive(
        images=npy(header("(4, 2, 2)"), bytes(16)), labels=npy(header("(4,)"), b"\0\1" * 2)
    )
    assert load_npz(file).input_shape == (1, 2, 2)


@pytest.mark.parametrize(
    ("image_bytes", "message"),
    [
        (b"", "images has no readable header"),
        (b"not an array", "images has no readable header"),
        (npy(header("(4, 2, 2)"), version=b"\x09\x00"), "images has no readable header"),
        (npy("{'shape': ("), "images has no readable header"),
        (npy("(" * 3000), "images has no readable header"),
        (npy("__import__('os').abort()"), "images has no readable header"),
        (npy(header("(4, 2, 2)"), bytes(15)), "16 bytes, but holds 15"),
        (npy(header("(4, 2, 2)"), bytes(17)), "16 bytes, but holds 17"),
        (npy(header("(1000000, 1000000, 1000)"), bytes(16)), "1,000,000,000,000,000 bytes, but"),
        (npy(header("(-4, -2, 2)"), bytes(16)), r"says shape \(-4, -2, 2\)"),
        (npy(header(f"(0, {10**30})")), "images has no possible shape"),
        (npy(header("(" + "1, " * 99 + ")"), bytes(1)), "images has no possible shape"),
        (npy(header("(4,)", "'<U0'")), "images holds values of type <U0"),
        (npy(header("(1,)", "'|O'"), pickle.dumps([Bomb()])), "images holds Python objects"),
    ],
)
def test_hostile_entry_is_named(image_bytes: bytes, message: str) -> None:
    file = archive(images=image_bytes, labels=npy(header("(4,)"), b"\0\1" * 2))
    with pytest.raises(DataError, match=message):
        load_npz(file)


def test_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.data.readers.archive.MAX_BYTES", 1_000_000)
    monkeypatch.setattr("core.io.npz.NpzReader.read", pytest.fail)
    file = npz(images=np.zeros((1000, 64, 64), np.uint8), labels=numbers(1000))
    assert len(file.getvalue()) < 20_000
    with pytest.raises(DataError, match=r"images, labels take .* unpacked, expected at most 1,000"):
        load_npz(file)


def test_entry_that_understates_its_size_is_refused() -> None:
    data = npy(header("(5000000,)"), bytes(5_000_000))
    raw = archive(images=data, labels=b"").getvalue()
    small = raw.replace(struct.pack("<I", len(data)), struct.pack("<I", 200))
    assert small != raw
    with pytest.raises(DataError, match="images is damaged"):
        load_npz(io.BytesIO(small))


def test_unusual_compression_is_read_or_refused_by_name() -> None:
    labels = npy(header("(4,)"), b"\0\1" * 2)
    images = npy(header("(4, 2, 2)"), bytes(16))
    assert load_npz(archive(zipfile.ZIP_STORED, images=images, labels=labels)).classes == 2
    raw = bytearray(archive(images=images, labels=labels).getvalue())
    local, central = raw.index(b"PK\x03\x04") + 8, raw.index(b"PK\x01\x02") + 10
    raw[local] = raw[central] = 77  # no such method
    with pytest.raises(DataError, match="images cannot be unpacked"):
        load_npz(io.BytesIO(bytes(raw)))


def test_encrypted_entry_is_refused() -> None:
    raw = bytearray(npz(**good()).getvalue())
    local, central = raw.index(b"PK\x03\x04") + 6, raw.index(b"PK\x01\x02") + 8
    raw[local] |= 1
    raw[central] |= 1
    with pytest.raises(DataError, match=r"images cannot be unpacked.*encrypted"):
        load_npz(io.BytesIO(bytes(raw)))


def test_every_truncation_is_refused() -> None:
    raw = npz(**good()).getvalue()
    for length in range(0, len(raw), 7):
        with pytest.raises(DataError, match=r"no whole \.npz archive"):
            load_npz(io.BytesIO(raw[:length]))


@pytest.mark.filterwarnings("ignore")
@given(st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1))
@settings(max_examples=200, deadline=None)
def test_damaged_bytes_load_or_are_refused(changes: list[tuple[float, int]]) -> None:
    raw = bytearray(npz(**good(class_names=np.array(["a", "b"]), n_train=8)).getvalue())
    for place, value in changes:
        raw[int(place * len(raw))] = value
    try:
        data = load_npz(io.BytesIO(bytes(raw)))
    except DataError:
        return
    assert data.train.labels.max() < data.classes


def test_files_that_are_no_archive(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot be read.*nowhere\.npz"):
        load_npz(tmp_path / "nowhere.npz")
    with pytest.raises(DataError, match="cannot be read"):
        load_npz(tmp_path)
    array = tmp_path / "images.npy"
    np.save(array, pixels(10, 4, 5))
    with pytest.raises(DataError, match=r"images\.npy is a single array.*load_files\(\['X\.npy'"):
        load_npz(array)
    array.write_bytes(b"\1\2\3\0" * 20)
    with pytest.raises(DataError, match=r"no whole \.npz archive.*savez_compressed"):
        load_npz(array)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (pickle.dumps({"data": 1}), r"is a pickle, which.*np\.savez\('mine\.npz'"),
        (b"1,2,3\n0,2,3\n", r"is a text file, no \.npz archive: load_files\(\["),
        (gzip.compress(b"1,2,3"), r"is packed by gzip, no \.npz archive: load_files\(\["),
        (b"\x89PNG\r\n\x1a\n", r"is a picture \(PNG\)\. In Python, import PIL"),
    ],
)
def test_a_file_of_another_kind_is_no_archive_and_is_named(
    content: bytes, said: str, tmp_path: Path
) -> None:
    (tmp_path / "mine.dat").write_bytes(content)
    for path in (tmp_path / "mine.dat", str(tmp_path / "mine.dat")):
        with pytest.raises(DataError, match=r"mine\.dat " + said):
            load_npz(path)
    with (tmp_path / "mine.dat").open("rb") as file, pytest.raises(DataError, match="dat " + said):
        load_npz(file)
    with pytest.raises(DataError, match="^the file " + said) as refused:
        load_npz(io.BytesIO(content))
    named = "'mine.dat'" in str(refused.value)
    assert named == ("Save it under a name first, such as mine.dat" in str(refused.value))


class Somewhere:
    """A path of another package."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)


def test_a_file_of_another_kind_is_named_as_it_is_there(tmp_path: Path) -> None:
    np.savez(tmp_path / "good.npz", **good())
    assert load_npz(Somewhere(tmp_path / "good")).name == "good"
    (tmp_path / "mine.npz").write_bytes(b"1,2,3\n0,2,3\n")
    for path in (tmp_path / "mine", Somewhere(tmp_path / "mine"), str(tmp_path / "mine.npz")):
        with pytest.raises(DataError) as refused:
            load_npz(path)
        code = str(refused.value).partition(": ")[2].partition(" reads")[0]
        assert code == f"load_files([{str(tmp_path / 'mine.npz')!r}])"


def test_what_is_no_file_is_refused_by_its_kind(tmp_path: Path) -> None:
    np.savez(tmp_path / "mine.npz", **good())
    content = (tmp_path / "mine.npz").read_bytes()
    with np.load(tmp_path / "mine.npz") as arrays:
        for source in (content, dict(arrays), arrays, None, io.StringIO("a")):
            kind = type(source).__name__
            with pytest.raises(TypeError, match=f"source is a {kind}; expected a path"):
                load_npz(source)  # type: ignore[arg-type]
            if source is not arrays:
                with pytest.raises(TypeError, match=f"paths is a {kind}; expected paths"):
                    load_files(source)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wrong", "said"), [(5, "5"), (None, "None"), (b"a.npy", "b'a.npy'"), (pixels(3, 9, 9), "a nd")]
)
def test_which_of_several_is_no_path_is_said(wrong: object, said: str) -> None:
    given: Any = ["X.npy", wrong]
    with pytest.raises(TypeError, match=rf"^paths\[1\] is {said}.*; expected paths of files"):
        load_files(given)


def test_a_single_path_is_one_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    np.savez(path, **good())
    for paths in (path, str(path), [path], (str(path),), iter([path])):
        data = load_files(paths)
        assert (data.name, len(data.train) + len(data.test)) == ("mine", 10)


# The user's own arrays


def test_images_from_a_list() -> None:
    images = list(pixels(10, 6, 7, 3))
    data = from_images(images, ["dog", "cat"] * 5, test_share=0.4)
    assert (data.name, data.title) == ("your images", "your images")
    assert data.input_shape == (3, 6, 7)
    assert (len(data.train), len(data.test)) == (6, 4)
    assert data.class_names == ("cat", "dog")


def test_images_take_a_name_class_names_and_generator() -> None:
    def draw(seed: int) -> DataSet:
        rng = np.random.default_rng(seed)
        return from_images(pixels(30, 6, 7), numbers(30), "mine", ["no", "yes"], rng=rng)

    assert draw(1).name == "mine"
    assert draw(1).class_names == ("no", "yes")
    assert np.array_equal(draw(1).test.images, draw(1).test.images)
    assert not np.array_equal(draw(1).test.images, draw(2).test.images)


@pytest.mark.parametrize(("share", "n_test"), [(0.01, 1), (0.5, 1), (0.99, 1)])
def test_each_split_has_an_image(share: float, n_test: int) -> None:
    data = from_images(pixels(2, 6, 7), [0, 1], test_share=share)
    assert (len(data.train), len(data.test)) == (2 - n_test, n_test)


def test_the_callers_arrays_stay_as_they_are() -> None:
    images = np.full((10, 1, 4, 5), 0.5, dtype=np.float32)
    labels = numbers()
    data = from_images(images, labels)
    images[:] = 0
    labels[:] = 0
    assert data.train.images.min() == 0.5
    assert data.train.labels.any()


def one_odd() -> list[NDArray[np.uint8]]:
    return [*pixels(9, 6, 7), pixels(6, 8)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"images": one_odd()}, r"images\[9\] has shape \(6, 8\), but images\[0\] has \(6, 7\)"),
        ({"images": [*pixels(9, 6, 7), np.zeros((6, 7))]}, r"images\[9\] has type float64"),
        ({"images": []}, "images is empty"),
        ({"images": 5}, "images is not a sequence"),
        ({"images": [[[1, 2], [3]]]}, r"images\[0\] is not an array"),
        ({"labels": [0, [1]] * 5}, "labels is not an array"),
        ({"labels": [0, "a", None] * 3}, r"labels\[2\], labels\[5\] and labels\[8\] are None"),
        ({"labels": [None] * 10}, "labels holds no class"),
        (
            {"labels": np.array([0, "a"] * 5, dtype=object)},
            r"labels\[1\] is 'a', but labels\[0\] is 0",
        ),
        ({"labels": np.array([0, {}] * 5, dtype=object)}, r"labels\[1\] is {}, but"),
        (
            {"labels": np.array([{}, 0] * 5, dtype=object)},
            r"labels\[0\] is {}, expected only whole",
        ),
        ({"labels": {0: 1}}, "labels is {0: 1}, expected a sequence: give one label an image"),
        ({"labels": None}, "labels is None, expected a sequence"),
        ({"labels": ["a", 5] * 5}, r"labels\[1\] is 5, but labels\[0\] is 'a', .*\[str\(label\)"),
        ({"labels": [2**64, 0] * 5}, "labels has type object, such as 18446744073709551616"),
        ({"images": numbers(), "labels": pixels(10, 6, 7)}, "or swap the two if"),
        (
            {"images": numbers(), "labels": pixels(10, 64)},
            "or swap the two if these are the labels",
        ),
        ({"images": ["a", "bc"] * 5}, r"images\[0\] is 'a', expected an array.*PIL.*first"),
        ({"images": [Path("a.png")] * 5}, r"images\[0\] is .*a\.png.*, expected an array: of the"),
        ({"labels": []}, "labels has 0 entries"),
        ({"test_share": 0.0}, "test_share is 0.0"),
        ({"test_share": 1.0}, "test_share is 1.0"),
        ({"test_share": float("nan")}, "test_share is nan"),
        ({"class_names": ["one"]}, "class_names has 1 name,"),
    ],
)
def test_images_say_what_is_wrong(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        from_images(**{"images": pixels(10, 6, 7), "labels": numbers(), **arguments})


def test_splits_are_read_only_but_the_callers_arrays_are_not() -> None:
    images, labels = np.zeros((2, 1, 3, 3), np.float32), numbers(2)
    split = Split(images, labels)
    assert not split.images.flags.writeable
    assert not split.labels.flags.writeable
    assert np.shares_memory(split.images, images)
    images[:], labels[:] = 1, 0


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((5, 1, 3, 3)), numbers(4), "has 5 images but 4 labels"),
        (np.zeros((0, 1, 3, 3)), numbers(0), "the split is empty"),
        (np.zeros((1, 1, 3, 3)), np.array(3), "labels is a single value"),
    ],
)
def test_a_split_that_does_not_fit_is_refused(
    images: NDArray[Any], labels: NDArray[Any], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        Split(images, labels)


def test_targets_may_be_real() -> None:
    def split(n: int) -> Split:
        return Split(np.zeros((n, 3), np.float32), np.linspace(0, 1, 2 * n).reshape(n, 2))

    data = DataSet("line", "Line", split(4), split(2))
    assert (data.input_shape, data.classes, len(data.test)) == ((3,), 0, 2)
    assert data.train.labels.dtype == np.float64


@pytest.mark.parametrize(
    ("test", "message"),
    [
        (Split(np.zeros((1, 1, 3, 4)), numbers(1)), "test images have shape"),
        (Split(np.zeros((1, 1, 3, 3)), np.array([2])), "test split has labels from 2 to 2"),
        (Split(np.zeros((1, 1, 3, 3)), np.array([-1])), "test split has labels from -1"),
    ],
)
def test_a_data_set_whose_splits_differ_is_refused(test: Split, message: str) -> None:
    with pytest.raises(DataError, match=message):
        DataSet("a", "A", Split(np.zeros((2, 1, 3, 3)), numbers(2)), test, ("no", "yes"))


def test_arrays_of_the_caller_stay_writeable() -> None:
    labels = numbers()
    for images in (np.zeros((10, 1, 4, 5), np.float32), pixels(10, 4, 5)):
        from_images(images, labels)
        assert images.flags.writeable
        assert labels.flags.writeable


def test_a_path_without_ending_is_found(tmp_path: Path) -> None:
    np.savez(tmp_path / "mine", **good())
    assert load_npz(tmp_path / "mine").name == "mine"


# Batches


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


sizes = st.integers(1, 40)


@given(n=sizes, batch_size=sizes, seed=st.integers(0, 2**32))
def test_each_epoch_holds_every_sample_once(n: int, batch_size: int, seed: int) -> None:
    batches = Batches(n, batch_size, rng(seed))
    assert batches.batches_per_epoch == -(-n // min(n, batch_size))
    for epoch in range(3):
        assert (batches.epoch, batches.position) == (epoch, 0)
        given_out = [batches.next() for _ in range(batches.batches_per_epoch)]
        assert all(batch.dtype == np.int64 for batch in given_out)
        assert all(batch.size == min(n, batch_size) for batch in given_out[:-1])
        assert sorted(np.concatenate(given_out).tolist()) == list(range(n))
    assert batches.epoch == 3


@given(n=sizes, batch_size=sizes, before=sizes, wander=sizes, seed=st.integers(0, 2**32))
def test_a_state_brings_the_same_future(
    n: int, batch_size: int, before: int, wander: int, seed: int
) -> None:
    batches = Batches(n, batch_size, rng(seed))
    for _ in range(before):
        batches.next()
    state = json.loads(json.dumps(batches.get_state()))
    place = (batches.epoch, batches.position)
    future = [batches.next() for _ in range(20)]
    for other in (batches, Batches(n, wander, rng(seed + 1))):
        for _ in range(wander):
            other.next()
        other.set_state(state)
        assert (other.epoch, other.position) == place
        assert other.batch_size == batch_size
        assert other.get_state() == state
        assert all(np.array_equal(batch, other.next()) for batch in future)


@given(n=sizes, changes=st.lists(sizes, min_size=1, max_size=30))
def test_batch_size_may_change_within_an_epoch(n: int, changes: list[int]) -> None:
    batches = Batches(n, 1, rng())
    seen: list[int] = []
    for batch_size in changes:
        batches.set_batch_size(batch_size)
        left = n - batches.position
        batch = batches.next()
        assert batch.size == min(batch_size, left)
        seen.extend(batch.tolist())
        if batches.position == 0:
            assert sorted(seen) == list(range(n))
            seen.clear()


def test_epochs_differ_and_seeds_decide() -> None:
    batches, same, other = Batches(50, 50, rng(1)), Batches(50, 50, rng(1)), Batches(50, 50, rng(2))
    first, second = batches.next(), batches.next()
    assert not np.array_equal(first, second)
    assert np.array_equal(first, same.next())
    assert not np.array_equal(first, other.next())


def test_a_batch_is_the_callers_to_change() -> None:
    batches = Batches(4, 2, rng())
    batches.next()[:] = 0
    state = batches.get_state()
    rest = batches.next()
    batches.set_state(state)
    assert np.array_equal(batches.next(), rest)


@pytest.mark.parametrize("kind", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_state_of_every_generator_survives_json(kind: str) -> None:
    def new(seed: int) -> Batches:
        return Batches(10, 3, np.random.Generator(getattr(np.random, kind)(seed)))

    batches, other = new(1), new(2)
    batches.next()
    other.set_state(json.loads(json.dumps(batches.get_state())))
    assert all(np.array_equal(batches.next(), other.next()) for _ in range(9))


@pytest.mark.parametrize("value", [0, -3, 2.5, True, "8", None])
def test_sizes_must_be_whole_and_positive(value: int) -> None:  # or so it promises
    with pytest.raises(DataError, match=r"number of samples is .* at least 1"):
        Batches(value, 1, rng())
    with pytest.raises(DataError, match=r"batch size is .* at least 1"):
        Batches(1, value, rng())
    batches = Batches(10, 4, rng())
    with pytest.raises(DataError, match="batch size is"):
        batches.set_batch_size(value)
    assert batches.batch_size == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n": 11}, "of 11 samples, but the data set has 10"),
        ({"n": None}, "'n' is None"),
        ({"batch_size": 0}, "'batch_size' is 0, expected 1 or more"),
        ({"epoch": -1}, "'epoch' is -1"),
        ({"position": 10}, "'position' is 10, expected 0 to 9"),
        ({"position": "3"}, "'position' is '3'"),
        ({"rng": None}, "'rng' is not a state of PCG64"),
        ({"rng": {}}, "'rng' is not a state of PCG64"),
        ({"rng": np.random.MT19937(1).state}, "'rng' is not a state of PCG64"),
        ({"rng": {"bit_generator": "PCG64", "state": {"state": 1}}}, "'rng' is not a state"),
    ],
)
def test_a_wrong_state_is_refused_and_changes_nothing(change: dict[str, Any], message: str) -> None:
    batches = Batches(10, 3, rng())
    batches.next()
    state = batches.get_state()
    with pytest.raises(StateError, match=message):
        batches.set_state({**state, **change})
    assert batches.get_state() == state


@pytest.mark.parametrize("entry", ["n", "batch_size", "epoch", "position", "rng"])
def test_a_state_without_an_entry_is_refused(entry: str) -> None:
    batches = Batches(10, 3, rng())
    state = batches.get_state()
    del state[entry]
    with pytest.raises(StateError, match=f"'{entry}'"):
        batches.set_state(state)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_split_names_samples_that_are_not_finite(value: float) -> None:
    images = np.zeros((9, 1, 2, 2), np.float32)
    images[3, 0, 1, 1] = value
    with pytest.raises(DataError, match="images: sample 3 holds numbers that are NaN or infinite"):
        Split(images, np.zeros(9, np.int64))
    targets = np.zeros((9, 2))
    targets[:7, 1] = value
    with pytest.raises(DataError, match=r"labels: 7 samples \(0, 1, 2, 3, 4, ...\) hold"):
        Split(np.zeros((9, 4)), targets)


def test_splits_are_made_of_numbers() -> None:
    with pytest.raises(DataError, match="labels has type <U1, expected real numbers"):
        Split(np.zeros((2, 4)), np.array(["a", "b"]))
    whole: Any = np.zeros((2, 4)), np.zeros(2, np.int64)
    with pytest.raises(TypeError, match="test is a tuple; expected a Split"):
        DataSet("own", "Own", Split(*whole), whole)


def test_a_seed_is_no_generator() -> None:
    seed: Any = 3
    message = r"rng is 3; expected a generator: pass np.random.default_rng\(3\)"
    with pytest.raises(TypeError, match=message):
        Batches(4, 2, seed)
    with pytest.raises(TypeError, match=message):
        from_images(pixels(10, 4, 4), numbers(), rng=seed)
    with pytest.raises(TypeError, match=message):
        make_shapes(4, 4, rng=seed)


def test_a_digest_is_of_the_numbers_and_not_of_the_names() -> None:
    def made(labels: list[int], names: list[str], dark: float = 0.5) -> DataSet:
        images = np.full((8, 4, 5), dark)
        images[0] = 1
        return from_images(images, labels, class_names=names)

    usual = made([0, 1] * 4, ["a", "b"])
    assert made([0, 1] * 4, ["cat", "dog"]).digest == usual.digest
    assert made([1, 0] * 4, ["a", "b"]).digest != usual.digest
    assert made([0, 1] * 4, ["a", "b"], dark=0.25).digest != usual.digest
