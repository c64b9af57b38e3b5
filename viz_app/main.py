"""What `panel serve viz_app` runs for every visitor: composition only."""

from __future__ import annotations

import panel as pn

from viz_app.app import dashboard

pn.extension()
# The page itself reads and writes its address.
dashboard().servable(title="ConvScope", location=False)
