"""What chooses how things are looked at, and what is done now and then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import panel as pn
import param
from panel.viewable import Viewable

from core.data import DataSet
from core.errors import DataError
from viz_app.components.files.download import Download
from viz_app.components.files.upload import Upload
from viz_app.controls.widgets import Clock, button
from viz_app.run.own_data import ChosenFile, read_upload
from viz_app.run.weights import weights_file
from viz_app.style import sheets
from viz_app.viewer import Viewer, sentence

COLOURS = {"fixed": "fixed", "this step": "step", "each channel": "channel"}
EVALUATION_PERIOD = 20  # ms


class Tools:
    """Acts on one viewer.

    Args:
        viewer: who looks.
        use_data: called with a person's own data, and with what to say about it.
    """

    def __init__(self, viewer: Viewer, use_data: Callable[[DataSet, str], None]) -> None:
        self.viewer, self._use_data = viewer, use_data
        self._showing = False
        self.sample = pn.widgets.Select(
            label="Sample", width=150, stylesheets=[sheets.INLINE], margin=0
        )
        self.colours = pn.widgets.Select(
            label="Colours", options=COLOURS, width=165, stylesheets=[sheets.INLINE], margin=0
        )
        self.evaluate = button("Evaluate", viewer.evaluate, width=76, small=True)
        self.weights = button("Save weights", self._save_weights, width=96, small=True)
        self.theme = pn.widgets.Button(
            label="Dark", width=56, stylesheets=[sheets.BUTTON, sheets.SMALL], margin=0
        )
        self.upload = Upload(self._use_files, width=84, height=26, margin=0)
        self.download = Download(margin=0)
        self._clock = Clock(viewer.continue_evaluation, EVALUATION_PERIOD)
        self.sample.param.watch(lambda event: self._choose(viewer.choose_sample, event), "value")
        self.colours.param.watch(
            lambda event: self._choose(lambda colours: viewer.change(colours=colours), event),
            "value",
        )
        viewer.param.watch(self._show, "look")
        viewer.run.param.watch(self._on_evaluating, "evaluating")
        viewer.run.param.watch(self._on_replay, "progress")
        self._show()

    def row(self) -> list[Viewable]:
        """Return the controls in their order on the screen."""
        own = [self.upload] if self.viewer.run.recipe.preset else []
        return [self.sample, self.colours, self.evaluate, self.weights, *own, self.theme]

    def _choose(self, how: Callable[[Any], None], event: param.parameterized.Event) -> None:
        if not self._showing and event.new is not None:
            how(event.new)

    def _show(self, *_: object) -> None:
        trace, place = self.viewer.trace, self.viewer.place
        names, targets = trace.class_names, trace.targets.tolist()
        words = [
            f"{k} · {names[t]}" if names and isinstance(t, int) else str(k)
            for k, t in enumerate(targets)
        ]
        self._showing = True
        try:
            options = {text: k for k, text in enumerate(words)}
            self.sample.param.update(options=options, value=place.sample)
            self.colours.value = place.colours
        finally:
            self._showing = False

    def _on_evaluating(self, *_: object) -> None:
        self.evaluate.label = "Stop" if self.viewer.run.evaluating else "Evaluate"
        self._clock.run(self.viewer.run.evaluating)

    def _on_replay(self, *_: object) -> None:
        # On the way, the model is ahead of what is shown.
        for control in (self.sample, self.colours, self.evaluate, self.weights):
            control.disabled = self.viewer.run.replaying

    def _save_weights(self) -> None:
        if not self.viewer.run.replaying:
            self.download.hand_over(*weights_file(self.viewer.run))

    def _use_files(self, files: Sequence[ChosenFile], content: bytes) -> None:
        try:
            data, note = read_upload(files, content)
        except DataError as error:
            self.viewer.playing = False
            self.viewer.refuse(sentence(error), "data")
            return
        self._use_data(data, note)
