"""The settings and tools, which stand beside the board when they are asked for."""

from __future__ import annotations

from collections.abc import Callable

import panel as pn
import param
from panel.viewable import Viewable

from core.data import DataSet
from viz_app.components.component import Component
from viz_app.controls.settings.fields import SettingsFields
from viz_app.controls.settings.network import Networks
from viz_app.controls.settings.own_data import OnPicture
from viz_app.controls.settings.tools import Tools
from viz_app.run.weights import Weights
from viz_app.style import sheets
from viz_app.style.away import mark, show
from viz_app.viewer import Viewer
from viz_app.watch import watch


class Drawer(param.Parameterized):
    """Made when it is opened for the first time: most people never do.

    Args:
        viewer: who looks.
        use_data: called with a person's own data, and with what to say about it.
        use_weights: called with a person's own weights.
        prepare: called with each new component.
        on_picture: called with a single picture, see `OwnData`.
    """

    opened = param.Boolean(default=False, doc="Whether it is in sight.")

    def __init__(
        self,
        viewer: Viewer,
        use_data: Callable[[DataSet, str], None],
        use_weights: Callable[[Weights], None],
        prepare: Callable[[Component], None],
        on_picture: OnPicture | None = None,
    ) -> None:
        super().__init__()
        self.viewer, self._use_data, self._prepare = viewer, use_data, prepare
        self._use_weights = use_weights
        self._on_picture = on_picture
        self._panel = pn.Column(
            stylesheets=[sheets.DRAWER, sheets.AWAY], css_classes=["cs-settings"], margin=0
        )
        show(self._panel, False)
        watch(self, ["opened"], lambda *_: self._show())

    def panel(self) -> Viewable:
        """Return it as it stands on the screen."""
        return self._panel

    def _show(self) -> None:
        if self.opened and not self._panel.objects:
            tools = Tools(self.viewer, self._use_data, self._use_weights, self._on_picture)
            networks = Networks(self.viewer, self._widen)
            form = [networks.form] if networks.is_of_text else []
            first, *fields = SettingsFields(self.viewer).column()
            self._panel.objects = [*form, first, *tools.of_data(), *fields, *tools.column()]
            for component in self._panel.select(Component):
                self._prepare(component)
        show(self._panel, self.opened)

    def _widen(self, wide: bool) -> None:
        mark(self._panel, sheets.WIDE_CLASS, wide)
