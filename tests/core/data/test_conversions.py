"""What becomes of pixels and labels, in whatever way they were saved."""

from __future__ import annotations

import re
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw

from core.data import from_images, load_files, load_npz
from core.data.arrays.layout import Axes
from core.data.collect import Room, collect
from core.data.collection import Collection
from core.data.readers.found import Found, Labelled
from core.errors import DataError
from tests.core.data.images import LABELS, ramp, row_of
from tests.rounding import assert_close


@pytest.mark.parametrize(
    ("images", "expected", "said"),
    [
        (ramp(0, 51, 102, 255), [0, 0.2, 0.4, 1], ""),
        (ramp(0, 1, 1, 0), [0, 1, 1, 0], "from 0 to 1: 1 was taken"),
        (ramp(0, 4, 8, 16), [0, 0.25, 0.5, 1], "from 0 to 16: 16 was taken"),
        (ramp(0, 4, 8, 16, dtype=float), [0, 0.25, 0.5, 1], "from 0 to 16: 16 was taken"),
        (ramp(0, 1, 1, 0, dtype=bool), [0, 1, 1, 0], ""),
        (ramp(0, 65535, 13107, 0, dtype=np.uint16), [0, 1, 0.2, 0], "65,535 was taken"),
        (ramp(0, 4095, 819, 0, dtype=">u2"), [0, 1, 0.2, 0], "4,095 was taken"),
        (ramp(0, 255, 51, 0, dtype=np.uint16), [0, 1, 0.2, 0], "255 was taken"),
        (ramp(0, 255, 51, 0, dtype=np.int64), [0, 1, 0.2, 0], "255 was taken"),
        (ramp(-128, 127, 0, -77, dtype=np.int8), [0, 1, 128 / 255, 0.2], "−128 was taken as black"),
        (ramp(-1, 1, 0, 0.5, dtype=float), [0, 1, 0.5, 0.75], "−1 was taken as black"),
        (ramp(-1, 1, 0, -1, dtype=np.int8), [0, 1, 0.5, 0], "−1 was taken as black"),
        (ramp(0, 127.5, 255, 51, dtype=float), [0, 0.5, 1, 0.2], "255 was taken as white"),
        (ramp(0, 255, 51, 0, dtype=np.float32), [0, 1, 0.2, 0], "255 was taken as white"),
        (ramp(-1e-9, 1.0000000000000002, 0.5, 1, dtype=float), [0, 1, 0.5, 1], ""),
        (ramp(0.25, 0.5, 0.75, 1, dtype=np.float16), [0.25, 0.5, 0.75, 1], ""),
        (ramp(0, 0, 0, 0), [0, 0, 0, 0], ""),
        (
            ramp(-1e-3, 1, 0.5, 0.25, dtype=float),
            [0, 1, 0.5, 0.25],
            "from −0.001 to 1: 0 was taken as black, 1 as white; what lies beyond was cut off",
        ),
        (ramp(-0.07, 1.06, 0.5, 1, dtype=float), [0, 1, 0.5, 1], "from −0.07 to 1.06: 0 was taken"),
        (
            ramp(0, 1.06, 0.5, 1, dtype=float),
            [0, 1, 0.5, 1],
            "from 0 to 1.06: 1 was taken as white",
        ),
        (ramp(-0.03, 0.4, 0.2, 0, dtype=float), [0, 0.4, 0.2, 0], "from −0.03 to 0.4: 0 was taken"),
        (ramp(-12.5, 261.5, 51, 255, dtype=float), [0, 1, 0.2, 1], "from −12.5 to 261.5: 0 was"),
        (
            ramp(-5, 102, 51, 0, dtype=np.int16),
            [0, 0.4, 0.2, 0],
            "from −5 to 102: 0 was taken as black, 255 as white; what lies beyond was cut off",
        ),
        (ramp(-9, 270, 51, 255, dtype=float), [0, 1, 0.2, 1], "from −9 to 270: 0 was taken"),
        (ramp(0, 261.5, 102, 51, dtype=float), [0, 1, 0.4, 0.2], "from 0 to 261.5: 255 was taken"),
        (ramp(-1, 280, 102, 51, dtype=np.float32), [0, 1, 0.4, 0.2], "white; what lies beyond was"),
        (ramp(0, 281, 102, 51, dtype=float), np.array([0, 281, 102, 51]) / 1023, "1,023 was taken"),
        (ramp(0, 270, 102, 51, dtype=np.uint16), np.array([0, 270, 102, 51]) / 1023, "1,023 was"),
        (ramp(0, 270, 102, 51, dtype=np.int64), np.array([0, 270, 102, 51]) / 1023, "1,023 was"),
        (
            ramp(-102, 76, 25, -26, dtype=np.int8),
            [26 / 255, 0.8, 0.6, 0.4],
            "from −102 to 76: −128 was taken as black, 127 as white.",
        ),
        (
            ramp(-0.6, 0.5, 0, 0.2, dtype=float),
            [0.2, 0.75, 0.5, 0.6],
            "from −0.6 to 0.5: −1 was taken as black, 1 as white.",
        ),
        (ramp(-1.05, 1.08, 0, 0.2, dtype=float), [0, 1, 0.5, 0.6], "from −1.05 to 1.08: −1 was"),
    ],
)
def test_values_become_0_to_1(images: NDArray[Any], expected: list[float], said: str) -> None:
    data = from_images(images, LABELS)
    assert_close(row_of(data), np.array(expected, np.float32))
    assert (said in " ".join(data.notes)) if said else data.notes == ()
    assert min(row_of(data)) >= 0
    assert max(row_of(data)) <= 1


