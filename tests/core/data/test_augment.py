"""Augmentation: what is done to the images, and that a run with it repeats bit for bit."""

from __future__ import annotations

from collections import Counter
from io import BytesIO

import numpy as np
import pytest

from core.data import Augment, Flip, Shift, load_dataset
from core.errors import DataError, DivergenceError, ShapeError
from core.io.checkpoint import load_checkpoint, save_checkpoint
from core.io.parts import make_augment
from core.io.text import parse_model
from core.optim import SGD
from core.training.history import History
from core.training.key_frame import pack, unpack
from core.training.trainer import Trainer

DATA = load_dataset("digits")


def trainer(text: str = "shift 2, flip", lr: float = 0.05) -> Trainer:
    model = parse_model("conv 4 k3, relu, flatten, linear 10", DATA.input_shape, rng(1))
    augment = make_augment(text, rng(3))
    return Trainer(model, SGD(model.parameters(), lr), DATA, 8, rng(2), augment=augment)


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def moved(image: np.ndarray, down: int, right: int) -> np.ndarray:
    """The image moved, number by number."""
    new = np.zeros_like(image)
    height, width = image.shape[1:]
    for c, i, j in np.ndindex(image.shape):
        if 0 <= i - down < height and 0 <= j - right < width:
            new[c, i, j] = image[c, i - down, j - right]
    return new


def by(words: str) -> tuple[int, int]:
    found = words.split()
    sizes = dict(zip(found[1::2], map(int, found[::2]), strict=True))
    down = sizes.get("down", 0) - sizes.get("up", 0)
    return down, sizes.get("right", 0) - sizes.get("left", 0)


@pytest.mark.parametrize("most", [1, 3, 20])
def test_images_are_moved_as_is_said(most: int) -> None:
    images = rng(0).random((40, 2, 5, 4))
    before = images.copy()
    changed, words = Shift(most)(images, rng(1))
    for image, new, said in zip(images, changed, words, strict=True):
        down, right = by(said)
        assert max(abs(down), abs(right)) <= most
        assert np.array_equal(new, moved(image, down, right))
    assert np.array_equal(images, before)
    assert changed.dtype == images.dtype


def test_about_every_second_image_is_mirrored() -> None:
    images = rng(0).random((400, 1, 3, 4)).astype(np.float32)
    changed, words = Flip()(images, rng(1))
    for image, new, said in zip(images, changed, words, strict=True):
        assert np.array_equal(new, image[..., ::-1] if said else image)
    assert 150 < Counter(words)["mirrored"] < 250
    assert changed.dtype == np.float32


def test_what_is_recorded_is_what_was_computed() -> None:
    trace = trainer().record_step()
    first = next(iter(trace.layers.values())).input.value
    augment = Augment([Shift(2), Flip()], rng(3))
    images, words = augment(DATA.train.images[trace.indices])
    assert np.array_equal(first, images.astype(first.dtype))
    assert trace.augmented == words
    assert not np.array_equal(first, DATA.train.images[trace.indices])


def test_the_order_of_the_samples_is_the_same_without() -> None:
    one, other = trainer(), trainer("none")
    assert all(np.array_equal(one.step().indices, other.step().indices) for _ in range(5))


def test_a_run_repeats_from_any_moment() -> None:
    history = History(trainer(), every=4)
    traces = [history.advance() for _ in range(10)]
    for k in (7, 2, 10, 5):
        again = history.goto(k)
        assert (again.loss, again.augmented) == (traces[k - 1].loss, traces[k - 1].augmented)


def test_a_key_frame_and_a_checkpoint_hold_the_generator() -> None:
    history = History(trainer(), every=2)
    for _ in range(4):
        history.advance()
    frame = unpack(pack(history.key_frame(4), "run"), "run", history.trainer)
    other = History(trainer())
    other.advance()
    other.resume(frame)
    file = BytesIO()
    save_checkpoint(history.trainer, file)
    file.seek(0)
    loaded = trainer()
    load_checkpoint(loaded, file)
    wanted = history.advance()
    assert other.advance().augmented == wanted.augmented == loaded.record_step().augmented


def test_a_step_that_fails_draws_again() -> None:
    tried, wanted = trainer(lr=1e300), trainer()
    while tried.iteration == wanted.iteration:
        try:
            tried.step()
        except DivergenceError:
            break
        wanted.step()
    assert tried.iteration == wanted.iteration
    assert tried.augment is not None
    assert wanted.augment is not None
    # Both draw the same next.
    images = DATA.train.images[:8]
    assert tried.augment(images)[1] == wanted.augment(images)[1]


def test_what_cannot_be_augmented_is_refused() -> None:
    with pytest.raises(DataError, match="most is 0"):
        Shift(0)
    with pytest.raises(ShapeError, match=r"augmentation needs images \(N, C, H, W\)"):
        Augment([Flip()], rng(0))(np.zeros((3, 4)))
    with pytest.raises(TypeError, match=r"augment is .*; expected an Augment"):
        Trainer(trainer().model, trainer().optimizer, DATA, 8, augment=Flip())  # type: ignore[arg-type]
