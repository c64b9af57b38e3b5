"""Files of the formats in which data sets of images come."""

from __future__ import annotations

import gzip
import pickle
import struct
import tarfile
import zipfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, DTypeLike, NDArray

from core.data import DataSet, load_files, load_npz
from core.data.collect import collect
from core.data.readers.archive import looks_like_data
from core.data.readers.found import DataFile
from core.data.readers.read import read_files, reading_files
from core.data.steps import Step
from core.data.tables.digits import whole_numbers
from core.errors import DataError
from core.io.npz import NpzReader
from core.io.state.file import write_state

N, N_TEST = 20, 6


def images(n: int = N, *shape: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (n, *(shape or (6, 6)))).astype(np.uint8)


def labels(n: int = N) -> NDArray[np.uint8]:
    return np.arange(n, dtype=np.uint8) % 2


def npz(**entries: NDArray[Any]) -> BytesIO:
    file = BytesIO()
    arrays: dict[str, Any] = {**entries}
    np.savez_compressed(file, **arrays)
    file.seek(0)
    return file


def check(data: DataSet, train: NDArray[Any], test: NDArray[Any]) -> None:
    """Check that these very images train and test."""
    assert np.array_equal(data.train.images[:, 0], train / np.float32(255))
    assert np.array_equal(data.test.images[:, 0], test / np.float32(255))
    assert data.train.labels.tolist() == labels(len(train)).tolist()
    assert data.test.labels.tolist() == labels(len(test)).tolist()


# Archives


@pytest.mark.parametrize(
    "names",
    [
        ("x_train", "y_train", "x_test", "y_test"),
        ("X_train", "Y_train", "X_test", "Y_test"),
        ("train_images", "train_labels", "test_images", "test_labels"),
        ("images", "labels", "test_images", "test_labels"),
        ("trainX", "trainY", "testX", "testY"),
        ("XTrain", "YTrain", "XTest", "YTest"),
        ("x_train", "y_train", "x_val", "y_val"),
        ("X_train", "y_train", "X_valid", "y_valid"),
        ("x_train", "y_train", "validation_x", "dev_y"),
        ("train_data", "train_targets", "valid_data", "valid_targets"),
        ("arr_0", "arr_1", "arr_2", "arr_3"),
    ],
)
def test_test_arrays_are_tested_on(names: tuple[str, str, str, str]) -> None:
    train, test = images(), images(N_TEST, seed=1)
    values = (train, labels()[:, None], test, labels(N_TEST)[:, None])
    check(load_npz(npz(**dict(zip(names, values, strict=True)))), train, test)


def test_keras_order_without_names_is_understood() -> None:
    train, test = images(), images(N_TEST, seed=1)
    file = npz(arr_0=train, arr_1=test, arr_2=labels(), arr_3=labels(N_TEST))
    check(load_npz(file), train, test)


def test_medmnist_tests_on_val_and_test() -> None:
    parts = {"train": images(), "val": images(4, seed=1), "test": images(6, seed=2)}
    entries = {f"{name}_images": part for name, part in parts.items()}
    entries |= {f"{name}_labels": labels(len(part))[:, None] for name, part in parts.items()}
    data = load_npz(npz(**entries))
    check(data, parts["train"], np.concatenate([parts["val"], parts["test"]]))


def test_x_val_and_x_test_are_both_tested_on() -> None:
    train, val, test = images(), images(4, seed=1), images(6, seed=2)
    data = load_npz(
        npz(x_train=train, y_train=labels(), x_val=val, y_val=labels(4), x_test=test,
            y_test=labels(6), n_train=np.array(7))
    )  # fmt: skip
    check(data, train, np.concatenate([val, test]))
    assert data.notes == ("Left out of the file: n_train.",)


def test_two_arrays_without_names_are_split() -> None:
    data = load_npz(npz(arr_0=labels(), arr_1=images()))
    assert (len(data.train), len(data.test), data.input_shape) == (16, 4, (1, 6, 6))


