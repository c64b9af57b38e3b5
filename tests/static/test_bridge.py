"""The line between a document and its page, without a page: what is sent, when, and what is not."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bokeh.document import Document
from bokeh.events import ButtonClick
from bokeh.models import ColumnDataSource
from bokeh.models.ui.icons import TablerIcon
from bokeh.models.widgets.buttons import Button
from bokeh.models.widgets.sliders import Slider
from bokeh.util import serialization
from panel.io.state import state

from static.bridge import Line, rendering

ROOT = Path(__file__).resolve().parents[2]

# Each process draws its hashes anew, and with them the order of sets.
MAKE = "from static.bridge import make_document, rendering; print(rendering(make_document()))"


def made(seed: int) -> dict[str, Any]:
    """Return what a new process draws."""
    run = subprocess.run(
        [sys.executable, "-c", MAKE],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": str(seed), "PANEL_CDN_ROOT": "panel/"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


@pytest.fixture(scope="module")
def dashboard() -> dict[str, Any]:
    return made(1)


def test_what_is_drawn_fits_every_document_that_is_made(dashboard: dict[str, Any]) -> None:
    ids = r'"(?:id|name)": ?"([^"]+)"'
    first, second = json.dumps(dashboard), json.dumps(made(2))
    assert re.findall(ids, first) == re.findall(ids, second)
    assert len(re.findall(ids, first)) > 100


def test_what_is_drawn_asks_no_other_place(dashboard: dict[str, Any]) -> None:
    places = set(re.findall(r"\b\w+://([\w.-]+)", json.dumps(dashboard)))
    assert places <= {"www.w3.org"}


def test_what_is_drawn_is_named_and_styled(dashboard: dict[str, Any]) -> None:
    assert dashboard["title"] == "ConvScope"
    assert any("--cs-card" in css for css in dashboard["css"])
    assert len(dashboard["roots"]) >= 1


def test_rendering_holds_every_root() -> None:
    document = Document(title="two")
    document.add_root(Slider(start=0, end=9, value=1))
    document.add_root(Button())
    found = json.loads(rendering(document))
    assert found["roots"] == [root.id for root in document.roots]
    assert [root["id"] for root in found["doc"]["roots"]] == found["roots"]
    assert found["title"] == "two"


@dataclass
class Page:
    """What stands for the page: a document in Python, its line, and the messages that came."""

    slider: Slider = field(default_factory=lambda: Slider(start=0, end=99, value=1, step=1))
    button: Button = field(default_factory=Button)
    source: ColumnDataSource = field(
        default_factory=lambda: ColumnDataSource({"x": np.zeros(2), "y": np.zeros(2)})
    )
    document: Document = field(default_factory=Document)
    messages: list[dict[str, Any]] = field(default_factory=list)
    buffers: list[list[tuple[str, bytes]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.slider.on_change("step", self.follow)
        self.button.on_click(self.answer)
        for model in (self.slider, self.button, self.source):
            self.document.add_root(model)
        self.document.hold("combine")
        self.line = Line(self.document, self.take)

    def follow(self, attr: str, old: object, new: object) -> None:
        self.button.label = "moved"

    def answer(self) -> None:
        self.slider.value = 9

    def take(self, patch: str, buffers: list[tuple[str, bytes]]) -> None:
        self.messages.append(json.loads(patch))
        self.buffers.append(buffers)

    def events(self, message: int) -> list[tuple[str, Any]]:
        """Return which attributes a message sets, to what."""
        return [(event["attr"], event["new"]) for event in self.messages[message]["events"]]

    def tell(self, attr: str, new: object) -> None:
        """Change the slider on the page."""
        event = {"kind": "ModelChanged", "model": {"id": self.slider.id}, "attr": attr, "new": new}
        self.line.receive(json.dumps({"events": [event]}))

    def press(self) -> None:
        """Press the button on the page."""
        values = {"type": "map", "entries": [["model", {"id": self.button.id}]]}
        click = {"type": "event", "name": ButtonClick.event_name, "values": values}
        event = {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": click}
        self.line.receive(json.dumps({"events": [event]}))


def attached(visit: Callable[[Page], Awaitable[None]]) -> None:
    """Run a visit inside a loop, with a page that has drawn the document."""

    async def run() -> None:
        page = Page()
        page.line.attach()
        await turn()
        assert page.messages == []
        await visit(page)

    asyncio.run(run())


async def turn() -> None:
    """Let everything happen that is due."""
    for _ in range(3):
        await asyncio.sleep(0)


def test_all_changes_of_a_turn_go_in_one_message() -> None:
    async def visit(page: Page) -> None:
        page.slider.value = 5
        page.slider.title = "five"
        page.button.label = "Go"
        assert page.messages == []
        await turn()
        assert len(page.messages) == 1
        assert page.events(0) == [("value", 5), ("title", "five"), ("label", "Go")]

    attached(visit)


def test_changes_wait_combined_until_the_last_message_is_drawn() -> None:
    async def visit(page: Page) -> None:
        page.slider.value = 2
        await turn()
        for value in (3, 4, 5):
            page.slider.value = value
            await turn()
        page.button.label = "Go"
        await turn()
        assert len(page.messages) == 1
        page.line.drawn()
        await turn()
        assert page.events(1) == [("value", 5), ("label", "Go")]
        page.line.drawn()
        await turn()
        assert len(page.messages) == 2

    attached(visit)


def test_after_everything_is_drawn_changes_go_at_once_again() -> None:
    async def visit(page: Page) -> None:
        for value in (2, 3, 4):
            page.slider.value = value
            await turn()
            page.line.drawn()
        assert [page.events(k) for k in range(3)] == [[("value", v)] for v in (2, 3, 4)]

    attached(visit)


def test_what_the_page_changed_is_not_sent_back_but_what_follows_from_it_is() -> None:
    async def visit(page: Page) -> None:
        page.tell("step", 7)
        await turn()
        assert page.slider.step == 7
        assert [page.events(k) for k in range(len(page.messages))] == [[("label", "moved")]]

    attached(visit)


def test_what_the_page_changed_while_it_draws_is_not_sent_back_either() -> None:
    async def visit(page: Page) -> None:
        page.slider.title = "drawing"
        await turn()
        page.tell("step", 7)
        page.line.drawn()
        await turn()
        assert page.slider.step == 7
        assert [page.events(k) for k in range(len(page.messages))] == [
            [("title", "drawing")],
            [("label", "moved")],
        ]

    attached(visit)


def test_a_press_is_answered() -> None:
    async def visit(page: Page) -> None:
        page.press()
        await turn()
        assert page.events(0) == [("value", 9)]

    attached(visit)


def test_arrays_go_beside_the_text_which_names_them() -> None:
    async def visit(page: Page) -> None:
        x, y = np.array([1.0, 2.0]), np.array([3.0, 4.0])
        page.source.data = {"x": x, "y": y}
        await turn()
        named = re.findall(r'"array": ?\{"type": ?"bytes", ?"data": ?\{"id": ?"([^"]+)"\}\}',
                           json.dumps(page.messages[0]))  # fmt: skip
        (sent,) = page.buffers
        assert [name for name, _ in sent] == named
        assert [content for _, content in sent] == [x.tobytes(), y.tobytes()]

    attached(visit)


def test_a_new_model_is_sent_whole_though_the_page_speaks_before_it_is_sent() -> None:
    async def visit(page: Page) -> None:
        page.slider.title = "drawing"
        await turn()
        page.document.add_root(Button(label="new"))
        page.tell("step", 7)
        page.line.drawn()
        await turn()
        assert '"label": "new"' in json.dumps(page.messages[1])

    attached(visit)


def test_a_new_model_is_sent_whole_once_and_then_by_its_name() -> None:
    async def visit(page: Page) -> None:
        fresh = Button(label="new")
        page.document.add_root(fresh)
        await turn()
        assert '"label": "new"' in json.dumps(page.messages[0])
        page.line.drawn()
        fresh.label = "changed"
        await turn()
        (event,) = page.messages[1]["events"]
        assert (event["model"], event["new"]) == ({"id": fresh.id}, "changed")

    attached(visit)


def test_a_new_model_that_waits_while_the_page_draws_is_not_taken_for_known() -> None:
    async def visit(page: Page) -> None:
        page.slider.title = "drawing"
        await turn()
        icon = TablerIcon(icon_name="eye")
        page.button.icon = icon
        page.tell("step", 7)
        page.line.drawn()
        await turn()
        assert dict(page.events(1))["icon"]["attributes"] == {"icon_name": "eye"}
        page.line.drawn()
        icon.icon_name = "eye-off"
        await turn()
        (event,) = page.messages[2]["events"]
        assert event["model"] == {"id": icon.id}

    attached(visit)


def test_what_was_changed_before_the_page_was_there_is_in_what_it_draws() -> None:
    async def run() -> None:
        page = Page()
        page.slider.value = 3
        assert '"value": 3' in rendering(page.document)
        page.line.attach()
        await turn()
        assert page.messages == []

    asyncio.run(run())


def test_what_it_uses_of_private_interfaces_is_there() -> None:
    document = Document()
    assert hasattr(document, "_session_context")
    assert isinstance(document.models._new_models, set)
    assert isinstance(serialization._simple_id, int)
    assert callable(state._schedule_on_load)


def test_no_other_file_uses_private_interfaces_of_others() -> None:
    for folder in ("viz_app", "static"):
        for path in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(path.read_text("utf-8"))
            own = {"self", "cls"}
            used = {
                ast.unparse(node)
                for node in ast.walk(tree)
                if isinstance(node, ast.Attribute)
                and node.attr.startswith("_")
                and not node.attr.startswith("__")
                and not (isinstance(node.value, ast.Name) and node.value.id in own)
            }
            # Jupyter's own protocol, which Panel's objects have.
            used = {name for name in used if not name.endswith("._repr_mimebundle_")}
            # A script that the browser need not translate; see tests/viz_app/components.
            used -= {"super()._get_properties"} if path.name == "component.py" else set()
            assert not used or path.name == "bridge.py", (path.name, used)
