"""The settings of the run as fields; each shows what is in force."""

from __future__ import annotations

from functools import partial
from typing import Any

import panel as pn
import param
from panel.viewable import Viewable

from core.data import DATASETS, DataSet
from viz_app.controls.widgets import Select
from viz_app.run.recipe import OWN_DATA
from viz_app.run.settings import DTYPES, SETTINGS
from viz_app.style import sheets
from viz_app.style.away import mark
from viz_app.viewer import Viewer
from viz_app.watch import watch


class SettingsFields:
    """One field a setting. What is typed in is checked by the run; its answer is shown."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self._showing = False
        select, text = Select, pn.widgets.TextInput
        self.fields: dict[str, Any] = {
            "dataset": select(**_style("dataset")),
            # Bokeh's field for numbers makes 5 of 0,05 and 12 of 1e2.
            "learning_rate": text(**_style("learning_rate")),
            "batch_size": text(**_style("batch_size")),
            "seed": text(**_style("seed")),
            "dtype": select(**_style("dtype")),
        }
        self._show()
        for name, field in self.fields.items():
            field.param.watch(partial(self._set, name), "value")
        self._enable()
        watch(viewer.run, ["settings", "recipe"], lambda *_: self._show())
        watch(viewer.run, ["progress"], lambda *_: self._enable())
        watch(viewer, ["message"], lambda *_: self._mark())

    def column(self) -> list[Viewable]:
        """Return the fields in their order on the screen; a model from elsewhere keeps its data."""
        hidden = set() if self.viewer.run.recipe.begins_with_preset else {"dataset", "dtype"}
        return [field for name, field in self.fields.items() if name not in hidden]

    def _set(self, name: str, event: param.parameterized.Event) -> None:
        if not self._showing:
            self.viewer.enter(name, event.new)

    def _show(self) -> None:
        run = self.viewer.run
        self._showing = True
        try:
            self.fields["dataset"].options = _datasets(run.own)
            self.fields["dtype"].options = {f"{name[-2:]} bit": name for name in DTYPES}
            for name, field in self.fields.items():
                field.value = SETTINGS[name].write(run.settings[name])
                field.param.trigger("value")
        finally:
            self._showing = False

    def _mark(self) -> None:
        """Show which field a message speaks of."""
        for name, field in self.fields.items():
            mark(field, sheets.REFUSED_CLASS, self.viewer.refused == name)

    def _enable(self) -> None:
        for field in self.fields.values():
            field.disabled = self.viewer.run.replaying
        if self.viewer.run.recipe.has_own_schedule:
            self.fields["learning_rate"].disabled = True


def _datasets(own: DataSet | None) -> dict[str, str]:
    """Return the data sets to choose from, by their titles; the person's own is one of them."""
    known = {words: key for key, words in DATASETS.items()}
    return known if own is None else {**known, f"{own.title} (yours)": OWN_DATA}


def _style(name: str) -> dict[str, Any]:
    return {
        "label": SETTINGS[name].title,
        "sizing_mode": "stretch_width",
        "stylesheets": [sheets.FIELD],
        "margin": 0,
    }