RESCALED = "np.interp(images, (np.min(images), np.max(images)), (0, 1))"
SHIFTED = "(np.asarray(images, float) + 128) / 255"


@pytest.mark.parametrize(
    ("images", "advice"),
    [
        (ramp(-30000, 30000, 0, 15000, dtype=np.int16), {RESCALED: [0, 1, 0.5, 0.75]}),
        (ramp(-30000, 30000, 0, 15000, dtype=">i4"), {RESCALED: [0, 1, 0.5, 0.75]}),
        (ramp(-1000, 3000, 0, 1000, dtype=np.int64), {RESCALED: [0, 1, 0.25, 0.5]}),
        (ramp(0, 90000, 9000, 0, dtype=np.uint32), {RESCALED: [0, 1, 0.1, 0]}),
        (ramp(0, 2**63, 2**62, 0, dtype=np.uint64), {RESCALED: [0, 1, 0.5, 0]}),
        (ramp(-60000, 60000, 0, 0, dtype=np.float16), {RESCALED: [0, 1, 0.5, 0.5]}),
        (ramp(-2.5, 2.5, 0, 1.25, dtype=np.float32), {RESCALED: [0, 1, 0.5, 0.75]}),
        (ramp(1.5, 1.5, 1.5, 1.5, dtype=float), {RESCALED: [1, 1, 1, 1]}),
        (ramp(-60, 68, 4, 0, dtype=np.int8),
         {"np.maximum(images, 0)": [0, 68 / 255, 4 / 255, 0], RESCALED: [0, 1, 0.5, 60 / 128],
          SHIFTED: [68 / 255, 196 / 255, 132 / 255, 128 / 255]}),
        (ramp(-2, 2, 0, 1, dtype=np.int64),
         {"np.maximum(images, 0)": [0, 1, 0, 0.5], RESCALED: [0, 1, 0.5, 0.75],
          SHIFTED: [126 / 255, 130 / 255, 128 / 255, 129 / 255]}),
        (ramp(-0.25, 1, 0.375, 0.5, dtype=float),
         {"np.maximum(images, 0)": [0, 1, 0.375, 0.5], RESCALED: [0, 1, 0.5, 0.6],
          "(np.asarray(images) + 1) / 2": [0.375, 1, 0.6875, 0.75]}),
        (ramp(0, 256, 102, 51, dtype=np.float32),
         {"np.minimum(images, 255)": [0, 1, 0.4, 0.2], RESCALED: [0, 1, 102 / 256, 51 / 256],
          "np.divide(images, 1023)": [0, 256 / 1023, 102 / 1023, 51 / 1023]}),
        (ramp(3, 280, 102, 51, dtype=float),
         {"np.minimum(images, 255)": [3 / 255, 1, 0.4, 0.2],
          "np.divide(images, 1023)": [3 / 1023, 280 / 1023, 102 / 1023, 51 / 1023]}),
        (ramp(0, 0.5, 1, 0.25, dtype=object),
         {"np.asarray(images).astype(float)": [0, 0.5, 1, 0.25]}),
        (ramp(0, 0.5, 1, 0.25, dtype=complex),
         {"np.real(images)": [0, 0.5, 1, 0.25], "np.abs(images)": [0, 0.5, 1, 0.25]}),
    ],
)  # fmt: skip
def test_the_advice_for_values_works(images: NDArray[Any], advice: dict[str, list[float]]) -> None:
    for given in (images, list(images)):
        with pytest.raises(DataError) as refused:
            from_images(given, LABELS)
        for code, expected in advice.items():
            assert code in str(refused.value)
            data = from_images(eval(code, {"np": np, "images": given}), LABELS)
            assert_close(row_of(data), np.array(expected, np.float32))


