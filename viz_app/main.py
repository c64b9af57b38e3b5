"""What `panel serve viz_app` runs for every visitor: composition only."""

from __future__ import annotations

import panel as pn
from bokeh.settings import settings

from viz_app.dashboard import Dashboard
from viz_app.place.address import Query
from viz_app.run.cost import HERE
from viz_app.run.presets import DEFAULT, PRESETS
from viz_app.run.run import Run
from viz_app.style import theme
from viz_app.viewer import Viewer

# What is checked of a document never changes; for each visitor it took a tenth of their arrival.
settings.perform_document_validation = False
# Panel asks for properties that a model lacks with every change; Bokeh would each time look for
# others with similar names.
settings.perform_error_diagnostics = False
pn.extension()
if theme.PAGE_CSS not in pn.config.raw_css:
    pn.config.raw_css.append(theme.PAGE_CSS)
viewer = Viewer(Run(PRESETS[DEFAULT].recipe(DEFAULT), HERE))
# A server knows the address already; without one the page tells it.
asked = Query(
    (word, text.decode(errors="replace"))
    for word, texts in pn.state.session_args.items()
    for text in texts
)
dashboard = Dashboard(viewer, query=asked)
# The page itself reads and writes its address.
dashboard.page().servable(title="ConvScope", location=False)
