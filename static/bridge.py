"""The dashboard in the browser's Python: its document, and the line to the page that draws it."""

from __future__ import annotations

import asyncio
import json
import runpy
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from bokeh.core.json_encoder import serialize_json
from bokeh.core.serialization import Serialized, Serializer
from bokeh.document import Document
from bokeh.document.events import DocumentChangedEvent, DocumentPatchedEvent
from bokeh.document.json import PatchJson
from bokeh.embed.util import standalone_docs_json_and_render_items
from bokeh.events import DocumentReady
from bokeh.io.doc import set_curdoc
from bokeh.settings import settings
from bokeh.util import serialization
from panel import config
from panel.io.document import MockSessionContext
from panel.io.state import state

# Above all that Bokeh and Panel make while they are imported.
FIRST_ID = 100_000
# Who made a change: what the page changed is not sent back to it.
PAGE: Any = "page"

# send(patch, buffers): JSON, and the arrays that it names by their ids.
Send = Callable[[str, list[tuple[str, bytes]]], None]


def make_document() -> Document:
    """Run the app as `panel serve` would, and return its document.

    Ids count up from the same number, so a page that was rendered from one such document fits
    every other one. Only one of them can be drawn at a time.
    """
    settings.simple_ids.set_value(True)
    serialization._simple_id = FIRST_ID
    document = Document()
    set_curdoc(document)
    document.hold("combine")
    document._session_context = cast(Any, lambda: MockSessionContext(document=document))
    state.curdoc = document
    runpy.run_module("viz_app.main")
    document._session_context = None
    return document


def rendering(document: Document) -> str:
    """Return what the page needs to draw the document: JSON of `doc`, `roots`, `title`, `css`."""
    documents, _ = standalone_docs_json_and_render_items(
        document.roots, suppress_callback_warning=True
    )
    (content,) = documents.values()
    roots = [root.id for root in document.roots]
    return json.dumps(
        {"doc": content, "roots": roots, "title": document.title, "css": config.raw_css}
    )


class Line:
    """Carries changes of a document to the page and back.

    All changes of one turn go out in one message. While the page draws it, further changes are
    held and combined, so that a slow page gets fewer of them rather than ever later ones.

    Args:
        document: what is drawn.
        send: posts a message to the page.
    """

    def __init__(self, document: Document, send: Send) -> None:
        self._document, self._send = document, send
        self._changes: list[DocumentPatchedEvent] = []

    def attach(self) -> None:
        """Begin: the page has drawn the document."""
        document = self._document
        # What was held while the document was made is in its rendering.
        document.unhold()
        document.on_change(self._note)
        document.on_event("document_ready", partial(state._schedule_on_load, document))
        document.callbacks.trigger_event(DocumentReady())

    def receive(self, patch: str) -> None:
        """Take in what was changed or pressed on the page."""
        models = self._document.models
        unsent = set(models) - models.synced_references
        self._document.apply_json_patch(cast(PatchJson, json.loads(patch)), setter=PAGE)
        # Bokeh now takes all models for known to the page, those too that wait to be sent to it.
        models._new_models |= unsent

    def drawn(self) -> None:
        """Go on: the page has drawn the last message."""
        self._document.unhold()

    def _note(self, event: DocumentChangedEvent) -> None:
        if event.setter == PAGE or not isinstance(event, DocumentPatchedEvent):
            return
        if not self._changes:
            asyncio.get_event_loop().call_soon(self._flush)
        self._changes.append(event)

    def _flush(self) -> None:
        changes, self._changes = self._changes, []
        models = self._document.models
        serializer = Serializer(references=models.synced_references)
        content = {"events": serializer.encode(changes)}
        models.flush_synced(lambda model: not serializer.has_ref(model))
        self._document.hold("combine")
        text = serialize_json(Serialized(content, serializer.buffers))
        self._send(text, [(buffer.id, buffer.to_bytes()) for buffer in serializer.buffers])
