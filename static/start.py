"""What the browser's Python runs first: the dashboard, ready to be linked with the page."""

from __future__ import annotations

from collections.abc import Callable

import panel.io.pyodide  # noqa: F401  Panel adapts itself to the browser when this is imported
from pyodide.ffi import to_js

from static import bridge

document = bridge.make_document()
rendering = bridge.rendering(document)


def connect(post: Callable[[str, object], None]) -> bridge.Line:
    """Return the line to the page; `post(patch, buffers)` sends a message along it."""
    return bridge.Line(document, lambda patch, buffers: post(patch, to_js(buffers)))
