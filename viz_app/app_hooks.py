"""What `panel serve viz_app` asks before it opens a page; Bokeh finds this file by its name."""

from __future__ import annotations

from typing import Any

from tornado.httputil import HTTPServerRequest
from tornado.web import HTTPError

# Where Bokeh lets a visitor name a session, which it would then join, whoever else is in it.
NAMES = ("bokeh-session-id", "bokeh-token")


def process_request(request: HTTPServerRequest) -> dict[str, Any]:
    """Refuse a request that names a session: everybody who opens a page has one of their own.

    Raises:
        HTTPError: 403; the reason says which word to leave out of the address.
    """
    named = [name for name in NAMES if name in request.arguments]
    named += [name for name in NAMES[:1] if name in request.headers]
    if named:
        raise HTTPError(403, reason=f"Leave {named[0]} out of the address: no session is shared")
    return {}
