from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from core.errors import DataError
from viz_app.uploads import LARGEST, read_upload


def npz(n: int = 10) -> bytes:
    file = BytesIO()
    images = np.random.default_rng(0).integers(0, 256, (n, 6, 6)).astype(np.uint8)
    np.savez_compressed(file, images=images, labels=np.arange(n) % 2)
    return file.getvalue()


def picture(
    size: tuple[int, int] = (8, 6), kind: str = "PNG", mode: str = "RGB", colour: int = 0
) -> bytes:
    file = BytesIO()
    Image.new(mode, size, colour).save(file, kind)
    return file.getvalue()


def test_an_archive_is_named_after_its_file() -> None:
    data, note = read_upload({"leaves.NPZ": npz()})
    assert (data.name, note) == ("leaves", "")
    assert len(data.train) + len(data.test) == 10


def test_images_are_named_after_their_class() -> None:
    files = {f"{kind}{k:02}.png": picture() for kind in ("Cat-", "dog ") for k in range(4)}
    data, note = read_upload(files)
    assert data.class_names == ("cat", "dog")
    assert data.input_shape == (3, 6, 8)
    assert (len(data.train), len(data.test), note) == (6, 2, "")


def test_names_of_classes_may_hold_any_letters() -> None:
    files = {"blüte_1.png": picture(), "жук_1.png": picture()}
    assert read_upload(files)[0].class_names == ("blüte", "жук")


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "RGBA"), ("PNG", "L"), ("PNG", "P"), ("JPEG", "RGB"), ("GIF", "P"), ("BMP", "RGB")],
)
def test_every_kind_of_image_becomes_rgb(kind: str, mode: str) -> None:
    files = {f"{name}-1.{kind.lower()}": picture(kind=kind, mode=mode) for name in ("a", "b")}
    assert read_upload(files)[0].input_shape == (3, 6, 8)


@pytest.mark.parametrize("sizes", [[(8, 6), (6, 8)], [(200, 200), (200, 200)]])
def test_large_or_unequal_images_are_scaled_and_that_is_said(sizes: list[tuple[int, int]]) -> None:
    data, note = read_upload({f"{'ab'[k]}-1.png": picture(size) for k, size in enumerate(sizes)})
    assert data.input_shape == (3, LARGEST, LARGEST)
    assert str(LARGEST) in note


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "no file"),
        ({"a.npz": npz(), "b.npz": npz()}, "one .npz"),
        ({"a.npz": npz(), "cat-1.png": picture()}, "not both"),
        ({"a.npz": npz()[:200]}, "npz"),
        ({"a.npz": b""}, "npz"),
        ({"cat-1.png": picture(), "1.png": picture()}, r"1\.png.*cat-01"),
        ({"cat-1.png": picture(), "cat-2.png": b"no image"}, r"cat-2\.png is no image"),
        ({"cat-1.png": picture(), "cat-2.png": picture((64, 64))[:60]}, r"cat-2\.png is no image"),
        ({"cat-1.png": picture()}, "at least 2 images"),
    ],
)
def test_what_cannot_be_used_is_refused_with_advice(files: dict[str, bytes], message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_upload(files)


def test_an_image_that_unpacks_to_gigabytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    files = {"a-1.png": picture((40, 40)), "b-1.png": picture((40, 40))}
    with pytest.raises(DataError, match=r"a-1\.png is no image"):
        read_upload(files)


def test_order_of_the_files_does_not_matter_to_their_classes() -> None:
    names = ["b-1.png", "a-1.png", "b-2.png", "a-2.png"]
    first = read_upload({name: picture() for name in names})[0]
    second = read_upload({name: picture() for name in sorted(names)})[0]
    assert first.class_names == second.class_names == ("a", "b")
