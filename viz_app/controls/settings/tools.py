"""What is done now and then: how it is drawn, evaluation, weights, own data, a new beginning."""

from __future__ import annotations

from collections.abc import Callable

from panel.viewable import Viewable

from core.data import DataSet
from viz_app.components.files.download import Download
from viz_app.controls.clock import Clock
from viz_app.controls.settings.own_data import OnPicture, OwnData
from viz_app.controls.settings.weights import WeightsFiles
from viz_app.controls.widgets import Select, button
from viz_app.run.weights import Weights
from viz_app.style import sheets
from viz_app.style.gradients import PARTIAL, G
from viz_app.viewer import Viewer
from viz_app.watch import watch

COLOURS = {
    "one scale all the time": "fixed",
    "a scale for each step": "step",
    "a scale for each channel": "channel",
}
RESET, EVALUATE = "Begin anew at iteration 1", "Evaluate the test images"
UNDO = "Undo the last change"
# By an example of each.
NOTATIONS = {"g(L, K)": G, "∂L/∂K": PARTIAL}
# Iterations of Play at once.
STEPS = (1, 2, 5, 10, 20, 50)
EVALUATION_PERIOD = 20  # ms


class Tools:
    """Acts on one viewer.

    Args:
        viewer: who looks.
        use_data: called with a person's own data, and with what to say about it.
        use_weights: called with a person's own weights.
        on_picture: called with a single picture, see `OwnData`.
    """

    def __init__(
        self,
        viewer: Viewer,
        use_data: Callable[[DataSet, str], None],
        use_weights: Callable[[Weights], None],
        on_picture: OnPicture | None = None,
    ) -> None:
        self.viewer = viewer
        self._showing = False
        self.colours = Select(
            label="Colours", options=COLOURS, sizing_mode="stretch_width",
            stylesheets=[sheets.FIELD], margin=0,
        )  # fmt: skip
        self.notation = Select(
            label="Notation", options=NOTATIONS, sizing_mode="stretch_width",
            stylesheets=[sheets.FIELD], margin=0,
        )  # fmt: skip
        self.steps = Select(
            label="Iterations at once, in Play",
            sizing_mode="stretch_width", stylesheets=[sheets.FIELD], margin=0,
        )  # fmt: skip
        self.evaluate = button(EVALUATE, viewer.evaluate)
        self.reset, self.undo = button(RESET, viewer.reset), button(UNDO, viewer.undo)
        self.own_data = OwnData(viewer, use_data, on_picture)
        self.download = Download(margin=0)
        self.weights = WeightsFiles(viewer, use_weights, self.download)
        self._clock = Clock(viewer.continue_evaluation, EVALUATION_PERIOD)
        self.colours.param.watch(lambda event: self._choose(colours=event.new), "value")
        self.notation.param.watch(lambda event: self._choose(notation=event.new), "value")
        self.steps.param.watch(lambda event: self._choose(steps=event.new), "value")
        watch(viewer, ["look"], self._show)
        watch(viewer, ["look", "message"], self._show_undo)
        watch(viewer.run.evaluation, ["is_on"], self._on_evaluating)
        watch(viewer.run, ["progress", "settings"], self._on_replay)
        self._show()
        self._on_evaluating()
        self._on_replay()

    def column(self) -> list[Viewable]:
        """Return the controls in their order on the screen."""
        ways = [self.colours, self.notation, self.steps]
        done = [self.evaluate, self.undo, self.reset]
        return [*self.weights.column(), *ways, *done, self.download]

    def of_data(self) -> list[Viewable]:
        """Return the choice of a person's own data, where these can be trained on."""
        return [self.own_data.upload] if self.viewer.run.recipe.begins_with_preset else []

    def _choose(self, **way: str | int) -> None:
        if not self._showing:
            self.viewer.change(**way)

    def _show(self, *_: object) -> None:
        self._showing = True
        try:
            self.colours.value = self.viewer.place.colours
            self.notation.value = self.viewer.place.notation
            now = self.viewer.place.steps
            # A link may ask for another number.
            self.steps.param.update(options=sorted({*STEPS, now}), value=now)
        finally:
            self._showing = False

    def _on_evaluating(self, *_: object) -> None:
        is_on = self.viewer.run.evaluation.is_on
        self.evaluate.label = "Stop evaluating" if is_on else EVALUATE
        self._clock.run(is_on)

    def _on_replay(self, *_: object) -> None:
        # On the way, the model is ahead of what is shown.
        ways = (self.colours, self.notation, self.steps)
        for control in (*ways, self.reset, self.evaluate):
            control.disabled = self.viewer.run.replaying
        self._show_undo()

    def _show_undo(self, *_: object) -> None:
        self.undo.disabled = self.viewer.run.replaying or not self.viewer.can_undo
