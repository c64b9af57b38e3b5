"""Somebody's files: how they are chosen, and what is asked before they are trained on."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, ViewportSize, expect

from tests.browser.access.axe import faults
from tests.browser.conftest import Open
from tests.browser.dashboard import Dashboard, eventually, expect_no_change, settled
from tests.browser.files import own_data, train_on_these, upload
from tests.viz_app.viewers import viewer_of

pytestmark = pytest.mark.browser

PHONE = ViewportSize(width=390, height=844)
# Red, green and blue of all pixels of a picture that is shown, row by row.
READ = """canvas => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return [...data].filter((_, k) => k % 4 < 3);
}"""
DROP = """(zone, names) => {
    const transfer = new DataTransfer();
    for (const name of names) {
        const picture = Uint8Array.from(window.picture);
        transfer.items.add(new File([picture], name, { type: "image/png" }));
    }
    zone.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer }));
}"""


def dialog_of(dashboard: Dashboard) -> Locator:
    return dashboard.page.get_by_role("dialog")


def choose(dashboard: Dashboard, paths: list[Path] | Path, field: str = "Your data") -> Locator:
    """Choose files; return the dialog that says what is found in them."""
    dashboard.field("Your data")
    dashboard.page.get_by_label(field, exact=True).set_input_files(paths)
    dialog = dialog_of(dashboard)
    expect(dialog).to_be_visible()
    return dialog


def classes(dialog: Locator) -> list[str]:
    """The names of the classes, and how many images they have, as they stand there."""
    rows = dialog.get_by_role("listitem").filter(has=dialog.page.get_by_role("textbox"))
    return [
        f"{row.get_by_role('textbox').input_value()} {row.locator('.images').inner_text()}"
        for row in rows.all()
    ]


def pictures(folder: Path, *names: str) -> list[Path]:
    made = []
    for k, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 8, 3), 20 * k % 256, np.uint8)).save(path)
        made.append(path)
    return made


def test_names_in_any_script_are_whole(dashboard: Dashboard, tmp_path: Path) -> None:
    wanted = ["किताब", "कुत्ता", "หมี", "หมู", "red_apple", "red_car", "brown bear"]
    names = (*(f"{name}-01.png" for name in wanted), "t-shirt.png", "t-rex.png", "3_0012.png")
    found = classes(choose(dashboard, pictures(tmp_path, *names)))
    assert sorted(found) == sorted(f"{name} 1" for name in [*wanted, "t-shirt", "t-rex", "3"])


def test_a_folder_for_each_class_is_taken(dashboard: Dashboard, tmp_path: Path) -> None:
    root = tmp_path / "pets"
    pictures(root, *(f"{kind}/IMG_{k}.png" for kind in ("cat", "dog") for k in range(3)))
    (root / "notes.txt").write_text("mine")
    (root / ".DS_Store").write_text("of a system")
    dialog = choose(dashboard, root, "Folder of your data")
    assert classes(dialog) == ["cat 3", "dog 3"]
    expect(dialog.get_by_label("Notes").get_by_role("listitem")).to_contain_text(
        ["What is no image was left out: pets/notes.txt."]
    )
    expect(dialog.get_by_role("status")).to_have_text(
        "2 classes: 4 images to train on and 2 to test on."
    )
    train_on_these(dashboard)
    expect(dashboard.field("Data set").locator("option:checked")).to_have_text("pets (yours)")


def test_what_is_no_picture_among_several_is_left_out_and_said(
    dashboard: Dashboard, tmp_path: Path
) -> None:
    names = [f"{kind}-{k}.png" for kind in ("cat", "dog") for k in range(3)]
    paths = pictures(tmp_path, *names)
    for name in ("notes.txt", "Thumbs.db", ".DS_Store", "desktop.ini"):
        (tmp_path / name).write_text("about them")
        paths.append(tmp_path / name)
    dialog = choose(dashboard, paths)
    assert classes(dialog) == ["cat 3", "dog 3"]
    notes = dialog.get_by_label("Notes").get_by_role("listitem")
    expect(notes.first).to_have_text("What is no image was left out: notes.txt.")
    dashboard.page.keyboard.press("Escape")
    # Data among them may be what was meant.
    dashboard.field("Your data").set_input_files([*paths, own_data(tmp_path)])
    expect(dashboard.alert).to_contain_text("Choose either data, such as one .npz file, or images")
    expect(dialog).to_have_count(0)


def test_files_can_be_dropped(dashboard: Dashboard, tmp_path: Path) -> None:
    (path,) = pictures(tmp_path, "any.png")
    dashboard.field("Your data")
    dashboard.page.evaluate("bytes => { window.picture = bytes; }", list(path.read_bytes()))
    dashboard.page.locator(".zone").evaluate(DROP, ["a-1.png", "a-2.png", "b-1.png"])
    expect(dialog_of(dashboard)).to_be_visible()
    assert classes(dialog_of(dashboard)) == ["a 2", "b 1"]


def test_classes_can_be_renamed_merged_and_left_out(dashboard: Dashboard, tmp_path: Path) -> None:
    names = [f"{kind}-{k}.png" for kind in ("cat", "kitten", "dog", "newt") for k in range(3)]
    dialog = choose(dashboard, pictures(tmp_path, *names))
    assert classes(dialog) == ["cat 3", "dog 3", "kitten 3", "newt 3"]
    dialog.get_by_role("textbox", name="kitten").fill("cat")
    dialog.get_by_role("textbox", name="dog").fill("hound")
    dialog.get_by_role("checkbox", name="newt").uncheck()
    outcome = dialog.get_by_role("status")
    expect(outcome).to_have_text("2 classes: 7 images to train on and 2 to test on.")
    dialog.get_by_role("textbox", name="dog").fill("cat")
    expect(outcome).to_have_text("At least two classes of different names are needed.")
    train = dialog.get_by_role("button", name="Train on these")
    expect(train).to_be_disabled()
    # A class without a name keeps its own.
    dialog.get_by_role("textbox", name="dog").fill(" ")
    expect(outcome).to_have_text("2 classes: 7 images to train on and 2 to test on.")
    dialog.get_by_role("textbox", name="dog").blur()
    expect(dialog.get_by_role("textbox", name="dog")).to_have_value("dog")
    dialog.get_by_role("textbox", name="dog").fill("hound")
    dialog.get_by_role("textbox", name="dog").press("Enter")
    expect(dialog).to_have_count(0)
    dashboard.wait_for_iteration(1)
    expect(dashboard.strip).to_contain_text("hound")


def test_what_is_said_of_the_classes_follows_their_names(
    dashboard: Dashboard, tmp_path: Path
) -> None:
    names = ["cat-1.png", "cat-2.png", "cat-3.png", "kitten-1.png", "dog-1.png", "dog-2.png"]
    dialog = choose(dashboard, pictures(tmp_path, *names))
    notes = dialog.get_by_label("Notes").get_by_role("listitem")
    expect(notes).to_contain_text(["'kitten' has no image to test on"])
    dialog.get_by_role("textbox", name="kitten").fill("cat")
    expect(notes).to_have_count(0)
    expect(dialog.get_by_role("status")).to_have_text(
        "2 classes: 4 images to train on and 2 to test on."
    )
    dialog.get_by_role("textbox", name="kitten").fill("Cat")
    expect(notes).to_contain_text(["differ only in large and small letters", "'Cat' has no image"])


def test_pictures_without_colour_have_one_channel(dashboard: Dashboard, tmp_path: Path) -> None:
    for k in range(4):
        grey = Image.fromarray(np.full((8, 8), 60 * k, np.uint8), mode="L")
        grey.save(tmp_path / f"{'ab'[k % 2]}-{k}.png")
    dialog = choose(dashboard, sorted(tmp_path.iterdir()))
    expect(dialog).to_contain_text("4 images of 8×8 pixels, grey.")
    train_on_these(dashboard)
    expect(dashboard.strip.get_by_role("img", name="image", exact=False)).to_have_accessible_name(
        re.compile(r", 8×8$")
    )


def test_nothing_changes_until_it_is_answered_and_keys_do_it(
    dashboard: Dashboard, tmp_path: Path
) -> None:
    dashboard.step()
    status = dashboard.told()
    dialog = choose(dashboard, own_data(tmp_path))
    expect(dialog).to_contain_text("80 images of 8×8 pixels, grey.")
    expect(dialog).to_contain_text("2 classes: 64 images to train on and 16 to test on.")
    expect(dashboard.status).to_have_text(status)
    dashboard.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect_no_change(dashboard.page, dashboard.told)
    expect(dashboard.status).to_have_text(status)
    choose(dashboard, own_data(tmp_path))
    expect(dialog.get_by_role("button", name="Train on these")).to_be_focused()
    dashboard.page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    dashboard.wait_for_iteration(1)


def test_data_can_be_removed(dashboard: Dashboard, tmp_path: Path) -> None:
    before = dashboard.told()
    upload(dashboard, own_data(tmp_path), "halves (yours)")
    dashboard.page.get_by_role("button", name="Remove halves").click()
    expect(dashboard.field("Data set").locator("option:checked")).to_have_text("Digits 8×8")
    expect(dashboard.status).to_have_text(before)
    expect(dashboard.field("Data set").locator("option", has_text="yours")).to_have_count(0)
    expect(dashboard.page.get_by_role("button", name="Remove halves")).to_have_count(0)


def idx(array: NDArray[np.uint8]) -> bytes:
    head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return head + array.tobytes()


def test_files_of_mnist_without_an_ending_are_read(dashboard: Dashboard, tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (20, 8, 8)).astype(np.uint8)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx(images))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(np.arange(20, dtype=np.uint8) % 2))
    dialog = choose(dashboard, sorted(tmp_path.iterdir()))
    assert classes(dialog) == ["0 10", "1 10"]


def test_a_pickle_gets_advice(dashboard: Dashboard, tmp_path: Path) -> None:
    (tmp_path / "data_batch_1").write_bytes(b"\x80\x02}q\x00.")
    dashboard.field("Your data").set_input_files(tmp_path / "data_batch_1")
    expect(dashboard.alert).to_contain_text("data_batch_1 is a pickle, which could run anything")


def test_lines_of_python_that_are_said_stand_below_each_other(
    dashboard: Dashboard, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "net.pt", "w") as archive:
        archive.writestr("net/data.pkl", b"\x80\x02}q\x00.")
    dashboard.field("Your data").set_input_files(tmp_path / "net.pt")
    expect(dashboard.alert).to_contain_text("written by torch.save")
    lines = dashboard.alert.inner_text().split("\n")
    assert 'state = torch.load("net.pt", map_location="cpu", weights_only=True)' in lines


def test_a_class_that_is_only_tested_can_be_mixed_in(dashboard: Dashboard, tmp_path: Path) -> None:
    images, labels = np.zeros((12, 8, 8), np.uint8), np.array([0, 1] * 4 + [2] * 4)
    np.savez(tmp_path / "a.npz", x_train=images[:8], y_train=labels[:8], x_test=images[8:],
             y_test=labels[8:])  # fmt: skip
    dialog = choose(dashboard, tmp_path / "a.npz")
    expect(dialog.get_by_label("Notes")).to_contain_text("'2' has no image to train on")
    dialog.get_by_role("textbox", name="class 1").fill("zero")
    dialog.get_by_role("button", name="Mix and split anew").click()
    expect(dialog.get_by_label("Notes").get_by_role("listitem")).to_contain_text(
        ["All images were mixed and split anew."]
    )
    # What was typed stays.
    eventually(dashboard.page, lambda: classes(dialog), ["zero 4", "1 4", "2 4"].__eq__, "classes")
    train_on_these(dashboard)


def test_it_is_usable_on_a_phone_and_by_a_screen_reader(
    open_dashboard: Open, tmp_path: Path
) -> None:
    dashboard = open_dashboard(viewport=PHONE, has_touch=True)
    names = [f"{kind}-{k}.png" for kind in "abcdefghijkl" for k in range(2)]
    dialog = choose(dashboard, pictures(tmp_path, *names))
    box = settled(dashboard.page, dialog.bounding_box)
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    assert box["y"] + box["height"] <= PHONE["height"]
    train = dialog.get_by_role("button", name="Train on these")
    expect(train).to_be_in_viewport()
    dialog.get_by_role("textbox", name="class 12").scroll_into_view_if_needed()
    expect(dialog.get_by_role("textbox", name="class 12")).to_be_in_viewport()
    assert faults(dashboard.page) == []


# Pictures


def turned(path: Path) -> None:
    pixels = np.zeros((8, 16, 3), np.uint8)
    pixels[:, :8, 0], pixels[:, 8:, 2] = 255, 255
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(pixels).save(path, quality=100, subsampling=0, exif=exif)


def deep(path: Path) -> None:
    Image.fromarray(np.full((8, 8), 51 * 257, np.uint16)).save(path)


def few_colours(path: Path) -> None:
    picture = Image.new("P", (8, 8), 1)
    picture.putpalette([0, 0, 0, 0, 204, 0])
    picture.paste(0, (0, 0, 4, 8))
    picture.save(path, transparency=0)


def for_print(path: Path) -> None:
    Image.new("CMYK", (8, 8), (0, 0, 0, 204)).save(path, quality=100)


def moving(path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ((255, 0, 0), (0, 0, 255))]
    frames[0].save(path, save_all=True, append_images=frames[1:])


def drawn(path: Path) -> None:
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><script>alert(1)</script>'
        '<rect width="2" height="1" fill="#f00"/></svg>'
    )


def huge(path: Path) -> None:
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="200000" height="100000">'
        '<rect width="200000" height="50000" fill="#f00"/></svg>'
    )


RED, GREEN, BLUE, WHITE = [255, 0, 0], [0, 204, 0], [0, 0, 255], [255, 255, 255]


@pytest.mark.parametrize(
    ("make", "ending", "size", "first", "last"),
    [
        (turned, "jpg", "16×8", RED, BLUE),
        (deep, "png", "8×8", [51] * 3, [51] * 3),
        (few_colours, "png", "8×8", WHITE, GREEN),
        (for_print, "jpg", "8×8", [51] * 3, [51] * 3),
        (moving, "gif", "8×8", RED, RED),
        (drawn, "svg", "32×32", RED, WHITE),
        (huge, "svg", "32×32", RED, WHITE),
    ],
)
def test_pictures_are_seen_as_they_are_meant(
    dashboard: Dashboard,
    tmp_path: Path,
    make: Callable[[Path], None],
    ending: str,
    size: str,
    first: list[int],
    last: list[int],
) -> None:
    paths = [tmp_path / f"{name}-{k}.{ending}" for name in "ab" for k in range(2)]
    for path in paths:
        make(path)
    dialog = choose(dashboard, paths)
    kind = "grey" if len({*first, *last}) == 1 else "coloured"
    expect(dialog).to_contain_text(f"4 images of {size} pixels, {kind}.")
    pixels = dialog.locator("canvas").first.evaluate(READ)
    # Those of a JPEG are not exact, nor how inks are turned into light.
    assert np.abs(np.array([pixels[:3], pixels[-3:]]) - np.array([first, last])).max() <= 6


def test_the_network_is_asked_about_a_single_picture(dashboard: Dashboard, tmp_path: Path) -> None:
    (path,) = pictures(tmp_path, "cat-1.png")
    dashboard.field("Your data").set_input_files(path)
    expect(dashboard.page.get_by_role("region", name="Probe", exact=True)).to_be_visible()
    viewer = viewer_of()
    viewer.probe_picture(np.full((8, 8, 4), (0, 0, 0, 255), np.uint8), path.name)
    expect(dashboard.status).to_have_text(viewer.status)
    expect(dialog_of(dashboard)).to_have_count(0)


def test_long_files_show_how_far_reading_is_and_can_be_stopped(
    dashboard: Dashboard, tmp_path: Path
) -> None:
    # Floats are read slowly enough to be seen, on a fast machine too.
    values = ",".join(f"{value:.6f}" for value in np.random.default_rng(0).random(784))
    path = tmp_path / "mnist.csv"
    path.write_text("\n".join(f"{k % 2},{values}" for k in range(6000)))
    page = dashboard.page
    dashboard.field("Your data").set_input_files(path)
    stop = page.get_by_role("button", name="Stop reading")
    expect(page.get_by_text(re.compile(r"Reading mnist\.csv: \d+%"))).to_be_visible()
    stop.click()
    expect(stop).to_be_hidden()
    expect_no_change(page, dialog_of(dashboard).count)
    expect(dialog_of(dashboard)).to_have_count(0)
    dialog = choose(dashboard, path)
    expect(dialog).to_contain_text("6,000 images of 28×28 pixels, grey")
    expect(stop).to_be_hidden()