@pytest.mark.parametrize("kind", [np.uint8, np.float32, np.float64, np.int64, bool])
@pytest.mark.parametrize(
    "names", [("arr_0", "arr_1"), ("arr_1", "arr_0"), ("x_train", "y_train"), ("data", "labels")]
)
def test_one_hot_labels_are_classes(names: tuple[str, str], kind: type) -> None:
    one_hot: NDArray[Any] = np.eye(int(labels().max()) + 1)[labels()].astype(kind)
    for pixels in (images(), images().reshape(N, -1)):
        data = load_npz(npz(**dict(zip(names, (pixels, one_hot), strict=True))))
        plain = load_npz(npz(**dict(zip(names, (pixels, labels()), strict=True))))
        assert np.array_equal(data.train.images, plain.train.images)
        assert np.array_equal(data.train.labels, plain.train.labels)
        assert np.array_equal(data.test.labels, plain.test.labels)
        assert "One-hot labels" in data.notes[-1]


@pytest.mark.parametrize("order", [(0, 2, 1, 3), (0, 1, 2, 3), (2, 3, 0, 1), (2, 0, 3, 1)])
def test_one_hot_labels_without_names_are_those_of_both_splits(order: tuple[int, ...]) -> None:
    train, test = images(), images(N_TEST, seed=1)
    classes = np.eye(int(labels().max()) + 1, dtype=np.uint8)
    values = (train, test, classes[labels()], classes[labels(N_TEST)])
    arrays = {f"arr_{place}": values[k] for place, k in enumerate(order)}
    check(load_npz(npz(**arrays)), train, test)


@pytest.mark.parametrize("name", ["arr_1", "y_train", "labels"])
@pytest.mark.parametrize(("row", "count"), [([1, 1, 0], 2), ([0, 0, 0], 0)])
def test_several_classes_an_image_are_told(name: str, row: list[int], count: int) -> None:
    many = np.eye(3, dtype=np.uint8)[np.arange(N) % 3]
    many[4] = row
    first = {"arr_1": "arr_0", "y_train": "x_train", "labels": "images"}[name]
    with pytest.raises(DataError, match=rf"multi-label: 1 of {N} .*{name}\[4\] has {count}"):
        load_npz(npz(**{first: images(), name: many}))


@pytest.mark.parametrize(
    "arrays",
    [
        {"arr_0": images()},
        {"arr_0": images(), "arr_1": images(N_TEST)},
        {"arr_0": images(), "arr_1": images()[:, :2, :2]},
        {"arr_0": images(), "arr_1": labels(), "arr_2": labels()},
        {"arr_0": labels(), "arr_1": labels()},
    ],
)
def test_arrays_without_names_that_are_no_pairs_are_refused(arrays: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="no images with labels"):
        load_npz(npz(**arrays))


@pytest.mark.parametrize("names", [("X.npy", "y.npy"), ("photos.npy", "kinds.npy")])
def test_one_hot_labels_in_a_file_of_their_own_are_classes(names: tuple[str, str]) -> None:
    pair: tuple[NDArray[Any], ...] = (images(), np.eye(2)[labels()])
    arrays = dict(zip(names, pair, strict=True))
    found = read_files([DataFile(name, npy(array)) for name, array in arrays.items()])
    assert np.array_equal(found.train[0].images, images())
    assert collect(found, "x").class_names == ("0", "1")


def test_a_batch_of_cifar_10_is_read() -> None:
    rows = images(N, 3072)
    data = load_npz(
        npz(data=rows, labels=labels().astype(np.int64), batch_label=np.array(b"batch 1 of 5"),
            filenames=np.array([b"a.png"] * N))
    )  # fmt: skip
    assert data.input_shape == (3, 32, 32)
    wanted = {row.tobytes() for row in rows.reshape(N, 3, 32, 32) / np.float32(255)}
    assert {image.tobytes() for image in data.train.images} <= wanted
    assert "Left out of the file: batch_label, filenames." in data.notes


def test_scikit_learns_digits_are_read() -> None:
    cells = images(N, 8, 8) // 16
    data = load_npz(
        npz(data=cells.reshape(N, 64).astype(float), images=cells.astype(float),
            target=labels().astype(int), target_names=np.array(["even", "odd"]))
    )  # fmt: skip
    assert (data.input_shape, data.class_names) == ((1, 8, 8), ("even", "odd"))
    assert "Left out of the file: data." in data.notes


# IDX


