"""What `panel serve` runs for the tests: the dashboard with some numbers covered, and a button."""

from __future__ import annotations

import panel as pn

from tests.viz_app.covering import covered_numbers
from viz_app.dashboard import Dashboard
from viz_app.place.address import Query
from viz_app.run.presets import DEFAULT, PRESETS
from viz_app.run.run import Run
from viz_app.style import theme
from viz_app.viewer import Viewer


def numbers(viewer: Viewer) -> list[float]:
    """Return what is covered, wherever it stands: a weight, a cell of the product, a gradient."""
    forward, backward = (viewer.run.trace.stage(p, "conv") for p in ("forward", "backward"))
    found = forward.array("K")[0, 4], forward.array("K_X_col")[0, 5], backward.array("g_K")[0, 4]
    return list(map(float, found))


def first_run() -> Viewer:
    """Return a viewer of the run that the page opens with."""
    return Viewer(Run(PRESETS[DEFAULT].recipe(DEFAULT)))


def main() -> None:
    """Serve it to one visitor."""
    pn.extension()
    if theme.PAGE_CSS not in pn.config.raw_css:
        pn.config.raw_css.append(theme.PAGE_CSS)
    viewer = first_run()
    viewer.cover(covered_numbers(viewer.run.trace, numbers(viewer)))
    words = {name: texts[0].decode() for name, texts in pn.state.session_args.items()}
    Dashboard(viewer, query=Query(words.items())).page().servable(location=False)
    # Laid over the page, which takes all of the window.
    button = pn.widgets.Button(  # type: ignore[no-untyped-call]
        name="Uncover",
        styles={"position": "fixed", "top": "0", "left": "50%", "z-index": "9"},
    )
    button.on_click(lambda _: viewer.uncover())
    button.servable()


if pn.state.curdoc:
    main()
