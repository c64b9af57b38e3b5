"""The dashboard: session, controls and views put together."""

from __future__ import annotations

from html import escape

import panel as pn
from panel.viewable import Viewable

from core.flow import gradient_flow
from viz_app import styles, theme
from viz_app.controls import Controls
from viz_app.plots import FlowPlot, RunPlot
from viz_app.session import Session
from viz_app.views.strip import NetworkStrip, network_layers


def dashboard() -> Viewable:
    """Make the dashboard of one visitor."""
    if theme.PAGE_CSS not in pn.config.raw_css:
        pn.config.raw_css.append(theme.PAGE_CSS)
    session = Session()
    controls = Controls(session)
    strip = NetworkStrip(sizing_mode="stretch_width", margin=0)
    run, flow = RunPlot(), FlowPlot()
    status = pn.pane.HTML("", stylesheets=[styles.STATUS], margin=0, sizing_mode="stretch_width")

    def draw(*_: object) -> None:
        trace, stage = session.trace, session.current
        with pn.io.hold():
            strip.param.update(
                layers=network_layers(trace, session.sample),
                at={"layer": stage.layer, "phase": stage.phase},
            )
            run.update(session.history.losses, session.history.accuracies, trace.iteration)
            flow.update(gradient_flow(trace))

    def tell(*_: object) -> None:
        status.object = _status(session)

    session.param.watch(draw, ["trace", "stage", "sample"])
    session.param.watch(tell, ["trace", "stage", "message", "evaluation", "evaluating"])
    draw()
    tell()
    title = pn.pane.HTML("<h1>Conv<b>Scope</b></h1>", stylesheets=[styles.TITLE], margin=0)
    return pn.Column(
        pn.Row(title, *controls.toolbar(), stylesheets=[styles.TOOLBAR], margin=0),
        status,
        strip,
        pn.Row(
            pn.pane.Bokeh(run.figure, sizing_mode="stretch_both", margin=0),
            pn.pane.Bokeh(flow.figure, sizing_mode="stretch_both", margin=0),
            stylesheets=[styles.CHARTS],
            margin=0,
        ),
        pn.Row(controls.evaluate, controls.upload, stylesheets=[styles.TOOLBAR], margin=0),
        stylesheets=[styles.PAGE],
        margin=0,
    )


def _status(session: Session) -> str:
    """Return where we are, and below it what went wrong or what is known of the test split."""
    line = f'<p class="cs-status" role="status">{escape(session.status)}</p>'
    if session.message:
        return f'{line}<p class="cs-message" role="alert">{escape(session.message)}</p>'
    result = session.evaluation
    if result is None:
        return line
    verb = "evaluating" if session.evaluating else "test split"
    return (
        f'{line}<p class="cs-note">{verb}: {result.done} of {result.total} images, '
        f"accuracy {result.accuracy:.3f}, loss {result.loss:.4f}</p>"
    )