@pytest.mark.parametrize(
    ("code", "labels", "names"),
    [
        ("[str(label) for label in labels]", [0.5, 1.5] * 4, ("0.5", "1.5")),
        ("np.argmax(labels, axis=1)", [[0.75, 0.25], [0.25, 0.75]] * 4, ("0", "1")),
        ("np.ravel(labels)", [[[0]], [[1]]] * 4, ("0", "1")),
    ],
)
def test_the_advice_for_labels_works(code: str, labels: ArrayLike, names: tuple[str, ...]) -> None:
    for given in (labels, np.array(labels)):
        with pytest.raises(DataError) as refused:
            from_images(ramp(0, 51, 102, 255), given)
        assert code in str(refused.value)
        passed = eval(code, {"np": np, "labels": given})
        assert from_images(ramp(0, 51, 102, 255), passed).class_names == names


def rgba(opacity: list[int]) -> NDArray[np.uint8]:
    images = np.full((8, 5, 2, 4), 51, np.uint8)
    images[..., 3] = np.resize(np.array(opacity), (8, 5, 2))
    return images


def test_transparency_is_laid_on_white() -> None:
    data = from_images(rgba([255, 0]), LABELS)
    assert data.input_shape == (3, 5, 2)
    assert_close(data.train.images[0, :, 0], np.array([[0.2, 1]] * 3, np.float32))
    assert data.notes == ("What is transparent was laid on white.",)
    half = from_images(rgba([255, 255, 51, 255]), LABELS)
    assert_close(half.train.images[0, 0, 1], np.array([0.2 * 0.2 + 0.8, 0.2], np.float32))


def test_transparency_of_thin_drawings_is_laid_on_white() -> None:
    images = np.zeros((8, 16, 16, 4), np.uint8)
    images[:, :14, 3:5, 3] = 255  # 11 % opaque
    data = from_images(images, LABELS)
    assert data.notes == ("What is transparent was laid on white.",)
    expected = np.ones((3, 16, 16), np.float32)
    expected[:, :14, 3:5] = 0
    assert np.array_equal(data.train.images[0], expected)
    # Nothing would be left of images without an opaque pixel.
    images[..., 3] = 0
    assert from_images(images, LABELS).input_shape == (4, 16, 16)


