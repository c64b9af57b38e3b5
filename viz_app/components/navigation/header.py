"""The header: what is trained, and what is done to the page as a whole."""

from __future__ import annotations

from typing import ClassVar

import param

from viz_app.components.component import Component, script, source
from viz_app.components.lesson.spotlight import SPOTLIGHT
from viz_app.components.wire import packed


class Header(Component):
    """Sends {"preset": its key}, {"press": "settings", "present" or "theme"}, or {"lesson": …}.

    {"code": library} asks for the iteration as code; the answer is a file that is handed over.
    {"saved": name} says which file it has made and saved by itself.

    Of a lesson that is the "name" of one that comes along or the "text" of a file, and what is
    "kept" of it. It shares the link by itself. A lesson on paper is asked for step by step, as
    {"handout": {"name": of the lesson, "step": from 1, "number": to know the answer by}}.
    """

    presets = param.List(default=[], item_type=dict, doc="Key, title, what to look for.")
    preset = param.String(default="", doc="Key of the chosen one; empty for an own network.")
    lessons = param.List(default=[], item_type=dict, doc="See `entries`.")
    answers = param.String(default="", doc="The page that reads files of answers, as HTML.")
    answered = param.Dict(
        default={"number": 0, "refused": ""},
        doc="How many lessons were chosen, and what is wrong with the last one.",
    )
    handout = param.Dict(
        default=packed({"number": 0}), doc="The step that was asked for; see `handout_step`."
    )
    data = param.String(default="", doc="What it is trained on.")
    address = param.String(default="", doc="Query part of the link of this moment.")
    free = param.Boolean(default=True, doc="Whether another one can be chosen.")
    whole = param.Boolean(default=True, doc="Whether the dashboard is the whole page.")
    opened = param.Boolean(default=False, doc="Whether the settings stand open.")
    dark = param.Boolean(default=False)
    present = param.Boolean(default=False, doc="Whether all is as large as for a class.")
    keys = param.Boolean(default=True, doc="Whether single keys do something.")

    _esm = script("navigation/header.js")
    _stylesheets: ClassVar = [
        source("navigation/header.css"),
        source("sharing/share.css"),
        source("sharing/embed.css"),
        source("common/dialog.css"),
        source("help/help.css"),
        source("lesson/list.css"),
        source("handout/handout.css"),
        SPOTLIGHT,
    ]

    def hand_over(self, name: str, content: bytes) -> None:
        """Hand the browser a file, which it saves as it saves every download."""
        self._send_msg({"name": name, "content": content})
