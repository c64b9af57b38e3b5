"""A person's own data: what was found in their files is shown, put right, and trained on."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data import DataSet
from core.data.collection import Collection
from core.data.steps import Steps
from core.errors import DataError, counted
from viz_app.components.files.upload import Upload
from viz_app.controls.clock import Clock
from viz_app.run.anew.uploads import ChosenFile, Picture, reading_upload
from viz_app.run.replay import SLICE
from viz_app.viewer import Viewer
from viz_app.watch import watch
from viz_app.words import sentence

OnPicture = Callable[[NDArray[np.uint8], str], None]
# Pictures that are shown of a class, and of all classes together.
_OF_A_CLASS, _OF_ALL = 3, 60
_KINDS = {1: "grey", 3: "coloured"}
# Milliseconds between two slices of reading.
_PERIOD = 20
_NO_MEMORY = "There is not enough memory for these files: choose fewer or smaller ones."


class OwnData:
    """Asks before it trains on somebody's files.

    Args:
        viewer: who looks.
        use_data: called with the data set, and with what to say about it.
        on_picture: called with the pixels (H, W, 4) of a single picture and its name; None if
            nothing can be done with one.
    """

    def __init__(
        self,
        viewer: Viewer,
        use_data: Callable[[DataSet, str], None],
        on_picture: OnPicture | None = None,
    ) -> None:
        self.viewer, self._use_data, self._on_picture = viewer, use_data, on_picture
        # What was found and is not decided about.
        self._pending: Collection | None = None
        self._is_mixed = False
        # What is being read, and how its classes are wanted, if that is known.
        self._reading: Steps[Collection | Picture] | None = None
        self._wanted: dict[str, Any] | None = None
        self._clock = Clock(self.read_on, _PERIOD)
        self.upload = Upload(self._receive, self._hear, sizing_mode="stretch_width", margin=0)
        watch(viewer.run, ["settings", "recipe"], lambda *_: self._show_own())
        self._show_own()

    def _receive(
        self, files: Sequence[ChosenFile], content: bytes, wanted: dict[str, Any] | None
    ) -> None:
        self._reading, self._wanted = reading_upload(files, content), wanted
        self.read_on()

    def read_on(self) -> None:
        """Read a slice of what was chosen: others on the same server wait no longer than that."""
        if self._reading is None:
            return
        end = perf_counter() + SLICE
        try:
            step = next(self._reading)
            while perf_counter() < end:
                step = next(self._reading)
        except StopIteration as done:
            self._end_reading()
            self._take(done.value)
        except Exception as error:
            self._end_reading()
            self._drop()
            is_full = isinstance(error, MemoryError)
            self.viewer.say(DataError(_NO_MEMORY) if is_full else error, "data")
        else:
            self.upload.reading = str(step)
            self._clock.run(True)

    def _end_reading(self) -> None:
        self._reading, self.upload.reading = None, ""
        self._clock.run(False)

    def _take(self, found: Collection | Picture) -> None:
        """Ask what shall be done with what was read."""
        wanted, self._wanted = self._wanted, None
        self.viewer.grant("data")
        if isinstance(found, Picture):
            self._ask_picture(found)
            return
        self._pending, self._is_mixed = found, False
        if wanted is None:
            self._show()
        else:
            self._train(**wanted)

    def _ask_picture(self, picture: Picture) -> None:
        self._drop()
        if self._on_picture is not None:
            self._on_picture(picture.pixels, picture.name)
            return
        said = (
            f"One picture, {picture.name}, makes no data set: choose several of at least two "
            "classes, such as cat-01.png and dog-01.png, or a folder with a folder for each class"
        )
        self.viewer.say(DataError(said), "data")

    def _hear(self, what: str, how: dict[str, Any]) -> None:
        if what == "remove":
            self.viewer.forget_data()
        elif what == "stop" and self._reading is not None:
            self._end_reading()
        elif what == "cancel":
            self._drop()
        elif what == "mix" and self._pending is not None:
            self._mix()
            self._show()
        elif what == "look" and self._pending is not None:
            self._look(**how)
        elif what == "train" and self._pending is not None:
            self._train(**how)

    def _look(self, names: Sequence[str], **_: Any) -> None:
        """Say what would be trained on, if the classes were as they are wanted."""
        if self._pending is None:
            return
        # Without pixels: it is asked at each letter.
        found = replace(self._pending, images=self._pending.images[:, :0])
        try:
            told = outcome_of(found.edited([str(name) for name in names]))
        except DataError as error:
            told = {"text": sentence(error), "remarks": []}
        # Counted: of an equal answer the page would not hear.
        asked = self.upload.outcome.get("asked", 0) + 1
        self.upload.outcome = {**told, "names": list(names), "asked": asked}

    def _mix(self) -> None:
        if self._pending is not None and not self._is_mixed:
            self._pending, self._is_mixed = self._pending.mixed(), True

    def _train(self, names: Sequence[str], mixed: bool = False) -> None:
        """Train on what was found, if its classes can be as they are wanted."""
        if mixed:
            self._mix()
        found = self._pending
        if found is None:
            return
        try:
            data = found.edited([str(name) for name in names]).data_set()
        except DataError as error:
            self._show(sentence(error))
            return
        except MemoryError:
            self._show(_NO_MEMORY)
            return
        self._use_data(data, "")
        if self.viewer.run.own is data:
            self._drop()
            self.upload.taken += 1
        else:
            self._show(self.viewer.message)

    def _drop(self) -> None:
        """Forget what was found."""
        self._pending, self.upload.found = None, {}

    def _show(self, fault: str = "") -> None:
        if self._pending is not None:
            number = self.upload.found.get("number", 0) + 1
            shown = found_in(self._pending)
            more = {"number": number, "mixed": self._is_mixed, "fault": fault}
            self.upload.found = {**shown, **more}

    def _show_own(self) -> None:
        own = self.viewer.run.own
        self.upload.own = "" if own is None else own.title


def found_in(found: Collection) -> dict[str, Any]:
    """Return what there is to say and to see of a collection, as `files/found.js` takes it."""
    n, channels, height, width = found.images.shape
    kind = _KINDS.get(channels, f"of {channels} channels")
    classes = found.classes()
    unseen = any(one.test and not one.train for one in classes)
    each = min(_OF_A_CLASS, _OF_ALL // len(classes))
    return {
        "title": found.name,
        "about": f"{n:,} images of {height}×{width} pixels, {kind}.",
        "notes": list(found.notes),
        "outcome": outcome_of(found),
        "canMix": unseen and any(one.train > 1 for one in classes),
        "width": width,
        "height": height,
        "classes": [
            {"name": one.name, "train": one.train, "test": one.test,
             "pictures": _pictures(found, label, each)}
            for label, one in enumerate(classes)
        ],
    }  # fmt: skip


def outcome_of(found: Collection) -> dict[str, Any]:
    """Return what would be trained on, and what is odd about it."""
    n_train = found.n_train
    images = (
        f"{counted(n_train, 'image')} to train on and {len(found.labels) - n_train:,} to test on"
    )
    return {
        "text": f"{counted(len(found.class_names), 'class', 'classes')}: {images}.",
        "remarks": [*found.remarks(), *filter(None, [found.untested()])],
    }


def _pictures(found: Collection, label: int, count: int) -> str:
    """Return some images of a class as base64 of red, green and blue."""
    rows = np.flatnonzero(found.labels == label)[:count]
    channels = (0, 1, 2) if found.images.shape[1] >= 3 else (0, 0, 0)
    shown = np.moveaxis(found.images[rows][:, channels], 1, -1)
    return b64encode(np.rint(shown * 255).astype(np.uint8).tobytes()).decode()
