"""Files that a visitor brings along, and the one that they take away."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from core.data import DataSet, from_images
from core.io.state.file import read_state
from core.io.state.optimizer import optimizer_entries
from core.io.weights import state_dict
from core.tensor import Array
from tests.browser.dashboard import Dashboard
from tests.rounding import assert_all_close, largest
from viz_app.viewer import Viewer

# Kinds of pictures that lose nothing, by the end of the name, with the modes that each can have.
LOSSLESS = {"png": ("RGB", "L", "P", "RGBA"), "gif": ("P",), "bmp": ("RGB",), "webp": ("RGB",)}


def own_data(folder: Path, n_test: int = 16, padding: int = 0) -> Path:
    """Write two classes that a network can tell apart, and `padding` bytes that nobody reads."""
    n = 64 + n_test
    labels = np.arange(n, dtype=np.uint8) % 2
    images = np.zeros((n, 8, 8), np.uint8)
    images[labels == 0, :4] = 200
    images[labels == 1, 4:] = 250
    path = folder / "halves.npz"
    noise = np.random.default_rng(0).integers(0, 256, padding, np.uint8)
    np.savez_compressed(
        path, images=images, labels=labels, class_names=np.array(["above", "below"]), n_train=64,
        notes=noise,
    )  # fmt: skip
    return path


def own_pictures(folder: Path) -> tuple[list[Path], DataSet]:
    """Write pictures of all lossless kinds; return them, and the data set that they make."""
    rng = np.random.default_rng(0)
    paths, images = list[Path](), []
    for kind, modes in LOSSLESS.items():
        for mode in modes:
            for name in ("cat", "dog"):
                picture = Image.fromarray(rng.integers(0, 256, (12, 16, 3), np.uint8))
                picture = picture.convert(mode)
                path = folder / f"{name}-{len(paths):02}.{kind}"
                picture.save(path, lossless=True)
                paths.append(path)
                images.append(np.asarray(picture.convert("RGB")))
    # The page puts them in the order of their names.
    order = sorted(range(len(paths)), key=lambda k: paths[k].name)
    paths, images = [paths[k] for k in order], [images[k] for k in order]
    return paths, from_images(images, [path.name[:3] for path in paths])


def upload(dashboard: Dashboard, files: Path | Sequence[Path], title: str) -> None:
    """Choose files, say that they are to be trained on, and wait until they are."""
    dashboard.field("Your data").set_input_files(files)
    train_on_these(dashboard)
    chosen = dashboard.field("Data set").locator("option:checked")
    expect(chosen).to_have_text(title)
    dashboard.wait_for_iteration(1)


def train_on_these(dashboard: Dashboard) -> None:
    """Answer what was found in some files."""
    dialog = dashboard.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Train on these").click()
    expect(dialog).to_have_count(0)


def save_weights(dashboard: Dashboard) -> tuple[str, dict[str, Array]]:
    """Press the button; return name and content of the file that was saved."""
    with dashboard.page.expect_download() as waiting:
        dashboard.press("Save weights")
    expect(dashboard.alert).to_contain_text(f"Saved as {waiting.value.suggested_filename}, ")
    return waiting.value.suggested_filename, read_state(waiting.value.path())


def expect_saved_weights(dashboard: Dashboard, viewer: Viewer, file_name: str) -> None:
    """Save weights, and compare them with those of the same run in Python."""
    file, found = save_weights(dashboard)
    assert file == file_name
    trainer = viewer.run.history.trainer
    wanted = state_dict(trainer.model) | optimizer_entries(trainer.optimizer, trainer.model)
    assert list(found) == list(wanted)
    # Some start at zero, and take steps of the size of the others.
    assert_all_close(found, wanted, magnitude=largest(*wanted.values()))