def drawn(size: int, ink: tuple[int, int, int], width: int) -> NDArray[np.uint8]:
    """Lines with soft edges on nothing, as an editor exports them."""
    images = []
    for k in range(len(LABELS)):
        points = np.random.default_rng(k).integers(size // 2, 7 * size // 2, (6, 2)).tolist()
        picture = Image.new("RGBA", (4 * size, 4 * size), (0, 0, 0, 0))
        ImageDraw.Draw(picture).line([tuple(point) for point in points], (*ink, 255), width)
        images.append(np.asarray(picture.resize((size, size), Image.Resampling.LANCZOS)))
    return np.stack(images)


@pytest.mark.parametrize("ink", [(0, 0, 0), (200, 30, 30)])
@pytest.mark.parametrize("size", [8, 16, 28])
@pytest.mark.parametrize("width", [1, 4, 12])
def test_drawings_with_soft_edges_are_laid_on_white(
    ink: tuple[int, int, int], size: int, width: int
) -> None:
    images = drawn(size, ink, width)
    shown = [Image.fromarray(image) for image in images]
    papers = [Image.new("RGBA", image.size, "white") for image in shown]
    wanted = [
        np.moveaxis(np.asarray(Image.alpha_composite(*pair).convert("RGB")), -1, 0) / 255
        for pair in zip(papers, shown, strict=True)
    ]
    data = from_images(images, LABELS)
    assert data.notes == ("What is transparent was laid on white.",)
    for image in np.concatenate([data.train.images, data.test.images]):
        # Pillow rounds to whole numbers.
        assert min(np.abs(image - one).max() for one in wanted) <= 1 / 255


def test_the_advice_for_pictures_works(tmp_path: Path) -> None:
    paths = [tmp_path / f"{kind}-{k}.png" for kind in ("cat", "dog") for k in range(4)]
    for path, pixels in zip(paths, drawn(40, (200, 30, 30), 4), strict=True):
        Image.fromarray(pixels[..., :3]).save(path)
    with pytest.raises(DataError, match=r"^cat-0\.png is a picture \(PNG\)\. In Python") as refused:
        load_files(paths)
    code = str(refused.value).partition("pass images = ")[2].partition(" with ")[0]
    images = eval(code, {"np": np, "PIL": PIL, "paths": paths})
    data = from_images(images, [path.name[:3] for path in paths])
    assert (data.input_shape, data.class_names) == ((3, 32, 32), ("cat", "dog"))


def test_what_white_would_hide_or_was_measured_keeps_its_fourth_channel() -> None:
    assert from_images(drawn(28, (255, 255, 255), 4), LABELS).input_shape == (4, 28, 28)
    # A tile of a satellite, whose rim was not seen.
    tiles = np.random.default_rng(0).integers(1, 255, (len(LABELS), 8, 8, 4)).astype(np.uint8)
    tiles[:, 4:] = 0
    assert from_images(tiles, LABELS).input_shape == (4, 8, 8)


def test_opaque_images_lose_their_opacity_without_a_word() -> None:
    data = from_images(rgba([255]), LABELS)
    assert (data.input_shape, data.notes) == ((3, 5, 2), ())
    assert_close(row_of(data), np.full(30, 0.2, np.float32))


def test_a_fourth_band_is_kept() -> None:
    data = from_images(rgba([10, 60, 110, 160, 255]), LABELS)
    assert data.input_shape == (4, 5, 2)
    assert_close(data.train.images[0, 3, 0], np.array([10, 60], np.float32) / np.float32(255))
    assert "images[..., :3]" in data.notes[0]
    first = from_images(rgba([10, 60, 110, 160, 255]).transpose(0, 3, 1, 2), LABELS)
    assert "images[:, :3]" in first.notes[0]
    assert np.array_equal(first.train.images, data.train.images)


def test_rows_become_squares() -> None:
    images = np.random.default_rng(0).integers(0, 256, (8, 48)).astype(np.uint8)
    wanted = images.reshape(8, 3, 4, 4) / np.float32(255)
    data = from_images(images, LABELS)
    assert data.input_shape == (3, 4, 4)
    assert data.notes == ("Rows of 48 values were taken as 3 channels of 4×4 pixels.",)
    assert {image.tobytes() for image in data.train.images} <= {im.tobytes() for im in wanted}
    assert from_images(images[:, :36], LABELS).input_shape == (1, 6, 6)


# Labels


@pytest.mark.parametrize(
    ("labels", "names", "said"),
    [
        ([1, 2, 3, 26] * 2, ("1", "2", "3", "26"), "labels 1, 2, 3, 26 were renumbered 0 to 3"),
        ([1, 2, 3, 4] * 2, ("1", "2", "3", "4"), "labels 1 to 4 were renumbered 0 to 3"),
        ([0, 255] * 4, ("0", "255"), "labels 0, 255 were renumbered 0 to 1"),
        ([-1, 1] * 4, ("-1", "1"), "labels -1, 1 were renumbered"),
        ([0, 2] * 4, ("0", "2"), "labels 0, 2 were renumbered"),
        ([0.0, 1.0] * 4, ("0", "1"), ""),
        ([[0], [1]] * 4, ("0", "1"), ""),
        ([[0, 1] * 4], ("0", "1"), ""),
        ([False, True] * 4, ("False", "True"), ""),
        (np.eye(2)[LABELS], ("0", "1"), "One-hot labels (8, 2)"),
    ],
)
def test_labels_become_indices(labels: ArrayLike, names: tuple[str, ...], said: str) -> None:
    images = np.arange(8)[:, None, None] * np.ones((8, 2, 2)) / 8
    data = from_images(images, labels)
    assert data.class_names == names
    flat = np.asarray(labels)
    flat = flat.argmax(axis=1) if flat.shape == (8, 2) else flat.reshape(-1)
    for split in (data.train, data.test):
        of = np.rint(split.images[:, 0, 0, 0] * 8).astype(int)
        assert [names[label] for label in split.labels] == [
            str(flat[k]).removesuffix(".0") for k in of
        ]
    assert (said in " ".join(data.notes)) if said else data.notes == ()


def test_labels_from_1_take_their_names() -> None:
    labels = np.arange(26) + 1
    names = [chr(ord("a") + k) for k in range(26)]
    data = from_images(np.zeros((52, 2, 2)), np.tile(labels, 2), class_names=names)
    assert data.class_names == tuple(names)
    assert set(data.train.labels) == set(range(26))
    assert data.notes[0].startswith("The labels 1 to 26 were renumbered 0 to 25")
    ends = from_images(np.zeros((8, 2, 2)), LABELS * 255, class_names=["black", "white"])
    assert set(ends.train.labels) == {0, 1}


def test_a_class_without_an_image_is_said() -> None:
    data = from_images(np.zeros((8, 2, 2)), LABELS * 2, class_names=["a", "fox", "c"])
    assert data.class_names == ("a", "fox", "c")
    assert data.notes == (
        "'fox' has no image: leave it out, or add images of it. Until then the network has an "
        "output that is never right.",
    )


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("aef", "'e' and 'f' have no image: leave them out, or add images of them. Until then the "
                "network has outputs that are never right."),
        ("aefghijk", "'e', 'f', 'g', 'h', 'i' and 2 more have no image: leave them out"),
    ],
)  # fmt: skip
def test_several_classes_without_an_image_are_said(names: str, said: str) -> None:
    labels = LABELS * len(names)
    data = from_images(np.zeros((8, 2, 2)), labels, class_names=[*names, "z"])
    assert data.notes[0].startswith(said)


