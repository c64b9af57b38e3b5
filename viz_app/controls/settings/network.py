"""The network and the other texts of a run, behind the settings."""

from __future__ import annotations

from collections.abc import Callable

from core.io.lines import over_lines
from core.io.pointing import PointedError
from viz_app.components.network.network import PARTS, NetworkForm
from viz_app.network.report import report_of
from viz_app.network.schedule import schedule_said
from viz_app.run.presets import PRESETS
from viz_app.run.settings import SETTINGS
from viz_app.viewer import Viewer
from viz_app.watch import watch


class Networks:
    """Answers a form; what is written is checked apart from the run until it is to be trained.

    Args:
        viewer: who looks.
        widen: called with whether the form needs more room.
    """

    def __init__(self, viewer: Viewer, widen: Callable[[bool], None]) -> None:
        self.viewer, self._widen = viewer, widen
        self.form = NetworkForm(sizing_mode="stretch_width", margin=0)
        # What the text was checked for last: the recipe, and the batch size of now.
        self._basis: object = None
        self.form.answer(lambda said: self._hear(**said))
        watch(viewer.run, ["settings", "recipe", "progress"], lambda *_: self._show())
        watch(viewer, ["message"], lambda *_: self._mark())
        self._show()

    @property
    def is_of_text(self) -> bool:
        """Whether the run's network is a text, which can be written anew."""
        return isinstance(self.viewer.run.recipe.network, str)

    def _show(self) -> None:
        run = self.viewer.run
        if not self.is_of_text:
            return
        shown = {
            name: value for name in PARTS if isinstance(value := getattr(run.recipe, name), str)
        }
        base = PRESETS.get(run.recipe.base)
        self.form.param.update(
            shown={"network": over_lines(run.recipe.network), **shown},
            explained={name: self._explained(name, text) for name, text in shown.items()},
            preset=over_lines(base.network) if base else "",
            free=not run.replaying,
        )
        basis = run.recipe, run.settings["batch_size"]
        if basis != self._basis:
            # Other data or another batch give the same text other shapes and costs.
            self._basis = basis
            self.form.basis += 1

    def _mark(self) -> None:
        """Show which text a message speaks of."""
        refused = self.viewer.refused
        self.form.refused = refused if refused in ("network", *PARTS) else ""

    def _hear(
        self,
        check: str | None = None,
        train: str | None = None,
        change: str = "",
        judge: str = "",
        text: str = "",
        number: int = 0,
        opened: bool | None = None,
    ) -> None:
        if opened is not None:
            self._widen(opened)
        elif check is not None:
            self._report(check, number)
        elif train is not None:
            self.viewer.playing = False
            self.viewer.enter("network", train)
            self._report(train, number)
        elif change in PARTS:
            self.viewer.playing = False
            self.viewer.enter(change, text)
        elif judge in PARTS:
            self._judge(judge, text, number)

    def _report(self, text: str, number: int) -> None:
        run = self.viewer.run
        recipe = run.recipe.with_(batch_size=run.settings["batch_size"])
        self.form.report(number, text, report_of(text, recipe, run.limits))

    def _explained(self, name: str, text: str) -> str:
        """Return what a text means in numbers, where there is more to say than its words."""
        rate = self.viewer.run.settings["learning_rate"]
        return schedule_said(text, rate) if name == "schedule" else ""

    def _judge(self, name: str, text: str, number: int) -> None:
        fault = explained = ""
        try:
            SETTINGS[name].parse(text, self.viewer.run.data)
            explained = self._explained(name, text)
        except PointedError as error:
            fault = error.said
        except ValueError as error:
            fault = str(error)
        self.form.judge(number, name, fault, explained)