def idx(array: NDArray[Any], code: int = 8) -> bytes:
    head = struct.pack(">HBB", 0, code, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.tobytes()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("ending", ["", ".idx", ".gz"])
def test_idx_files_are_read_together(tmp_path: Path, packed: bool, ending: str) -> None:
    train, test = images(), images(N_TEST, seed=1)
    made = {
        "train-labels-idx1-ubyte": labels(), "train-images-idx3-ubyte": train,
        "t10k-images-idx3-ubyte": test, "t10k-labels-idx1-ubyte": labels(N_TEST),
    }  # fmt: skip
    for name, array in made.items():
        content = idx(array)
        (tmp_path / f"{name}{ending}").write_bytes(gzip.compress(content) if packed else content)
    check(load_files(sorted(tmp_path.iterdir())), train, test)


def test_idx_files_of_one_split_are_split() -> None:
    files = [DataFile("a-images", idx(images())), DataFile("a-labels", idx(labels()))]
    assert collect(read_files(files), "a").n_train == 16


def test_idx_of_other_types_is_read() -> None:
    pixels = images().astype(">i2") * 257
    files = [DataFile("images", idx(images().astype(">i4"), 0x0C)), DataFile("l", idx(labels()))]
    assert collect(read_files(files), "a").images.max() == 1
    assert pixels.dtype.itemsize == 2


# CIFAR-10


def test_binary_batches_of_cifar_10_are_joined() -> None:
    def batch(seed: int) -> bytes:
        return np.hstack([labels(10)[:, None], images(10, 3072, seed=seed)]).tobytes()

    names = ("data_batch_1.bin", "data_batch_2.bin", "test_batch.bin")
    found = collect(read_files([DataFile(n, batch(k)) for k, n in enumerate(names)]), "cifar")
    assert (len(found.labels), found.n_train) == (30, 20)
    assert found.class_names[:2] == ("airplane", "automobile")
    wanted = images(10, 3, 32, 32, seed=2) / np.float32(255)
    assert np.array_equal(found.images[20:], wanted)
    assert len(found.remarks()) == 1


# Tables


def csv(
    pixels: NDArray[Any], names: ArrayLike, head: str = "", at: int = 0, separator: str = ","
) -> bytes:
    rows = np.insert(pixels.reshape(len(pixels), -1).astype(str).astype(object), at, names, axis=1)
    lines = [separator.join(map(str, row)) for row in rows]
    return "\n".join([head, *lines] if head else lines).encode()


HEAD = "label," + ",".join(f"pixel{k}" for k in range(36))


@pytest.mark.parametrize(
    "content",
    [
        csv(images(), labels(), HEAD),
        csv(images(), labels()),
        csv(images(), labels(), at=36),
        csv(images(), labels(), separator=";"),
        csv(images(), labels(), separator="\t"),
        csv(images(), labels(), separator=" "),
        b"\xef\xbb\xbf" + csv(images(), labels(), HEAD).replace(b"\n", b"\r\n") + b"\r\n\r\n",
        csv(images(), [f'"{n}"' for n in labels()], HEAD.replace("label", '"label"')),
        gzip.compress(csv(images(), labels(), HEAD)),
    ],
)
def test_tables_of_pixels_are_read(content: bytes) -> None:
    found = collect(read_files([DataFile("mnist.csv", content)]), "mnist")
    order = [int(np.flatnonzero((images() / np.float32(255) == image).all((1, 2)))[0])
             for image in found.images[:, 0]]  # fmt: skip
    assert sorted(order) == list(range(N))
    assert np.array_equal(found.labels, labels()[order])


def test_tables_with_test_in_their_name_are_tested_on(tmp_path: Path) -> None:
    train, test = images(), images(N_TEST, seed=1)
    (tmp_path / "mnist_train.csv").write_bytes(csv(train, labels(), HEAD))
    (tmp_path / "mnist_test.csv").write_bytes(csv(test, labels(N_TEST), HEAD))
    check(load_files([tmp_path / "mnist_train.csv", tmp_path / "mnist_test.csv"]), train, test)


def test_labels_of_tables_may_be_words_in_any_column() -> None:
    names = np.array(["cat", "dog"])[labels()]
    assert collect(read_files([DataFile("a", csv(images(), names))]), "a").class_names == (
        "cat",
        "dog",
    )
    head = ",".join([*(f"p{k}" for k in range(9)), "class", *(f"p{k}" for k in range(27))])
    found = collect(read_files([DataFile("a", csv(images(), labels(), head, at=9))]), "a")
    assert found.class_names == ("0", "1")
    assert found.images.shape == (N, 1, 6, 6)


def test_a_column_of_labels_that_nobody_names_is_said() -> None:
    read = read_files([DataFile("a.csv", csv(images(), labels()))])
    assert read.notes == (
        "The first column was taken as the label; a heading 'label' says it for certain.",
    )


@pytest.mark.parametrize("title", ["id", "", "index", "Unnamed: 0", "image_id", "ImageId"])
@pytest.mark.parametrize("at", [0, 37])
def test_a_column_that_numbers_the_rows_is_left_out(title: str, at: int) -> None:
    rows = np.hstack([labels()[:, None], images().reshape(N, 36)])
    titles = HEAD.split(",")
    titles.insert(at, title)
    content = csv(rows, 1000 + np.arange(N), ",".join(titles), at=at)
    read = read_files([DataFile("a.csv", content)])
    assert np.array_equal(read.train[0].images, images().reshape(N, 36))
    assert np.array_equal(read.train[0].labels, labels())
    assert read.notes == (f"Left out, as it numbers the rows: the column {title!r}.",)


@pytest.mark.parametrize(
    "head",
    [
        "label" + "," * 36,
        "label," + ",".join(map(str, range(36))),
        ",".join(map(str, range(37))),
        "class_id," + ",".join(f"p{k}" for k in range(36)),
    ],
)
def test_headings_are_no_image(head: str) -> None:
    read = read_files([DataFile("a.csv", csv(images(), labels(), head))])
    assert np.array_equal(read.train[0].images, images().reshape(N, 36))
    assert np.array_equal(read.train[0].labels, labels())


@pytest.mark.parametrize("names", [["1_0", "2"], ["٣", "4"], ["9007199254740993", "1"]])
def test_labels_that_would_become_other_numbers_stay_text(names: list[str]) -> None:
    found = collect(read_files([DataFile("a", csv(images(), names * (N // 2), HEAD))]), "a")
    assert found.class_names == tuple(sorted(names))


# Tables with all pixels of an image in one cell, as FER2013 has them


def packed(n: int = N, between: str = " ", quoted: str = "{}") -> list[str]:
    rows = images(n).reshape(n, 36).tolist()
    return [quoted.format(between.join(map(str, row))) for row in rows]


USES = ["Training"] * 14 + ["PublicTest"] * 3 + ["PrivateTest"] * 3


def rows_of(*columns: Iterable[Any], separator: str = ",") -> bytes:
    return "\n".join(separator.join(map(str, row)) for row in zip(*columns, strict=True)).encode()


@pytest.mark.parametrize(
    ("head", "columns", "separator"),
    [
        (b"emotion,pixels,Usage\n", (labels(), packed(), USES), ","),
        (b"emotion, Usage, pixels\n", (labels(), USES, packed()), ","),
        (b"emotion;pixels;Usage\n", (labels(), packed(), USES), ";"),
        (b"", (labels(), packed(), USES), ","),
        (b"label,pixels,split\n", (labels(), packed(quoted='"{}"'), USES), ","),
        (b"label,pixels,split\n", (labels(), packed(between=",", quoted='"{}"'), USES), ","),
        (b"label,pixels,set\n", (labels(), packed(between=", ", quoted='"[{}]"'), USES), ","),
        (b"id,label,image,subset\n", (range(N), labels(), packed(), USES), ","),
        (HEAD.encode() + b",Usage\n", (labels(), packed(between=","), USES), ","),
    ],
)
def test_a_cell_may_hold_all_pixels_and_another_say_what_they_are_for(
    head: bytes, columns: tuple[Iterable[Any], ...], separator: str
) -> None:
    content = head + rows_of(*columns, separator=separator)
    found = collect(read_files([DataFile("fer2013.csv", content)]), "fer")
    assert found.n_train == 14
    assert np.array_equal(found.images[:, 0], images() / np.float32(255))
    assert np.array_equal(found.labels, labels())


def test_rows_keep_their_order_wherever_those_that_test_stand() -> None:
    uses = np.array(["Training", "Test", "val", "train"] * 5)
    content = b"label,pixels,Usage\n" + rows_of(labels(), packed(), uses)
    read = read_files([DataFile("a.csv", content)])
    tests = np.isin(uses, ["Test", "val"])
    for part, rows in ((read.train[0], ~tests), (read.test[0], tests)):
        assert np.array_equal(part.images, images().reshape(N, 36)[rows])
        assert np.array_equal(part.labels, labels()[rows])


def test_packed_pixels_without_uses_are_split() -> None:
    content = b"emotion,pixels\n" + rows_of(labels(), packed())
    assert collect(read_files([DataFile("a.csv", content)]), "a").n_train == 16


# How fast tables are read


def test_numbers_of_all_kinds_are_the_same_as_by_numpys_reader() -> None:
    rng = np.random.default_rng(0)
    for largest in (1, 9, 99, 255, 65535):
        rows = rng.integers(0, largest + 1, (50, 36))
        lines = [",".join(map(str, row)) for row in rows.tolist()]
        found = whole_numbers(lines, ",", 36)
        assert found is not None
        assert found.dtype == np.float32
        assert np.array_equal(found, np.loadtxt(lines, np.float32, delimiter=","))


@pytest.mark.parametrize(
    "line", ["1,2,3,4,", "1,2,3", "1,2,,4", "1,2,3;4", "1,2,3,4.0", "1, 2,3,4", "-1,2,3,4",
             "1,2,3,123456", "1,2,3,٣", "", "1,2,3,4,5"],
)  # fmt: skip
def test_what_is_no_plain_row_is_left_to_numpys_reader(line: str) -> None:
    assert whole_numbers(["1,2,3,4", line], ",", 4) is None


def test_floats_and_whole_numbers_make_the_same_image() -> None:
    whole = read_files([DataFile("a.csv", csv(images(), labels(), HEAD))])
    floats = read_files([DataFile("a.csv", csv(images().astype(float), labels(), HEAD))])
    assert np.array_equal(whole.train[0].images, floats.train[0].images)


def test_long_tables_are_read_in_short_steps() -> None:
    content = csv(images(2000, 28, 28), labels(2000))
    steps = list(reading_files([DataFile("a.csv", content)]))
    shares = [step.share for step in steps if step.what == "Reading a.csv"]
    assert len(shares) > len(content) / 2**19
    assert shares == sorted(shares)
    assert str(Step("Reading a.csv", 0.5)) == "Reading a.csv: 50%"


# Arrays in files of their own


def npy(array: NDArray[Any]) -> bytes:
    file = BytesIO()
    np.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize(
    "names",
    [
        ("x_train", "y_train", "x_test", "y_test"),
        ("X", "y", "X_test", "y_test"),
        ("images", "labels", "test_images", "test_labels"),
        ("mnist_train_x", "mnist_train_y", "mnist_test_x", "mnist_test_y"),
    ],
)
@pytest.mark.parametrize("packed_in", ["npy", "npz", "both"])
def test_arrays_in_files_of_their_own_are_taken_together(
    names: tuple[str, str, str, str], packed_in: str
) -> None:
    train, test = images(), images(N_TEST, seed=1)
    arrays = train, labels(), test, labels(N_TEST)
    files = [
        DataFile(f"data/{name}.npz", npz(any=array).getvalue())
        if packed_in == "npz" or (packed_in == "both" and k % 2)
        else DataFile(f"data/{name}.npy", npy(array))
        for k, (name, array) in enumerate(zip(names, arrays, strict=True))
    ]
    check(collect(read_files(files[::-1]), "mine").data_set(), train, test)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"X.npy": npy(images())}, r"X\.npy is a single array.*choose that of the labels with it"),
        ({"X.npy": npy(images()), "names.npy": npy(np.array(["a", "b"]))},
         r"X is there without its labels \(found: X \(20, 6, 6\), names \(2,\)\)"),
        ({"a.npy": npy(images()), "b.npy": npy(images())}, "are 2 files of images and 0 of labels"),
        ({"X.npy": npy(images()), "y.npy": npy(labels())[:-1]}, r"y\.npy says shape \(20,\)"),
        ({"a.npz": npz(x=images(), y=labels()).getvalue(), "y.npy": npy(labels())},
         r"a\.npz holds 2 arrays \(x, y\), expected one \.npz with all arrays, or several"),
        ({"X.npy": npy(images()), "sub/X.npy": npy(images())}, "two files are called X"),
        ({"X.npy": npy(images()), "y.csv": csv(images(), labels())},
         r"X\.npy is of NumPy and y\.csv is CSV: choose files of one kind"),
        ({"x.npy": npy(np.array([{}], object)), "y.npy": npy(labels())},
         "holds Python objects, expected an array of numbers"),
    ],
)  # fmt: skip
def test_arrays_that_do_not_belong_together_are_refused(files: dict[str, bytes], said: str) -> None:
    with pytest.raises(DataError, match=said):
        read_files([DataFile(name, content) for name, content in files.items()])


def test_arrays_together_may_not_take_too_much() -> None:
    files = [DataFile("X.npy", npy(images())), DataFile("y.npz", npz(y=np.zeros(900)).getvalue())]
    with pytest.raises(DataError, match=r"y\.npz takes 7,328 bytes unpacked, expected at most 1,"):
        read_files(files, 2000)


# What cannot be read


def office(*entries: str) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for entry in entries:
            archive.writestr(entry, b"<xml/>")
    return file.getvalue()


def tar() -> bytes:
    file = BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("cifar/data_batch_1"), BytesIO())
    return file.getvalue()


def weights(kind: str) -> bytes:
    file = BytesIO()
    write_state(file, {"0.weight": np.zeros((4, 1, 3, 3)), "0.bias": np.zeros(4)}, kind)
    return file.getvalue()


def saved_by_torch() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("net/data.pkl", pickle.dumps({}))
    return file.getvalue()


def folder() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("pets/cat/1.png", b"picture")
    return file.getvalue()


BATCH = pickle.dumps({"data": images(4, 3072), "labels": [0, 1, 0, 1]}, protocol=2)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("data_batch_1", BATCH)], r"data_batch_1 is a pickle.*np\.savez\('data_batch_1\.npz'"),
        ([("pets.zip", folder())], "packed folder of pictures: unpack it"),
        ([("images.npy", b"\x93NUMPY\x01")], r"choose that of the labels with it, such as X\.npy"),
        ([("a.h5", b"\x89HDF\r\n")], "HDF5.*h5py"),
        ([("a.mat", b"MATLAB 5.0 MAT-file")], r"scipy\.io\.loadmat\('a\.mat'\)"),
        ([("cifar.tar.gz", gzip.compress(tar()))], r"packed folder \(tar\): unpack it"),
        ([("a.exe", b"MZ\0\0\0")], r"a\.exe is of no kind that is known, expected a \.npz, two"),
        ([("a", b"")], "no kind that is known"),
        ([("a.gz", gzip.compress(idx(images()))[:-9])], r"a\.gz is cut off"),
        ([("a.gz", b"\x1f\x8b\x08\0abcdefghijkl")], r"a\.gz is damaged"),
        ([("images", idx(images()))], "is 1 file of images and 0 of labels .*choose both together"),
        ([("a", idx(images())), ("b", idx(images()))], "are 2 files of images and 0 of labels"),
        ([("a", idx(images())[:-1]), ("b", idx(labels()))], "720 bytes, but holds 719"),
        ([("a", idx(images())), ("b.csv", csv(images(), labels()))], r"a is IDX and b\.csv is CSV"),
        ([("a.csv", b"label,p\n1,2,3,4,5\n1,2\n")], r"5 columns in line 2, but 2 in the last"),
        ([("a.csv", csv(images(N, 35), labels()))], "none of which is a label"),
        ([("a.csv", csv(images(), labels(), HEAD) + b"\n1," + b"0," * 35 + b"x")],
         "a pixel in line 22 that is no number"),
        *(([("a.csv", csv(images(), labels(), HEAD) + f"\n1,{'0,' * 35}{odd}".encode())],
           "a pixel in line 22 that is no number") for odd in ("1_0", "٣", "\uff11", "0x1f", "")),
        ([("a.csv", csv(images(), labels()).replace(b"\n", b"_0\n", 1))],
         "a pixel in line 1 that is no number"),
        ([("a.csv", csv(images(N, 37), labels(), HEAD + ",weight"))], "no pixel, such as 'weight'"),
        ([("a.csv", csv(images(), labels(), HEAD.replace("pixel0", "class")))],
         "the labels 'label' and 'class': take out all but one"),
        ([("a.csv", csv(images(), labels(), HEAD + ",more"))], "38 headings for 37 columns"),
        ([("a.csv", b"hello")], "has a single line of text, expected one image a line"),
        ([("a.csv", csv(images(), labels(), HEAD) + b"\n1," + b"0," * 35 + b"nan")], "NaN"),
        ([], "there is no file"),
        ([("Notes.pdf", b"%PDF-1.4\n1 0 obj")], r"Notes\.pdf is a PDF, which holds no images"),
        ([("notes.npz", b"My notes,\nof yesterday, and of today\n")],
         r"^notes\.npz is a text file, not what its name says: choose the file that was meant"),
        ([("cat.npz", b"\x89PNG\r\n\x1a\n")], r"cat\.npz is a picture \(PNG\)\. In Python, import"),
        ([("w.npz", weights("npz"))], r"the weights of a network.*under Load weights \(found: 0"),
        ([("w", weights("safetensors"))], "weights, choose it under Load weights; if images"),
        ([("net.pt", saved_by_torch())], r'state = torch\.load\("net\.pt".*\n.*"net\.npz"'),
        ([("a.csv", b"<!DOCTYPE html><html>")], "is a web page, perhaps with the download"),
        ([("a.7z", b"7z\xbc\xaf'\x1c\0")], r"packed folder \(7-Zip\): unpack it"),
        ([("a.csv.xz", b"\xfd7zXZ\0\0")], "is packed by xz: unpack it first"),
        ([("a.xlsx", office("[Content_Types].xml", "xl/workbook.xml"))], "Excel: save it there as"),
        ([("a.docx", office("[Content_Types].xml", "word/document.xml"))], "a document of Word"),
        ([("a.txt", b"\n\n")], "no line of text"),
        ([("a.csv", b"emotion,pixels\n" + rows_of(labels(), packed()) + b"\n1,1 2 3 4")],
         r"a\.csv has 36 pixels in line 2, but 4 in the last one"),
        ([("a.csv", b"emotion,pixels\n1,1 2 x 4\n" + rows_of([1], ["1 2 3 4"]))],
         r"a pixel in line 2 that is no number \('x'\)"),
        ([("a.csv", b"age,gender,pixels\n" + rows_of(labels(), labels(), packed()))],
         r"2 columns that can be labels \('age' and 'gender'\), expected one.*heading 'label'"),
        ([("a.csv", b"pixels,more,label\n" + rows_of(packed(), packed(), labels()))],
         r"2 columns that can be images \('pixels' and 'more'\)"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_with_what_to_do(
    files: list[tuple[str, bytes]], said: str
) -> None:
    with pytest.raises(DataError, match=said):
        collect(read_files([DataFile(*file) for file in files]), "a")


def test_a_table_by_another_name_is_a_table() -> None:
    found = collect(read_files([DataFile("a.npz", csv(images(), labels()))]), "a")
    assert len(found.images) == N


def test_a_dark_batch_of_cifar_is_not_taken_for_another_file() -> None:
    batch = np.zeros((2, 3073), np.uint8)
    batch[:, 0] = 0, 1
    batch[0, 8] = ord("{")
    found = collect(read_files([DataFile("data_batch_1.bin", batch.tobytes())]), "a")
    assert found.images.shape == (2, 3, 32, 32)


@pytest.mark.parametrize("name", ["data_batch_1", "it's.pkl", 'a "batch"', "back\\slash.pkl"])
def test_the_advice_for_a_pickle_works(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(BATCH)
    with pytest.raises(DataError) as refused:
        load_files([name])
    code = str(refused.value).partition("In Python: ")[2].partition(". For CIFAR")[0]
    exec(code, {})
    assert load_npz(f"{Path(name).stem}.npz").input_shape == (3, 32, 32)


@pytest.mark.parametrize(
    ("dtype", "is_data"), [(np.uint8, True), (np.int64, True), (bool, True), (np.float32, False)]
)
def test_whether_arrays_look_like_data_is_known_before_they_are_read(
    dtype: DTypeLike, is_data: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.io.npz.NpzReader.read", pytest.fail)
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in (("arr_0", np.zeros((4, 8, 8))), ("arr_1", np.zeros(4, dtype))):
            head = BytesIO()
            np.save(head, array)
            # More than the array takes, as a bomb has.
            archive.writestr(f"{name}.npy", head.getvalue() + bytes(10_000_000))
    with NpzReader(file) as arrays:
        assert arrays.dtype("arr_1") == dtype
        assert looks_like_data(arrays) == is_data


def test_arrays_of_python_objects_look_like_no_data() -> None:
    file = npz(arr_0=np.zeros((4, 8, 8)), arr_1=np.array([1, None, 2, "a"]))
    with NpzReader(file) as arrays:
        assert not looks_like_data(arrays)


def test_what_unpacks_to_too_much_is_refused() -> None:
    bomb = gzip.compress(bytes(5_000_000))
    with pytest.raises(DataError, match="takes more than 1,000,000 bytes unpacked"):
        read_files([DataFile("a.gz", bomb)], 1_000_000)
