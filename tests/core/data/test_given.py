"""Images and labels as somebody has them in Python: columns, tensors, masked arrays, objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, DTypeLike, NDArray

from core.data import from_images
from core.errors import DataError
from tests.core.data.images import LABELS, ramp, row_of
from tests.rounding import assert_close

PETS = ["cat", "dog"] * 4
NAN = float("nan")
# Labels of which two are missing.
GAPS = np.isin(np.arange(8), [2, 5])
WITH_GAPS = ["cat", "dog", None, "cat", "dog", None, "cat", "dog"]


class Unknown:
    """Behaves as NA of pandas, which equals nothing and differs from nothing."""

    def __repr__(self) -> str:
        return "<NA>"

    def __eq__(self, other: object) -> Unknown:  # type: ignore[override]
        return self

    def __ne__(self, other: object) -> Unknown:  # type: ignore[override]
        return self

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        raise TypeError("boolean value of NA is ambiguous")


NA = Unknown()


class Column:
    """Behaves as a column of pandas, whose array holds objects."""

    def __init__(self, values: Sequence[object]) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[object]:
        return iter(self.values)

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        array = np.empty(len(self.values), dtype=object)
        for k, value in enumerate(self.values):
            array[k] = value
        return array


class Frame(Column):
    """Behaves as a table of pandas with one column, over whose names it iterates."""

    def __iter__(self) -> Iterator[object]:
        return iter(["label"])

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        return super().__array__().reshape(-1, 1)


class Tensor:
    """Behaves as a tensor of PyTorch that needs a gradient."""

    def __init__(self, array: NDArray[Any], needs_gradient: bool = True) -> None:
        self.array, self.needs_gradient = array, needs_gradient

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, at: int) -> Tensor:
        return Tensor(self.array[at])

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        return self.numpy()

    def detach(self) -> Tensor:
        return Tensor(self.array, needs_gradient=False)

    def cpu(self) -> Tensor:
        return self

    def numpy(self) -> NDArray[Any]:
        if self.needs_gradient:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        return self.array


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (np.array(PETS, dtype=object), ("cat", "dog")),
        (np.array([name.encode() for name in PETS], dtype=object), ("cat", "dog")),
        (np.array([[name] for name in PETS], dtype=object), ("cat", "dog")),
        (np.array([1, 0] * 4, dtype=object), ("0", "1")),
        (np.array([1.0, np.int64(0)] * 4, dtype=object), ("0", "1")),
        (np.array([True, False] * 4, dtype=object), ("False", "True")),
        (np.array([[0, 1], [1, 0]] * 4, dtype=object), ("0", "1")),
        (np.array(PETS, dtype=np.dtypes.StringDType()), ("cat", "dog")),
        (np.array([2**64 - 1, 2**63] * 4, np.uint64), (str(2**63), str(2**64 - 1))),
        (Column(PETS), ("cat", "dog")),
        (Column([1, 0] * 4), ("0", "1")),
    ],
)
def test_labels_may_be_objects(labels: ArrayLike, names: tuple[str, ...]) -> None:
    images = np.arange(8)[:, None, None] * np.ones((8, 2, 2)) / 8
    data = from_images(images, labels)
    assert data.class_names == names
    for split in (data.train, data.test):
        of = np.rint(split.images[:, 0, 0, 0] * 8).astype(int)
        first = "cat" if "cat" in names else names[1]
        assert [names[label] == first for label in split.labels] == [k % 2 == 0 for k in of]


def one_hot_without(columns: list[int]) -> NDArray[Any]:
    """One-hot labels with None in some columns of those that are missing."""
    labels = np.eye(2)[LABELS].astype(object)
    labels[GAPS[:, None] & np.isin([0, 1], columns)] = None
    return labels


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (np.array([0, 1, NAN, 0, 1, np.inf, 0, 1]), "NaN or infinite"),
        (np.array([[0], [1], [NAN], [0], [1], [NAN], [0], [1]]), "NaN or infinite"),
        (np.where(GAPS[:, None], NAN, np.eye(2)[LABELS]), "NaN or inf"),
        (["cat", "dog", NAN, "cat", "dog", NAN, "cat", "dog"], "nan"),
        (["cat", "dog", None, "cat", "dog", NAN, "cat", "dog"], "None"),
        ([0, 1.0, None, 0, np.int64(1), NAN, 0, 1], "None"),
        (Column(["cat", "dog", NAN, "cat", "dog", NAN, "cat", "dog"]), "nan"),
        (Column(["cat", "dog", NA, "cat", "dog", NA, "cat", "dog"]), "<NA>"),
        (Column([0, 1, NA, 0, 1, NA, 0, 1]), "<NA>"),
        (np.array([[0, 1, NAN, 0, 1, NAN, 0, 1]]), "NaN or infinite"),
        (np.array([[name] for name in WITH_GAPS], dtype=object), "None"),
        (np.array([WITH_GAPS], dtype=object), "None"),
        (Frame(WITH_GAPS), "None"),
        (Frame([0, 1, NA, 0, 1, NA, 0, 1]), "<NA>"),
        (one_hot_without([0, 1]), "None"),
        (one_hot_without([0]), "None"),
        (one_hot_without([0, 1]).tolist(), "None"),
        (np.ma.array([0, 1, 0, 0, 1, 0, 0, 1], mask=GAPS), "masked"),
        (np.ma.array([[0], [1]] * 4, mask=GAPS[:, None]), "masked"),
        (np.ma.array([[0, 1] * 4], mask=GAPS[None]), "masked"),
        (np.ma.array(np.eye(2)[LABELS], mask=GAPS[:, None] & [True, False]), "masked"),
    ],
)  # fmt: skip
def test_missing_labels_are_named_with_advice_that_works(labels: ArrayLike, said: str) -> None:
    images = ramp(0, 51, 102, 255)
    with pytest.raises(DataError) as refused:
        from_images(images, labels)
    message = str(refused.value)
    assert message.startswith(f"labels[2] and labels[5] are {said}")
    code = message.partition("kept = ")[2].partition(", then")[0]
    kept = eval(code, {"np": np, "labels": labels})
    passed = message.partition("then pass ")[2].replace(" and ", ", ")
    for given in (images, list(images)):
        names = {"np": np, "images": given, "labels": labels, "kept": kept}
        data = from_images(*eval(passed, names))
        assert row_of(data) == row_of(from_images(images, LABELS))
    assert (len(data.train) + len(data.test), data.classes) == (6, 2)


def test_a_masked_value_is_no_sequence_of_labels() -> None:
    with pytest.raises(DataError, match=r"^labels is masked, expected a sequence"):
        from_images(ramp(0, 51, 102, 255), np.ma.masked)


def test_tensors_that_need_a_gradient_are_taken() -> None:
    images = ramp(0, 0.5, 1, 0.25, dtype=float)
    for given in (Tensor(images), [Tensor(image) for image in images]):
        data = from_images(given, Tensor(LABELS))
        assert row_of(data) == [0, 0.5, 1, 0.25]


def test_what_is_no_dense_tensor_is_refused_with_advice() -> None:
    images = ramp(0, 51, 102, 255)

    class Sparse(Tensor):
        def detach(self) -> Tensor:
            return self  # As a sparse tensor it has no NumPy array either.

    cases: list[tuple[dict[str, Any], str]] = [
        ({"images": Sparse(images)}, r"images is not an array.*images\.to_dense\(\)"),
        ({"images": [Sparse(image) for image in images]}, r"images\[0\]\.to_dense\(\)"),
        ({"labels": Sparse(LABELS)}, r"labels is not an array.*pass labels\.float\(\)"),
    ]
    for given, said in cases:
        with pytest.raises(DataError, match=said):
            from_images(**{"images": images, "labels": LABELS, **given})


def test_an_open_file_is_no_tensor_and_stays_whole(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_bytes(b"0\n1\n")
    with (tmp_path / "mine.txt").open("rb") as file:
        passed: Any = file
        for given in ((passed, LABELS), (ramp(0, 51, 102, 255), passed), ([passed], LABELS)):
            with pytest.raises(DataError):
                from_images(*given)
            file.seek(0)
            assert file.read() == b"0\n1\n"


def test_arrays_in_a_column_are_taken() -> None:
    images = ramp(0, 51, 102, 255)
    data = from_images(Column(list(images)), LABELS)
    assert_close(row_of(data), np.array([0, 0.2, 0.4, 1], np.float32))


def test_masked_images_are_refused_with_advice_that_works() -> None:
    images = np.ma.array(ramp(0, 51, 102, 255), mask=ramp(0, 0, 0, 1, dtype=bool))
    with pytest.raises(DataError, match=r"8 of its 32 values are masked.*images\.filled\(0\)"):
        from_images(images, LABELS)
    data = from_images(images.filled(0), LABELS)
    assert_close(row_of(data), np.array([0, 0.2, 0.4, 0], np.float32))
    data = from_images(images.data, LABELS)
    assert_close(row_of(data), np.array([0, 0.2, 0.4, 1], np.float32))
    assert row_of(from_images(np.ma.array(images.data), LABELS)) == row_of(data)
