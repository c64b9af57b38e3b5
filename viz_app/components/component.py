"""What our browser-side components share: where their scripts lie, and their colours."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from bokeh.document import Document
from panel.custom import JSComponent
from panel.theme.base import Design

from viz_app.components.modules import joined

FOLDER = Path(__file__).parent


def script(entry: str) -> str:
    """Return the source of a component's script: a file, and in front of it what that imports.

    It has no imports of its own, so that it works offline and in the static export.

    Args:
        entry: path below this folder.
    """
    return joined(FOLDER / entry)


def source(name: str) -> str:
    """Return the text of a file of a component, such as its style sheet."""
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def _digest(script: str) -> str:
    # Once for each component, not for each visitor.
    return sha256(script.encode()).hexdigest()


class Component(JSComponent):
    """A small interactive drawing that answers the mouse in the browser.

    What it shows is a property. What is pressed is sent as a message: of two changes of a property
    in a row only the last arrives, and a change to the same value not at all.
    """

    __abstract = True

    # Does what a message asks for; whoever puts the page together decides what happens if it fails.
    attempt: Callable[[Callable[[], None]], object]

    def __init__(self, **params: Any) -> None:
        # Our style sheets are all it needs: Panel's own would be made anew on every change.
        super().__init__(design=Design, **params)
        self.attempt = lambda action: action()

    def _get_properties(self, doc: Document | None) -> dict[str, Any]:
        # What has a name as a bundle is taken as it is. Otherwise Panel would have the browser
        # translate it from TypeScript and JSX, of which it has none, on every visit.
        properties: dict[str, Any] = super()._get_properties(doc)
        return {**properties, "bundle": _digest(properties["esm"])}

    def answer(self, how: Callable[[Any], None]) -> None:
        """Call `how` with the content of each message, which may be anything."""
        self.on_msg(lambda event: self.attempt(partial(how, event.data)))
