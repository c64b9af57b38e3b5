from __future__ import annotations

from base64 import b64encode
from io import BytesIO

import numpy as np
import pytest
from panel.models.esm import DataEvent

from core.errors import DataError
from tests.rounding import assert_close
from tests.viz_app.viewers import viewer_of
from viz_app.components.files.upload import Upload
from viz_app.controls.tools import Tools
from viz_app.run.own_data import LARGEST, MAX_BYTES, ChosenFile, read_upload

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


def test_an_archive_is_named_after_its_file() -> None:
    data, note = read_upload(*together([npz("leaves.NPZ")]))
    assert (data.name, note) == ("leaves", "")
    assert len(data.train) + len(data.test) == 10


def test_images_are_named_after_their_class() -> None:
    files = [picture(f"{kind}{k:02}.png") for kind in ("Cat-", "dog ") for k in range(4)]
    data, note = read_upload(*together(files))
    assert data.class_names == ("cat", "dog")
    assert data.input_shape == (3, 6, 8)
    assert (len(data.train), len(data.test), note) == (6, 2, "")


def test_names_of_classes_may_hold_any_letters() -> None:
    files = [picture("blüte_1.png"), picture("жук_1.png")]
    assert read_upload(*together(files))[0].class_names == ("blüte", "жук")


def test_every_image_keeps_its_own_pixels() -> None:
    files = [picture(f"{'ab'[k % 2]}-{k}.png", colour=10 * k) for k in range(6)]
    data, _ = read_upload(*together(files))
    for split in (data.train, data.test):
        for image, label in zip(split.images, split.labels, strict=True):
            red = np.rint(image[0] * 255).astype(int)
            assert (red == red[0, 0]).all()
            assert red[0, 0] // 10 % 2 == label
            assert_close(image[1:] * 255, np.array([[[2] * 8] * 6, [[3] * 8] * 6]))


def test_scaling_is_said() -> None:
    side = (LARGEST, LARGEST)
    files = [picture(f"{kind}-1.png", side, scaled=True) for kind in "ab"]
    data, note = read_upload(*together(files))
    assert data.input_shape == (3, LARGEST, LARGEST)
    assert str(LARGEST) in note


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
        ([picture("cat-1.png")], "at least 2 images"),
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
    first = read_upload(*together([picture(name) for name in names]))[0]
    second = read_upload(*together([picture(name) for name in sorted(names)]))[0]
    assert first.class_names == second.class_names == ("a", "b")


# The component


def send(upload: Upload, files: list[File], part: int = 100) -> None:
    told, content = together(files)
    for at in range(0, len(content), part):
        encoded = b64encode(content[at : at + part]).decode()
        upload._process_event(DataEvent(None, {"part": encoded}))
    upload._process_event(DataEvent(None, {"files": [vars(file) for file in told]}))


def test_parts_are_put_together_and_each_choice_begins_anew() -> None:
    received: list[tuple[object, bytes]] = []
    upload = Upload(lambda files, content: received.append((files, content)))
    for k in range(2):
        chosen = [picture(f"cat-{k}.png", colour=k), picture("dog-1.png")]
        send(upload, chosen)
        assert received[k] == together(chosen)


def test_an_endless_page_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viz_app.components.files.upload.MAX_BYTES", 250)
    received: list[bytes] = []
    upload = Upload(lambda files, content: received.append(content))
    send(upload, [picture("cat-1.png", (100, 100))])
    assert len(received[0]) <= 250 + 100


def test_own_data_are_trained_on() -> None:
    viewer = viewer_of()
    send(Tools(viewer, viewer.use_data, viewer.use_weights).upload, [npz("leaves.npz")])
    assert (viewer.run.data.name, viewer.trace.iteration, viewer.message) == ("leaves", 1, "")


def test_refused_data_change_nothing_and_the_reason_stays() -> None:
    viewer = viewer_of()
    tools = Tools(viewer, viewer.use_data, viewer.use_weights)
    viewer.step()
    run = viewer.run
    before = (run.data, viewer.trace, run.history, run.own)
    send(tools.upload, [picture("cat-1.png"), broken("cat-2.png")])
    assert viewer.message.startswith("The file cat-2.png is no image")
    assert (run.data, viewer.trace, run.history, run.own) == before