def test_classes_without_a_test_image_are_said_before_training() -> None:
    found = collect(parts([0, 1, 2, 3] * 4, [0] * 4), "mine")
    assert found.untested() == (
        "'1', '2' and '3' have no image to test on: how often the network is right about them will "
        "not be seen. Add images of them to see it."
    )
    assert collect(parts([0, 1], [0, 1]), "mine").untested() == ""
    assert found.data_set().notes == ()


def test_class_names_that_differ_in_large_and_small_letters_stay_two_classes() -> None:
    """Labels in a table may be letters, of which a and A are two."""
    data = from_images(np.zeros((8, 2, 2)), np.array(["A", "a"] * 4))
    assert data.class_names == ("A", "a")
    assert data.notes == (
        "'A' and 'a' differ only in large and small letters: if they are one class, give them the "
        "same name.",
    )


@pytest.mark.parametrize(
    ("counts", "share", "tests"),
    [
        ((12, 12, 12), 0.2, (2, 2, 2)),
        ((5, 5), 0.3, (2, 2)),
        ((30, 10), 0.3, (9, 3)),
        ((2, 2, 2), 0.2, (1, 1, 1)),
        ((38, 1, 1), 0.2, (8, 0, 0)),
        ((2, 3), 0.99, (1, 2)),
        ((5, 5), 0.01, (1, 1)),
        ((100, 4, 3), 0.05, (5, 1, 1)),
    ],
)
def test_of_each_class_a_share_tests(
    counts: tuple[int, ...], share: float, tests: tuple[int, ...]
) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    trained = list[list[int]]()
    for seed in range(10):
        rng = np.random.default_rng(seed)
        found = collect(parts(labels.tolist(), []), "mine", test_share=share, rng=rng)
        assert tuple(one.test for one in found.classes()) == tests
        assert tuple(one.train + one.test for one in found.classes()) == counts
        trained.append(found.labels[: found.n_train].tolist())
    # They are mixed: classes do not come one after the other. Of few that may be by chance.
    assert any(train != sorted(train) for train in trained)


