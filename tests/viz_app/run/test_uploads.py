from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest

from core.data import DataSet
from core.data.collection import Collection
from core.errors import DataError
from tests.rounding import assert_close
from viz_app.run.anew.uploads import LARGEST, MAX_BYTES, ChosenFile, Picture, read_upload

# A file as the browser tells of it, and its bytes.
File = tuple[ChosenFile, bytes]


def npz(name: str = "a.npz", n: int = 10, keep: int | None = None) -> File:
    file = BytesIO()
    images = np.random.default_rng(0).integers(0, 256, (n, 6, 6)).astype(np.uint8)
    np.savez_compressed(file, images=images, labels=np.arange(n) % 2)
    content = file.getvalue()[:keep]
    return ChosenFile(name, len(content)), content


def picture(
    name: str, size: tuple[int, int] = (8, 6), colour: int = 0, scaled: bool = False
) -> File:
    width, height = size
    content = bytes([colour, 2, 3, 255]) * (width * height)
    return ChosenFile(name, len(content), width, height, scaled), content


def broken(name: str) -> File:
    return ChosenFile(name, 0, broken=True), b""


def together(files: list[File]) -> tuple[list[ChosenFile], bytes]:
    return [file for file, _ in files], b"".join(content for _, content in files)


def found_in(files: list[File]) -> Collection:
    found = read_upload(*together(files))
    assert isinstance(found, Collection)
    return found


def data_of(files: list[File]) -> DataSet:
    return found_in(files).data_set()


def test_an_archive_is_named_after_its_file() -> None:
    data = data_of([npz("leaves.NPZ")])
    assert (data.name, data.notes) == ("leaves", ())
    assert len(data.train) + len(data.test) == 10


def test_images_are_named_after_their_class() -> None:
    files = [picture(f"{kind}{k:02}.png") for kind in ("Cat-", "dog ") for k in range(4)]
    data = data_of(files)
    assert data.class_names == ("Cat", "dog")
    assert data.input_shape == (3, 6, 8)
    assert (len(data.train), len(data.test), data.notes) == (6, 2, ())


def test_names_of_classes_may_hold_any_letters() -> None:
    files = [picture("blüte_1.png"), picture("жук_1.png")]
    assert data_of(files).class_names == ("blüte", "жук")


def test_every_image_keeps_its_own_pixels() -> None:
    files = [picture(f"{'ab'[k % 2]}-{k}.png", colour=10 * k) for k in range(6)]
    data = data_of(files)
    for split in (data.train, data.test):
        for image, label in zip(split.images, split.labels, strict=True):
            red = np.rint(image[0] * 255).astype(int)
            assert (red == red[0, 0]).all()
            assert red[0, 0] // 10 % 2 == label
            assert_close(image[1:] * 255, np.array([[[2] * 8] * 6, [[3] * 8] * 6]))


def test_scaling_is_said() -> None:
    side = (LARGEST, LARGEST)
    files = [picture(f"{kind}-1.png", side, scaled=True) for kind in "ab"]
    data = data_of(files)
    assert data.input_shape == (3, LARGEST, LARGEST)
    assert str(LARGEST) in data.notes[0]


def test_each_folder_is_a_class_and_says_what_is_tested_on() -> None:
    names = [f"pets/{use}/{kind}/{k}.png" for use in ("train", "test") for kind in ("cat", "dog")
             for k in range(3)]  # fmt: skip
    over = ChosenFile("pets/read.me", 0, passed_over=True), b""
    found = found_in([*map(picture, names), over])
    assert (found.name, found.class_names, found.n_train) == ("pets", ("cat", "dog"), 6)
    assert found.notes == ("What is no image was left out: pets/read.me.",)


def test_pictures_that_are_all_grey_have_one_channel() -> None:
    def grey(name: str, value: int, opacity: int = 255) -> File:
        pixels = np.full((6, 5, 4), value, np.uint8)
        pixels[..., 3] = opacity
        return ChosenFile(name, pixels.nbytes, 5, 6), pixels.tobytes()

    files = [grey("a-1.png", 0), grey("a-2.png", 51), grey("b-1.png", 102), grey("b-2.png", 255)]
    found = found_in(files)
    assert found.images.shape == (4, 1, 6, 5)
    assert sorted(np.rint(found.images[:, 0, 0, 0] * 255).tolist()) == [0, 51, 102, 255]
    # A single one with colours makes channels of all.
    assert found_in([*files, picture("b-3.png", (5, 6))]).images.shape[1] == 3
    # And what is transparent is laid on white first.
    clear = found_in([*files[:3], grey("b-2.png", 255, opacity=0)])
    assert clear.images.shape[1] == 3


