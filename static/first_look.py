"""The first iteration, recorded place by place: what can be looked at before Python lives."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from bokeh.core.serialization import Buffer
from bokeh.core.types import ID
from bokeh.document import Document
from bokeh.model import Model

from static.bridge import Line, make_document


async def record() -> str:
    """Visit every inner stage of the first iteration; return what the page shows at each, as JSON.

    Returns:
        `player`, the id of what is clicked; `places`, for every stage and inner stage the changes
        that lead there from any other one, as the events of a patch.
    """
    # A document of its own, with the same ids: the one that lives has seen nothing yet.
    document = make_document()
    sent: list[dict[str, Any]] = []
    line = Line(document, lambda patch, buffers: sent.extend(_events(patch, buffers)))
    line.attach()
    player = _named(document, "Player")

    async def press(what: str, number: int) -> dict[tuple[str, str], Any]:
        line.receive(_message(player, what, number))
        await asyncio.sleep(0)
        changes = {(event["model"]["id"], event["attr"]): event for event in sent}
        sent.clear()
        line.drawn()
        return changes

    found: list[list[dict[tuple[str, str], Any]]] = []
    known: dict[tuple[str, str], Any] = {}
    shown: Any = player
    # Away from the first stage, so that coming back to it tells all that changes.
    await press("stage", len(shown.data.stages) - 1)
    for stage in range(len(shown.data.stages)):
        known |= await press("stage", stage)
        places = [dict(known)]
        for inner in range(1, len(shown.data.at["inners"])):
            known |= await press("inner", inner)
            places.append(dict(known))
        found.append(places)
    # What never changed before a place was as it is at the first of all.
    first = {key: event for key, event in known.items() if key not in found[0][0]}
    places_ = [[list((first | place).values()) for place in places] for places in found]
    return json.dumps({"player": player.id, "places": places_})


def _events(patch: str, buffers: list[tuple[str, bytes]]) -> list[dict[str, Any]]:
    """Return the events of a patch, with its arrays inside as Bokeh writes them into JSON."""
    contents = {name: Buffer(ID(name), content).to_base64() for name, content in buffers}

    def filled(found: dict[str, Any]) -> dict[str, Any]:
        if found.get("type") == "bytes" and isinstance(found["data"], dict):
            return {**found, "data": contents[found["data"]["id"]]}
        return found

    events: list[dict[str, Any]] = json.loads(patch, object_hook=filled)["events"]
    return events


def _named(document: Document, name: str) -> Model:
    return next(model for model in document.models if model.name == name)


def _message(model: Model, what: str, number: int) -> str:
    data = {"type": "map", "entries": [[what, number]]}
    values = {"type": "map", "entries": [["model", {"id": model.id}], ["data", data]]}
    event = {"type": "event", "name": "data_event", "values": values}
    sent = {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": event}
    return json.dumps({"events": [sent]})