def test_classes_of_one_image_each_make_both_splits() -> None:
    found = collect(parts([0, 1, 2, 3, 4], []), "mine")
    assert [one.train + one.test for one in found.classes()] == [1] * 5
    assert found.n_train == 4


def parts(train: list[int], test: list[int], n_train: int | None = None) -> Found:
    made = [
        Labelled(np.zeros((len(labels), 2, 2)), np.array(labels))
        for labels in (train, test)
        if labels
    ]
    return Found(tuple(made[:1]), tuple(made[1:]), n_train=n_train)


def test_a_class_that_is_only_tested_is_said_and_can_be_mixed() -> None:
    found = collect(parts([0, 1] * 8, [2] * 4), "mine")
    assert "'2' has no image to train on, only to test: mix all images" in found.remarks()[0]
    mixed = found.mixed()
    assert mixed.remarks() == ()
    assert [(one.train + one.test) for one in mixed.classes()] == [8, 8, 4]
    assert np.array_equal(mixed.labels, found.mixed().labels)


def test_sorted_labels_are_mixed_before_they_are_split_reproducibly() -> None:
    labels = [0] * 10 + [1] * 10
    first, second = (collect(parts(labels, [], n_train=10), "mine") for _ in range(2))
    assert np.array_equal(first.labels, second.labels)
    assert first.n_train == 10
    assert set(first.labels[:10]) == set(first.labels[10:]) == {0, 1}
    assert "sorted by class" in first.notes[0]
    assert first.notes[0].endswith("they were mixed before they were split; 10 of them train.")
    # Of three images at least one tests: that are fewer to train on than were asked for.
    found = collect(parts(np.repeat(np.arange(100), 3).tolist(), [], n_train=280), "mine")
    assert found.n_train == 200
    assert "among the first 280: they" in found.notes[0]
    assert found.notes[0].endswith("split; 200 of them train.")
    # Those that are not are left as the file says.
    assert collect(parts([0, 1] * 10, [], n_train=10), "mine").labels.tolist() == [0, 1] * 10


# Size


def test_large_images_are_scaled_by_means() -> None:
    images = np.zeros((8, 64, 96), np.uint8)
    images[:, :, ::2] = 255
    images[:, :2] = 255
    found = collect(Found((Labelled(images, LABELS),)), "mine", Room(side=32))
    assert found.images.shape == (8, 1, 32, 32)
    assert_close(found.images[:, 0, 0], np.ones((8, 32), np.float32))
    # Three columns become one: two of them bright, or one.
    assert_close(found.images[0, 0, 5, :2], np.array([2 / 3, 1 / 3], np.float32))
    assert "scaled from 64×96 to 32×32" in found.notes[0]


def test_a_part_of_too_many_is_taken() -> None:
    images = np.arange(1000)[:, None, None] * np.ones((1, 2, 2)) / 1000
    labels = np.arange(1000) % 2
    room = Room(values=400, may_leave_out=True)
    found = collect(Found((Labelled(images, labels),)), "mine", room)
    assert len(found.images) == 100
    assert "Of 1,000 images 100 were taken at random" in found.notes[0]
    of = np.rint(found.images[:, 0, 0, 0] * 1000).astype(int)
    assert np.array_equal(of % 2, found.labels)
    assert len(set(of.tolist())) == 100


# Names of classes


def collection() -> Collection:
    images = np.arange(12)[:, None, None] * np.ones((1, 2, 2)) / 12
    labels = np.array(["cat", "dog", "kitten"] * 4)
    return collect(Found((Labelled(images, labels),), n_train=9), "pets")


