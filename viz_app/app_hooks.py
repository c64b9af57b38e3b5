"""What `panel serve viz_app` asks and tells beside the pages; Bokeh finds this file by its name."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import logging
import sys
from inspect import getattr_static
from traceback import walk_tb
from typing import Any

from bokeh.application.application import ServerContext, SessionContext
from bokeh.server.connection import ServerConnection
from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError

# Where Bokeh lets a visitor name a session, which it would then join, whoever else is in it.
NAMES = ("bokeh-session-id", "bokeh-token")
# Who writes what was raised while a page was answered.
LOGS = ("bokeh.server.protocol_handler", "tornado.application")
# The property that asserts that a connection still has a session.
SESSION = getattr_static(ServerConnection, "session")


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
    for name in LOGS:
        logging.getLogger(name).addFilter(_is_told)
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
    if not _is_lost_line(context.get("exception")):
        loop.default_exception_handler(context)


def _is_told(record: logging.LogRecord) -> bool:
    return not (record.exc_info and _is_lost_line(record.exc_info[1]))


def _is_lost_line(error: BaseException | None) -> bool:
    """Return whether an error says no more than that a page has gone."""
    if not isinstance(error, AssertionError):
        return isinstance(error, WebSocketClosedError)
    # Bokeh's regular ping may be the first to notice; what had arrived before finds no session.
    *_, (frame, _) = walk_tb(error.__traceback__)
    return frame.f_code is SESSION.fget.__code__
