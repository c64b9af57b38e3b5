"""From files to a run: what is found is asked about, and what is refused changes nothing."""

from __future__ import annotations

import random
from base64 import b64encode
from collections.abc import Callable
from io import BytesIO
from math import inf
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from panel.models.esm import DataEvent

from core.training.trainer import Trainer
from tests.core.data.test_mutated import mutated
from tests.viz_app.run.test_uploads import File, broken, npz, picture, together
from tests.viz_app.viewers import numbers, own_data, same, viewer_of
from viz_app.components.files.upload import Upload
from viz_app.controls.settings.fields import SettingsFields
from viz_app.controls.settings.own_data import OwnData
from viz_app.run.anew.uploads import ChosenFile
from viz_app.run.cost import Limits
from viz_app.run.presets import PRESETS
from viz_app.run.run import Run
from viz_app.viewer import Viewer

PETS = [picture(f"{name}-{k}.png", colour=40 * k) for name in ("cat", "dog", "kitten")
        for k in range(4)]  # fmt: skip


def say(upload: Upload, **message: object) -> None:
    upload._process_event(DataEvent(None, message))


def send(upload: Upload, files: list[File], part: int = 100, **more: object) -> None:
    told, content = together(files)
    for at in range(0, len(content), part):
        say(upload, part=b64encode(content[at : at + part]).decode())
    say(upload, files=[vars(file) for file in told], **more)


@pytest.fixture
def viewer() -> Viewer:
    return viewer_of()


@pytest.fixture
def own(viewer: Viewer, monkeypatch: pytest.MonkeyPatch) -> OwnData:
    monkeypatch.setattr("viz_app.controls.settings.own_data.SLICE", inf)
    return OwnData(viewer, viewer.use_data)


# The component


def test_parts_are_put_together_and_each_choice_begins_anew() -> None:
    received: list[tuple[object, bytes]] = []
    upload = Upload(lambda files, content, _: received.append((files, content)), lambda *_: None)
    for k in range(2):
        chosen = [picture(f"cat-{k}.png", colour=k), picture("dog-1.png")]
        send(upload, chosen)
        assert received[k] == together(chosen)


def test_an_endless_page_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viz_app.components.files.upload.MAX_BYTES", 250)
    received: list[bytes] = []
    upload = Upload(lambda _, content, __: received.append(content), lambda *_: None)
    send(upload, [picture("cat-1.png", (100, 100))])
    assert len(received[0]) <= 250 + 100


# What was found


def test_what_was_found_is_shown_before_it_is_trained_on(viewer: Viewer, own: OwnData) -> None:
    trace = viewer.trace
    send(own.upload, PETS)
    assert viewer.trace is trace
    found = own.upload.found
    assert [(c["name"], c["train"] + c["test"]) for c in found["classes"]] == [
        ("cat", 4), ("dog", 4), ("kitten", 4),
    ]  # fmt: skip
    assert found["about"] == "12 images of 6×8 pixels, coloured."
    assert found["outcome"]["text"] == "3 classes: 9 images to train on and 3 to test on."
    assert len(found["classes"][0]["pictures"]) == 4 * 3 * 3 * 48 // 3
    say(own.upload, train={"names": ["cat", "dog", "cat"], "mixed": False})
    assert (viewer.run.data.class_names, viewer.message) == (("cat", "dog"), "")
    assert (viewer.run.data.name, viewer.trace.iteration) == ("your images", 1)
    assert (own.upload.found, own.upload.taken, own.upload.own) == ({}, 1, "your images")


def test_a_choice_can_be_left(viewer: Viewer, own: OwnData) -> None:
    run = viewer.run.data
    send(own.upload, PETS)
    say(own.upload, cancel=True)
    assert own.upload.found == {}
    say(own.upload, train={"names": ["cat", "dog", "kitten"], "mixed": False})
    assert (viewer.run.data, viewer.run.own) == (run, None)


def table(n: int = 3000) -> File:
    rows = np.random.default_rng(0).integers(0, 256, (n, 785))
    rows[:, 0] = np.arange(n) % 2
    content = "\n".join(",".join(map(str, row)) for row in rows.tolist()).encode()
    return ChosenFile("mnist.csv", len(content)), content