def test_classes_of_the_same_name_become_one() -> None:
    found = collection().edited(["cat", "dog", " cat "])
    assert found.class_names == ("cat", "dog")
    assert found.labels.tolist() == [0, 1, 0] * 4
    assert [(c.name, c.train, c.test) for c in found.classes()] == [("cat", 6, 2), ("dog", 3, 1)]


def test_names_that_look_the_same_are_one_class() -> None:
    found = collection().edited(["café", "dog", "cafe\u0301 "])
    assert found.class_names == ("café", "dog")
    assert found.labels.tolist() == [0, 1, 0] * 4
    data = from_images(np.zeros((8, 2, 2)), ["café", "cafe\u0301", " café", "dog"] * 2)
    assert data.class_names == ("café", "dog")
    assert sorted([*data.train.labels, *data.test.labels]) == [0] * 6 + [1] * 2
    named = from_images(np.zeros((8, 2, 2)), ["café", "b"] * 4, class_names=["b", "cafe\u0301"])
    assert named.class_names == ("b", "café")


def test_classes_that_become_one_are_split_anew() -> None:
    """Of single images none tests, and of what they are together some do."""
    found = collect(parts([0, 1, 2, 3, 4, 5] + [6] * 4, []), "pets")
    assert [one.test for one in found.classes()] == [0] * 6 + [1]
    both = found.edited(["cat"] * 6 + ["dog"])
    assert [(one.name, one.train, one.test) for one in both.classes()] == [
        ("cat", 5, 1),
        ("dog", 3, 1),
    ]
    assert both.untested() == ""
    assert found.edited(list("abcdefg")).labels.tolist() == found.labels.tolist()


def test_other_names_copy_the_images_once_at_most() -> None:
    labels = np.repeat([0, 1, 2, 3], 50)
    found = collect(Found((Labelled(np.zeros((200, 64, 64)), labels),)), "mine")
    assert found.edited(list("abcd")).images is found.images
    for names, least in ((["a", "a", "b", "c"], 200), (["", "a", "b", "c"], 150)):
        tracemalloc.start()
        images = found.edited(names).images
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(images) == least
        assert images.nbytes <= most < 1.1 * images.nbytes


def test_of_classes_left_out_the_others_make_both_splits() -> None:
    found = collect(parts([0, 1, 2, 3, 4], []), "mine")
    (tested,) = (one.name for one in found.classes() if one.test)
    kept = found.edited(["" if name == tested else name for name in found.class_names])
    assert (len(kept.labels), kept.n_train) == (4, 3)


def test_a_class_without_a_name_is_left_out() -> None:
    found = collection().edited(["", "dog", "kitten"])
    assert found.class_names == ("dog", "kitten")
    assert found.labels.tolist() == [0, 1] * 4
    assert np.rint(found.images[:, 0, 0, 0] * 12).astype(int).tolist() == [1, 2, 4, 5, 7, 8, 10, 11]
    assert found.n_train == 6
    assert found.data_set().classes == 2


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["cat"], "1 name for 3 classes"),
        (["a", "a", "a"], "1 class would be left"),
        (["", "", ""], "0 classes would be left"),
    ],
)
def test_names_that_cannot_be_are_refused(names: list[str], said: str) -> None:
    found = collection()
    with pytest.raises(DataError, match=said):
        found.edited(names)
    assert found.class_names == ("cat", "dog", "kitten")


def test_classes_that_all_have_no_image_cannot_be_kept_alone() -> None:
    names = ("cat", "dog", "elk", "fox")
    found = collect(Found(parts([0, 1] * 4, []).train, class_names=names), "pets")
    with pytest.raises(DataError, match="no image would be left: keep classes that have some"):
        found.edited(["", "", "elk", "fox"])


