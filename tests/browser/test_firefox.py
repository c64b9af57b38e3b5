"""The export in Firefox: another engine than that of all other tests here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from tests.browser.bidi import Connection, Tab, firefox
from tests.browser.conftest import DESKTOP
from tests.browser.dashboard import READ_CANVASES
from tests.browser.export import KEPT, WAYS, Built, address, serving
from tests.browser.mathematics.formulas import FONT_IS_THERE, SCRIPT_SIZES, WIDTHS
from tests.viz_app.viewers import viewer_of
from tools.ensure_browser import all_is_required, find_firefox
from viz_app.style.theme import MATH_FAMILY

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# All elements that fit a selector, also those inside of shadow roots.
ALL = """(css => {
    const found = [];
    const walk = (root) => {
        for (const node of root.querySelectorAll("*")) {
            if (node.matches(css)) found.push(node);
            if (node.shadowRoot) walk(node.shadowRoot);
        }
    };
    walk(document);
    return found;
})"""
# A link to a moment: Python is told of it once the page is drawn, which here is at once.
MOMENT = "preset=digits&grain=Iteration&iteration=2"
STATUS_LINE = f"{ALL}('.cs-status')[0]?.textContent"


class Visit:
    """The dashboard in Firefox."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab

    def wait_until_live(self) -> None:
        self.tab.wait_for("window.convscope?.alive")

    def press(self, name: str) -> None:
        self.wait_for_button(name)
        self.tab.click(f"{ALL}('button').find((node) => node.textContent === '{name}')")

    def wait_for_button(self, name: str) -> None:
        self.tab.wait_for(f"{ALL}('button').some((node) => node.textContent === '{name}')")

    def wait_for_status(self, status: str) -> None:
        self.tab.wait_for(f"{STATUS_LINE} === {json.dumps(status)}")

    def wait_for_iteration(self, least: int) -> None:
        self.tab.wait_for(f"{STATUS_LINE}?.match(/^iteration (\\d+) /)?.[1] >= {least}")


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    program = find_firefox()
    if program is None:
        message = "there is no Firefox; python -m tools.ensure_browser gets one"
        if all_is_required():
            pytest.fail(message)
        pytest.skip(message)
    with firefox(program) as started:
        yield started


Open = Callable[[str], Visit]


@pytest.fixture
def visit(connection: Connection) -> Iterator[Open]:
    """Give out what opens an address and waits for Python; a step is an iteration then.

    Fails at the end if the page reported an error, which it also does when the saved heap could not
    be restored, or if it asked any other place for anything.
    """
    tab = Tab(connection, **DESKTOP)
    homes: set[str] = set()

    def open_one(place: str) -> Visit:
        homes.add(urlsplit(place).netloc)
        tab.open(place)
        opened = Visit(tab)
        opened.wait_until_live()
        opened.press("Iteration")
        return opened

    yield open_one
    asked = [urlsplit(url) for url in tab.asked()]
    errors = tab.errors()
    tab.close()
    assert errors == []
    # `blob:` and `data:` are made by the page itself and have no server.
    others = [
        url for url in asked if url.scheme not in {"blob", "data"} and url.netloc not in homes
    ]
    assert others == []


@pytest.mark.parametrize("way", WAYS)
def test_trains_however_it_is_opened(built: Built, visit: Open, way: str) -> None:
    viewer = viewer_of("one")
    viewer.change(grain="Iteration")
    with address(built, way) as place:
        page = visit(place)
        page.wait_for_status(viewer.status)
        for _ in range(3):
            page.press("Step")
            viewer.step()
            page.wait_for_status(viewer.status)
        page.tab.wait_for(f"document.documentElement.scrollHeight === {DESKTOP['height']}")
        page.tab.wait_for(
            f"(pictures => pictures.length && pictures.every(({{ colours }}) => colours))"
            f"(({READ_CANVASES})({ALL}('.strip canvas')))"
        )
        page.tab.wait_for(f"({FONT_IS_THERE})({json.dumps(MATH_FAMILY)})")
        widths = page.tab.run(f"({WIDTHS})({ALL}('.head math')[0], {json.dumps(MATH_FAMILY)})")
        assert isinstance(widths, list)
        used, alone, without = widths
        assert used == alone != without
        sizes = page.tab.run(f"({SCRIPT_SIZES})()")
        assert isinstance(sizes, list)
        assert sizes
        assert sizes == pytest.approx([0.7] * len(sizes), abs=0.01)
        page.press("Play")
        page.wait_for_button("Pause")
        page.wait_for_iteration(6)
        page.press("Pause")
        page.wait_for_button("Play")


def test_importing_does_as_well_as_the_saved_heap(built: Built, visit: Open) -> None:
    with serving(built.folder) as server:
        page = visit(f"{server.address}?start=import&{MOMENT}")
        page.wait_for_iteration(2)
        page.press("Step")
        page.wait_for_iteration(3)
        assert not [path for path in server.asked if "heap.bin" in path]


def test_a_second_visit_needs_no_network(built: Built, visit: Open) -> None:
    with serving(built.folder) as server:
        page = visit(server.address)
        page.tab.wait_for(f"({KEPT})().then((name) => name && !name.includes('unfinished'))")
        asked = len(server.asked)
    again = visit(f"{server.address}?{MOMENT}")
    again.wait_for_iteration(2)
    again.press("Step")
    again.wait_for_iteration(3)
    assert len(server.asked) == asked
