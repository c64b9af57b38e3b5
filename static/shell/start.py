# Runs once in the browser's Python, or where its heap is saved: make the dashboard, ready to be
# linked with the page by `connect`; return what the page draws.
import os

# Style sheets are named by this address and come with the page; see static/page.py.
os.environ["PANEL_CDN_ROOT"] = "panel/"

import panel.io.pyodide  # Panel adapts itself to the browser when this is imported
from pyodide.ffi import to_js

from static import live

document = live.make_document()


def connect(post):
    return live.Line(document, lambda patch, buffers: post(patch, to_js(buffers)))


live.rendering(document)