@pytest.mark.parametrize(
    ("shape", "order", "wanted"),
    [
        ((8, 4, 7, 4), "NHWC", (3, 4, 7)),
        ((8, 4, 7, 4), "NCHW", (3, 7, 4)),
        ((8, 1, 4, 4), "NHWC", (3, 1, 4)),
        ((8, 3, 3, 3), "NHWC", (3, 3, 3)),
        ((8, 3, 3, 3), "NCHW", (3, 3, 3)),
    ],
)
def test_the_advice_for_axes_that_a_shape_does_not_tell_works(
    shape: tuple[int, ...], order: Axes, wanted: tuple[int, ...], tmp_path: Path
) -> None:
    images = np.random.default_rng(0).integers(1, 255, shape).astype(np.uint8)
    # The fourth channel is opacity, and nothing is transparent.
    opacity = images[..., 3:] if order == "NHWC" else images[:, 3:]
    opacity[:] = 255
    with pytest.raises(DataError) as refused:
        from_images(images, LABELS)
    code = f"axes='{order}'"
    assert code in str(refused.value)
    names = {"from_images": from_images, "images": images, "labels": LABELS}
    data = eval(f"from_images(images, labels, {code})", names)
    assert data.input_shape == wanted
    colours = images[..., :3].transpose(0, 3, 1, 2) if order == "NHWC" else images[:, :3]
    expected = {(image / 255).astype(np.float32).tobytes() for image in colours}
    found = {image.tobytes() for split in (data.train, data.test) for image in split.images}
    assert found == expected
    line = re.search(r"np\.savez\(.*\)", str(refused.value))
    assert line
    path = tmp_path / "mine.npz"
    exec(line[0].replace("NHWC", order), {"np": np, "path": path, **names})
    assert load_npz(path).digest == load_files(path).digest == data.digest
    np.savez(tmp_path / "plain.npz", images=images, labels=LABELS)
    with pytest.raises(DataError, match="more than one axis can be"):
        load_files(tmp_path / "plain.npz")
    assert load_files(tmp_path / "plain.npz", axes=order).digest == data.digest


@pytest.mark.parametrize(("shape", "axis"), [((8, 5, 6, 2), -1), ((8, 2, 6, 5), 1)])
def test_the_advice_for_channels_of_another_number_works(shape: tuple[int, ...], axis: int) -> None:
    images = np.random.default_rng(0).uniform(0, 1, shape)
    code = "images[..., :1]" if axis < 0 else "images[:, :1]"
    order: Axes = "NHWC" if axis < 0 else "NCHW"
    for given in (None, order):
        with pytest.raises(DataError) as refused:
            from_images(images, LABELS, axes=given)
        assert code in str(refused.value)
    data = from_images(eval(code, {"images": images}), LABELS)
    assert data.input_shape == (1, *np.delete(shape[1:], 0 if axis == 1 else 2))


def test_rows_may_have_their_channels_last() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 5, 5, 3)).astype(np.uint8)
    rows, expected = pixels.reshape(8, -1), from_images(pixels, LABELS)
    assert from_images(rows, LABELS, axes="NHWC").digest == expected.digest
    assert from_images(rows, LABELS).digest != expected.digest


@pytest.mark.parametrize("axes", ["HWC", "nhwc", 3, ["NHWC", "NCHW"]])
def test_an_order_of_axes_that_there_is_not_is_refused(axes: object, tmp_path: Path) -> None:
    images = ramp(0, 51, 102, 255)
    with pytest.raises(DataError, match=r"expected the order of the axes.*axes='NHWC' if"):
        from_images(images, LABELS, axes=axes)  # type: ignore[arg-type]
    np.savez(tmp_path / "mine.npz", images=images, labels=LABELS, axes=np.array(axes))
    with pytest.raises(DataError, match="expected the order of the axes"):
        load_npz(tmp_path / "mine.npz")


@pytest.mark.parametrize("written", ["{}", " {}", "{}.0"])
def test_whole_numbers_of_ten_bits_in_a_table_are_those_of_an_array(
    written: str, tmp_path: Path
) -> None:
    values = np.array([[0, 256, 102, 51]] * 8, np.uint16)
    lines = [f"{k % 2}," + ",".join(map(written.format, row)) for k, row in enumerate(values)]
    (tmp_path / "ten.csv").write_text("\n".join(["label,a,b,c,d", *lines]))
    data = load_files(tmp_path / "ten.csv")
    expected = from_images(values.reshape(8, 2, 2), LABELS)
    assert_close(row_of(data), np.array([0, 256, 102, 51], np.float32) / 1023)
    assert row_of(data) == row_of(expected)
    assert "The values run from 0 to 256: 1,023 was taken as white." in data.notes