def test_long_files_are_read_step_by_step(
    viewer: Viewer, own: OwnData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viz_app.controls.settings.own_data.SLICE", 0)
    send(own.upload, [table()], part=10**7)
    said = list[str]()
    while own.upload.reading:
        assert own.upload.found == {}
        said.append(own.upload.reading)
        own.read_on()
    assert len([one for one in said if one.startswith("Reading mnist.csv: ")]) > 10
    assert said[-1].startswith("Converting the images: ")
    assert own.upload.found["about"].startswith("3,000 images of 28×28 pixels, grey.")


def test_reading_can_be_stopped(
    viewer: Viewer, own: OwnData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viz_app.controls.settings.own_data.SLICE", 0)
    recipe = viewer.run.recipe
    send(own.upload, [table()], part=10**7)
    say(own.upload, stop=True)
    assert own.upload.reading == ""
    own.read_on()
    assert (own.upload.found, own.upload.reading) == ({}, "")
    assert viewer.run.recipe is recipe
    # Another choice takes the place of one that is still read.
    send(own.upload, [table()], part=10**7)
    monkeypatch.setattr("viz_app.controls.settings.own_data.SLICE", inf)
    send(own.upload, PETS)
    assert [c["name"] for c in own.upload.found["classes"]] == ["cat", "dog", "kitten"]
    assert own.upload.reading == ""


def test_a_fault_behind_the_first_steps_is_said(
    viewer: Viewer, own: OwnData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viz_app.controls.settings.own_data.SLICE", 0)
    file, content = table()
    content = content[:-1] + b"x"
    send(own.upload, [(file, content)], part=10**7)
    while own.upload.reading:
        own.read_on()
    assert "mnist.csv has a pixel in line 3000 that is no number" in viewer.message.replace(
        "M", "m"
    )
    assert own.upload.found == {}


def test_names_that_cannot_be_are_said_and_can_be_mended(viewer: Viewer, own: OwnData) -> None:
    send(own.upload, PETS)
    number = own.upload.found["number"]
    say(own.upload, train={"names": ["a", "a", "a"], "mixed": False})
    assert own.upload.found["fault"].startswith("1 class would be left")
    assert own.upload.found["number"] == number + 1
    say(own.upload, train={"names": ["a", "b", ""], "mixed": False})
    assert viewer.run.data.class_names == ("a", "b")


def test_what_would_be_trained_on_is_told_before_it_is(viewer: Viewer, own: OwnData) -> None:
    send(own.upload, PETS)
    before = viewer.run.data
    number = own.upload.found["number"]
    say(own.upload, look={"names": ["cat", "dog", "cat"], "mixed": False})
    told = own.upload.outcome
    assert told["names"] == ["cat", "dog", "cat"]
    # The same answer is heard once more: something else stood there meanwhile.
    heard = list[object]()
    own.upload.param.watch(lambda event: heard.append(event.new), "outcome")
    say(own.upload, look={"names": ["cat", "dog", "cat"], "mixed": False})
    assert len(heard) == 1
    say(own.upload, look={"names": ["cat", "cat", "cat"], "mixed": False})
    assert own.upload.outcome["text"].startswith("1 class would be left")
    assert own.upload.found["number"] == number
    assert viewer.run.data is before
    say(own.upload, train={"names": ["cat", "dog", "cat"], "mixed": False})
    data = viewer.run.data
    assert told["text"] == (
        f"2 classes: {len(data.train)} images to train on and {len(data.test)} to test on."
    )


def test_a_class_that_is_only_tested_can_be_mixed_in(viewer: Viewer, own: OwnData) -> None:
    images, labels = np.zeros((9, 8, 8), np.uint8), np.array([0, 1, 0, 1, 0, 1, 2, 2, 2])
    file = BytesIO()
    np.savez(file, x_train=images[:6], y_train=labels[:6], x_test=images[6:], y_test=labels[6:])
    content = file.getvalue()
    send(own.upload, [(ChosenFile("a.npz", len(content)), content)], part=10_000)
    assert own.upload.found["canMix"]
    assert "'2' has no image to train on" in own.upload.found["outcome"]["remarks"][0]
    say(own.upload, mix=True)
    assert not own.upload.found["canMix"]
    assert own.upload.found["outcome"]["remarks"] == []
    say(own.upload, train={"names": ["0", "1", "2"], "mixed": True})
    assert set(viewer.run.data.train.labels) == {0, 1, 2}


def test_a_page_opened_in_place_of_another_one_is_not_asked_again(
    viewer: Viewer, own: OwnData
) -> None:
    send(own.upload, PETS, wanted={"names": ["cat", "dog", "cat"], "mixed": False})
    assert viewer.run.data.class_names == ("cat", "dog")
    assert own.upload.found == {}


def test_a_single_picture_is_handed_on(viewer: Viewer) -> None:
    handed: list[tuple[NDArray[np.uint8], str]] = []
    own = OwnData(viewer, viewer.use_data, lambda pixels, name: handed.append((pixels, name)))
    send(own.upload, [picture("cat.png", (3, 2))])
    assert [(pixels.shape, name) for pixels, name in handed] == [((2, 3, 4), "cat.png")]
    assert viewer.message == ""
    other = OwnData(viewer, viewer.use_data)
    send(other.upload, [picture("cat.png")])
    assert viewer.message.startswith("One picture, cat.png, makes no data set: choose several")
    assert viewer.message.endswith(f"for each class. Data set stays {viewer.run.data.title}.")


# Removing


def test_data_can_be_removed(viewer: Viewer, own: OwnData) -> None:
    fields = SettingsFields(viewer)
    send(own.upload, PETS, wanted={"names": ["cat", "dog", "cat"], "mixed": False})
    assert "own" in fields.fields["dataset"].options.values()
    say(own.upload, remove=True)
    assert (viewer.run.own, viewer.run.data.name, viewer.trace.iteration) == (None, "digits", 1)
    assert "own" not in fields.fields["dataset"].options.values()
    assert fields.fields["dataset"].value == "digits"
    assert own.upload.own == ""
    assert same(numbers(viewer), numbers(viewer_of()))


def test_data_that_are_not_in_use_are_removed_without_a_new_run(
    viewer: Viewer, own: OwnData
) -> None:
    viewer.use_data(own_data())
    viewer.set("dataset", "digits")
    viewer.step()
    trace = viewer.trace
    say(own.upload, remove=True)
    assert (viewer.run.own, viewer.trace) == (None, trace)


# What is refused


def state(viewer: Viewer, fields: SettingsFields) -> list[object]:
    run = viewer.run
    return [run.data, run.own, run.history, viewer.trace, dict(run.settings), run.recipe,
            run.fingerprint, run.params, fields.fields["dataset"].value]  # fmt: skip


def too_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Trainer, "step", fail)
    monkeypatch.setattr("viz_app.run.run.gradient_flow", fail)


def nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Change nothing."""


@pytest.mark.parametrize(
    ("files", "before", "said"),
    [
        ([picture("cat-1.png"), broken("cat-2.png")], nothing, "The file cat-2.png is no image"),
        (PETS, too_little_memory, "There is not enough memory for this run: choose"),
        ([picture("a-1.png", (2, 2)), picture("b-1.png", (2, 2))], nothing, ""),
        ([npz(keep=200)], nothing, ""),
    ],
)
def test_what_is_refused_changes_nothing_and_the_reason_stays(
    viewer: Viewer,
    own: OwnData,
    monkeypatch: pytest.MonkeyPatch,
    files: list[File],
    before: Callable[[pytest.MonkeyPatch], None],
    said: str,
) -> None:
    viewer.step()
    fields = SettingsFields(viewer)
    kept, shown = state(viewer, fields), numbers(viewer)
    before(monkeypatch)
    send(own.upload, files, wanted={"names": ["a", "b", "c"][: 3 if files is PETS else 2]})
    assert viewer.message.startswith(said)
    assert viewer.message.endswith(f"Data set stays {viewer.run.data.title}.")
    assert all(one is other or one == other
               for one, other in zip(kept, state(viewer, fields), strict=True))  # fmt: skip
    assert same(shown, numbers(viewer))
    assert own.upload.taken == 0
    monkeypatch.undo()
    viewer.step()
    assert viewer.trace.iteration == 3


def test_what_costs_too_much_is_refused_before_it_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    viewer = Viewer(Run(PRESETS["digits"].recipe("digits"), Limits(5 * 10**6, 10**9)))
    own = OwnData(viewer, viewer.use_data)
    images = np.zeros((40, 224, 224, 3), np.uint8)
    file = BytesIO()
    np.savez_compressed(file, images=images, labels=np.arange(40) % 2)
    content = file.getvalue()
    monkeypatch.setattr(Trainer, "step", pytest.fail)
    monkeypatch.setattr("viz_app.controls.settings.own_data.SLICE", inf)
    send(own.upload, [(ChosenFile("a.npz", len(content)), content)], part=10**6)
    assert "scaled from 224×224 to 32×32" in own.upload.found["notes"][0]
    say(own.upload, train={"names": ["0", "1"], "mixed": False})
    assert viewer.message.startswith("A step would take ")
    assert own.upload.found["fault"] == viewer.message
    assert (viewer.run.own, viewer.run.data.name) == (None, "digits")


def test_mutated_files_never_change_the_run(viewer: Viewer, own: OwnData) -> None:
    dice, fields, asked = random.Random(1), SettingsFields(viewer), 0
    kept = state(viewer, fields)
    whole: list[Any] = [npz()[1], npz(n=30)[1]]
    for _ in range(300):
        content = mutated(dice.choice(whole), dice)
        send(own.upload, [(ChosenFile("a.npz", len(content)), content)], part=10**6)
        asked += bool(own.upload.found)
        assert own.upload.found or viewer.message
        say(own.upload, cancel=True)
    assert all(one is other or one == other
               for one, other in zip(kept, state(viewer, fields), strict=True))  # fmt: skip
    assert 0 < asked < 300
