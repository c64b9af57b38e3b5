"""The dashboard: session, controls and views put together."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import panel as pn
from panel.viewable import Viewable

import viz_app.layer_views  # noqa: F401  registers the views
from core.inspect.check import CellCheck, check_gradient, is_gradient
from viz_app import url
from viz_app.charts.tabs import Charts
from viz_app.components.board.board import Board
from viz_app.components.explanation import Explained, ExplanationPanel, explained
from viz_app.components.navigation.head import Head, head_of
from viz_app.components.navigation.strip import NetworkStrip, network_layers
from viz_app.components.navigation.timeline import Timeline, timeline_stages
from viz_app.components.packing import packed
from viz_app.components.page import Page
from viz_app.controls import WAITS, Controls
from viz_app.cursor import GRAINS
from viz_app.scene.registry import view_of
from viz_app.session import SETTINGS, Session
from viz_app.style import sheets, theme
from viz_app.visit import cell_of, visit


class Dashboard:
    """Draws one session. Each part gets only what changed for it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        wide = {"sizing_mode": "stretch_width", "margin": 0}
        self.controls = Controls(session)
        self.status = pn.pane.HTML("", stylesheets=[sheets.STATUS], **wide)
        self.timeline, self.strip = Timeline(**wide), NetworkStrip(**wide)
        self.head, self.board = Head(**wide), Board(**wide)
        self.charts = Charts(session, self._goto)
        self.browser = Page()
        self.why = ExplanationPanel(sizing_mode="stretch_both", margin=0)
        self._explained: Explained | None = None
        # Tells one explanation from the next: the browser may still show an earlier one.
        self._explanations = 0
        self._drawn: tuple[object, int] = (None, 0)
        self._on(session, ["message", "evaluation", "evaluating"], self.draw_status)
        self._on(
            session,
            ["trace", "stage", "inner", "sample", "channel", "out_channel", "scale"],
            self.draw,
        )
        self._on(session, ["selection"], self.draw_selection)
        self._on(session, ["selection", "grain", *SETTINGS], self.draw_address)
        # A change of the past begins a branch. Panel tells it without the document's lock, which
        # figures need.
        self._on(
            session,
            ["learning_rate", "batch_size"],
            lambda: pn.state.execute(self.charts.draw, schedule=True),
        )
        self.timeline.on_msg(lambda event: self._choose_stage(event.data))
        self.head.on_msg(lambda event: self._choose_inner(event.data))
        self.strip.on_msg(lambda event: self._choose_layer(event.data))
        self._on(self.board, ["selected"], self._choose_cell)
        self.why.on_msg(lambda event: self._ask(**event.data))
        self.browser.on_msg(lambda event: self._hear(**event.data))
        self._on(self.browser, ["dark"], self._paint)
        self._on(session, ["playing"], self._begin_or_end_play)
        self.controls.theme.on_click(lambda _: self._switch_theme())
        self.draw()
        self.charts.draw_behind()

    @staticmethod
    def _on(source: object, names: list[str], action: Callable[[], None]) -> None:
        source.param.watch(lambda *_: action(), names)  # type: ignore[attr-defined]

    # From the session to the screen.

    def draw(self) -> None:
        """Draw where the session looks, in one message to the browser."""
        session = self.session
        trace, stage, look = session.trace, session.current, session.look()
        with pn.io.hold():
            if trace is not self._drawn[0]:
                self.charts.draw()
                stages = timeline_stages(trace)
                if stages != self.timeline.stages:
                    self.timeline.stages = stages
            if (trace, session.sample) != self._drawn:
                self.strip.layers = packed(network_layers(trace, session.sample))
            self._drawn = (trace, session.sample)
            self.strip.at = {"layer": stage.layer, "phase": stage.phase}
            self.timeline.at = session.stage
            self.head.content = head_of(look)
            scene = view_of(look)(look).message()
            self.board.scene = packed({**scene, "phase": stage.phase})
            self.draw_selection()
            self.draw_status()
            self.draw_address()

    def draw_address(self) -> None:
        """Put this moment into the address of the page."""
        self.browser.address = url.text(url.to_query(self.session))

    def draw_selection(self) -> None:
        """Mark the selected cell, and explain it."""
        self.board.selected = self.session.selection
        cell, trace = cell_of(self.session), self.session.trace
        if cell is None:
            self._explained, self.why.content = None, {}
            return
        shown = self._explained
        if shown is None or shown.trace is not trace or shown.explanation.cell != cell:
            self._explanations += 1
        self._explained = explained(trace, cell)
        self._draw_explanation(self._explained)

    def _draw_explanation(self, shown: Explained, check: CellCheck | None = None) -> None:
        self.why.content = {**shown.message(check), "number": self._explanations}

    def draw_status(self) -> None:
        """Say where we are, and below it what went wrong or what is known of the test split."""
        session, result = self.session, self.session.evaluation
        line = f'<p class="cs-status" role="status">{escape(session.status)}</p>'
        if session.message:
            line += f'<p class="cs-message" role="alert">{escape(session.message)}</p>'
        elif result is not None:
            verb = "evaluating the" if session.evaluating else "the"
            metrics = "".join(f"{name} {value:.3f}, " for name, value in result.metrics.items())
            line += (
                f'<p class="cs-note">{verb} test split after iteration {session.evaluated_at}: '
                f"{result.done} of {result.total} images, "
                f"{metrics}loss {result.loss:.4f}</p>"
            )
        self.status.object = line

    # From the screen to the session.

    def _choose_stage(self, stage: int) -> None:
        if 0 <= stage < len(self.session.trace.stages):
            self.session.go(stage)

    def _choose_inner(self, inner: int) -> None:
        if 0 <= inner < len(self.session.current.inner):
            self.session.go(self.session.stage, inner)

    def _goto(self, iteration: int) -> None:
        """Go to an iteration that was clicked in a chart."""
        if self.session.journey is None:
            self.session.playing = False
            self.session.goto(iteration)

    def _choose_layer(self, layer: str) -> None:
        """Go to the stage of the layer in the phase at hand, or to its forward pass."""
        phase = self.session.current.phase
        places = {
            stage.phase: k
            for k, stage in enumerate(self.session.trace.stages)
            if stage.layer == layer
        }
        if places:
            self.session.go(places.get(phase, places["forward"]))

    def _choose_cell(self) -> None:
        if self.board.selected != self.session.selection:
            self.session.select(self.board.selected)

    def _deselect(self) -> None:
        self.session.selection = {}

    def _ask(self, number: int, what: str | list[int]) -> None:
        """Check the gradient that is explained, close it, or go to where a number came from.

        Args:
            number: of the explanation that the browser shows. What is asked of an earlier one is
                dropped: its terms are not those of the present one.
            what: "check", "close", or a term and the place of a number in it.
        """
        if what == "close":
            self._deselect()
        elif self._explained is None or number != self._explanations:
            return
        elif isinstance(what, str):
            self._check(self._explained)
        else:
            cell = self._explained.linked_cell(*what)
            if cell is not None:
                visit(self.session, cell)

    def _check(self, shown: Explained) -> None:
        trace, cell = shown.trace, shown.explanation.cell
        if is_gradient(trace, cell.phase, cell.layer, cell.array):
            self._draw_explanation(shown, check_gradient(trace, cell))

    def _begin_or_end_play(self) -> None:
        self.browser.playing = self.session.playing and WAITS

    def _hear(self, key: str = "", address: str | None = None, drawn: bool = False) -> None:
        """Answer the page: a key, the address under which it was opened, or that it has drawn."""
        if drawn:
            self.controls.drawn()
        elif address is None:
            self._press(key)
        else:
            url.follow(self.session, url.parse(address))

    def _press(self, action: str) -> None:
        """Answer a key."""
        session = self.session
        actions: dict[str, Callable[[], None]] = {
            "step": session.step,
            "back": session.back,
            "play": self.controls.toggle_play,
            "deselect": self._deselect,
        }
        if action in GRAINS:
            session.grain = action
        else:
            actions[action]()

    def _switch_theme(self) -> None:
        self.browser.param.update(dark=not self.browser.dark, touched=True)

    def _paint(self) -> None:
        """Paint what does not follow the style sheet by itself."""
        colours = theme.DARK if self.browser.dark else theme.LIGHT
        self.controls.theme.label = "Light" if self.browser.dark else "Dark"
        with pn.io.hold():
            self.charts.paint(colours)

    # How it stands on the screen.

    def page(self) -> Viewable:
        """Return the page."""
        title = pn.pane.HTML("<h1>Conv<b>Scope</b></h1>", stylesheets=[sheets.TITLE], margin=0)
        view = pn.Column(
            self.head, pn.Row(self.board, stylesheets=[sheets.BOARD]), stylesheets=[sheets.CARD]
        )
        side = pn.Column(self.why, self.charts.tabs, stylesheets=[sheets.SIDE])
        return pn.Column(
            pn.Row(title, *self.controls.toolbar(), stylesheets=[sheets.TOOLBAR], margin=0),
            pn.Column(
                self.status,
                pn.Row(*self.controls.tools(), stylesheets=[sheets.TOOLBAR], margin=0),
                stylesheets=[sheets.STATUS_BAR],
                margin=0,
            ),
            self.timeline,
            self.strip,
            pn.Row(view, side, stylesheets=[sheets.MAIN], margin=0),
            self.browser,
            self.controls.download,
            stylesheets=[sheets.PAGE],
            margin=0,
        )


def dashboard() -> Viewable:
    """Make the dashboard of one visitor."""
    if theme.PAGE_CSS not in pn.config.raw_css:
        pn.config.raw_css.append(theme.PAGE_CSS)
    return Dashboard(Session()).page()
