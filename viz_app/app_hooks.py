"""What `panel serve viz_app` asks and tells beside the pages; Bokeh finds this file by its name."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import logging
import sys
from typing import Any

from bokeh.application.application import ServerContext, SessionContext
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError

LOG = logging.getLogger(__name__)
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


def on_server_loaded(server_context: ServerContext) -> None:
    """Let a line that is lost in the middle of an answer be no error of the server."""
    loop = getattr(IOLoop.current(), "asyncio_loop", None)
    if loop is not None:
        loop.set_exception_handler(_log_unless_lost)


def on_session_destroyed(session_context: SessionContext) -> None:
    """Give memory back when the last visitor has left; the C library would keep it."""
    if not session_context.server_context.sessions:
        gc.collect()
        if sys.platform == "linux":
            trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
            if trim is not None:
                trim(0)


def _log_unless_lost(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    # What is sent to a page is not always waited for.
    if isinstance(context.get("exception"), WebSocketClosedError):
        LOG.debug("a line was lost in the middle of an answer")
    else:
        loop.default_exception_handler(context)
