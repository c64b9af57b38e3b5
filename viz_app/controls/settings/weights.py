"""Weights as files: saved, loaded, and begun from with a network that is offered for them."""

from __future__ import annotations

from collections.abc import Callable

from panel.viewable import Viewable

from core.errors import StateError
from core.io.state.file import KINDS
from viz_app.components.files.download import Download
from viz_app.components.files.weights import WeightsChoice
from viz_app.controls.widgets import Select, button
from viz_app.run.weights import Weights, read_weights, weights_file
from viz_app.style import sheets
from viz_app.viewer import Viewer
from viz_app.watch import watch


def saved_words(iteration: int) -> str:
    """Return which weights a file of an iteration holds: its board shows others."""
    return (
        f"The file holds the weights after the update of iteration {iteration}; the layers on the "
        "board compute with those before it."
    )


class WeightsFiles:
    """Acts on one viewer.

    Args:
        viewer: who looks.
        use_weights: called with a person's own weights.
        download: hands a file over.
    """

    def __init__(
        self, viewer: Viewer, use_weights: Callable[[Weights], None], download: Download
    ) -> None:
        self.viewer, self._use_weights, self._download = viewer, use_weights, download
        self.kind = Select(
            label="Weights as", options={one.ending: kind for kind, one in KINDS.items()},
            sizing_mode="stretch_width", stylesheets=[sheets.FIELD], margin=0,
        )  # fmt: skip
        self.save = button("Save weights", self._save)
        self.choice = WeightsChoice(self._read, self._press, sizing_mode="stretch_width", margin=0)
        watch(viewer.run, ["progress", "recipe", "trace"], self._show)
        watch(viewer, ["offer"], self._show)
        self._show()

    def column(self) -> list[Viewable]:
        """Return the controls in their order on the screen."""
        return [self.kind, self.save, self.choice]

    def _show(self, *_: object) -> None:
        run, offer = self.viewer.run, self.viewer.offer
        # On the way, the model is ahead of what is shown.
        self.save.disabled = self.kind.disabled = run.replaying
        self.choice.param.update(
            free=not run.replaying,
            used=run.recipe.weights.name if run.recipe.weights else "",
            saved="" if run.replaying else saved_words(run.trace.iteration),
            offer={"text": offer.text, "note": offer.note} if offer else {},
        )

    def _save(self) -> None:
        run = self.viewer.run
        if not run.replaying:
            text = run.recipe.network_text()
            name, content = weights_file(run.history.trainer, self.kind.value, text)
            self._download.hand_over(name, content)
            self.viewer.tell_saved(name, saved_words(run.history.trainer.iteration))

    def _read(self, name: str, size: int, content: bytes) -> None:
        try:
            if size < 0:
                raise StateError(f"the file {name} cannot be read; choose it again")
            self._use_weights(read_weights(name, size, content))
        except StateError as error:
            self.viewer.offer = None
            self.viewer.say(error, "weights")

    def _press(self, what: str) -> None:
        offer = self.viewer.offer
        if what == "drop":
            self.viewer.use_weights(None)
        elif what == "use" and offer is not None:
            self.viewer.use_weights(offer.weights, offer.text)