@pytest.mark.parametrize("height", [1, 3, 4])
@pytest.mark.parametrize("folder", ["", "pets/{}/"])
def test_pictures_as_high_as_there_are_channels_keep_their_colours(
    height: int, folder: str
) -> None:
    uses = ["train", "test"]
    files = [
        picture(f"{folder.format(use)}{kind}-{use}.png", (4, height), colour=51)
        for use in uses
        for kind in "ab"
    ]
    found = found_in(files)
    assert found.images.shape == (4, 3, height, 4)
    assert_close(found.images * 255, np.resize([51, 2, 3], (4, 4, height, 3)).transpose(0, 3, 2, 1))


def test_a_single_picture_is_a_question() -> None:
    found = read_upload(*together([picture("cat-1.png", (3, 2), 7)]))
    assert isinstance(found, Picture)
    assert (found.name, found.pixels.shape) == ("cat-1.png", (2, 3, 4))
    assert found.pixels[0, 0].tolist() == [7, 2, 3, 255]


def test_large_images_of_a_small_file_are_scaled() -> None:
    file = BytesIO()
    np.savez_compressed(file, images=np.zeros((10, 1024, 1024), np.uint8), labels=np.arange(10) % 2)
    content = file.getvalue()
    assert len(content) < 20_000
    found = found_in([(ChosenFile("black.npz", len(content)), content)])
    assert found.images.shape == (10, 1, LARGEST, LARGEST)
    assert "scaled from 1024×1024 to 32×32" in found.notes[0]


def test_what_unpacks_to_too_much_is_refused() -> None:
    file = BytesIO()
    np.savez_compressed(file, images=np.zeros((101, 1000, 1000), np.uint8), labels=np.zeros(101))
    content = file.getvalue()
    with pytest.raises(
        DataError, match=r"take 101,.* bytes unpacked, expected at most 100,000,000"
    ):
        read_upload([ChosenFile("black.npz", len(content))], content)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ([], "no file"),
        ([npz("a.npz"), npz("b.npz")], "one .npz"),
        ([npz("a.npz"), picture("cat-1.png")], "not both"),
        ([npz(keep=200)], "npz"),
        ([npz(keep=0)], "npz"),
        ([broken("a.npz")], r"a\.npz cannot be read"),
        ([picture("cat-1.png"), picture("1.png")], r"1\.png.*cat-01"),
        ([picture("cat-1.png"), broken("cat-2.png")], r"cat-2\.png is no image.*save it as PNG"),
        ([broken("cat-2.png")], r"cat-2\.png is no image"),
        (
            [picture("cat-1.png"), picture("cat-2.png")],
            "2 images are all of the class 'cat'.*add some",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_advice(files: list[File], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_upload(*together(files))


@pytest.mark.parametrize("names", [["a.npz"], ["cat-1.png", "dog-1.png"]])
def test_too_much_is_refused_by_its_size_alone(names: list[str]) -> None:
    files = [ChosenFile(name, MAX_BYTES // len(names) + 1) for name in names]
    with pytest.raises(DataError, match=r"take 50\.0 MB, expected at most 50 MB in all; choose"):
        read_upload(files, b"")


@pytest.mark.parametrize("files", [[npz()], [picture("cat-1.png"), picture("dog-1.png")]])
def test_what_has_not_arrived_whole_is_refused(files: list[File]) -> None:
    told, content = together(files)
    with pytest.raises(DataError, match="arrived; choose them again"):
        read_upload(told, content[:-1])


def test_order_of_the_files_does_not_matter_to_their_classes() -> None:
    names = ["b-1.png", "a-1.png", "b-2.png", "a-2.png"]
    first = data_of([picture(name) for name in names])
    second = data_of([picture(name) for name in sorted(names)])
    assert first.class_names == second.class_names == ("a", "b")
