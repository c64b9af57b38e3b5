"""A site that is made by hand, with parts of a few bytes."""

from __future__ import annotations

import json

from static.parts import DRAW, HEAP, IMPORT, LATER, Site, SitePart

# Each is what could end a script, a comment or a style before its time.
WILD = "</script><script>alert(1)</script><!-- <script> --></style>]]>"
STYLE = "panel/1.9.4/dist/css/button.css"

CONTENTS = {
    "draw.js": b"draw();",
    "heap.bin": bytes(range(256)) * 4,
    "site.zip": b"PK\x03\x04</script>",
}


def small_site() -> Site:
    """Return it."""
    parts = [
        SitePart.packed("draw.js", CONTENTS["draw.js"], (DRAW,)),
        SitePart.packed("heap.bin", CONTENTS["heap.bin"], (HEAP,)),
        SitePart.packed("site.zip", CONTENTS["site.zip"], (IMPORT, LATER)),
    ]
    rendering = {
        "doc": {"roots": [{"id": "p1", "text": WILD, "url": STYLE}]},
        "roots": ["p1"],
        "title": WILD,
        "css": ["body { margin: 0 }"],
    }
    return Site(parts, json.dumps(rendering))
