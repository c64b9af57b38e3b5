"""A part of a page hears of changes in its own document, and no longer than the page is open."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread
from typing import Any, cast

import param
import pytest
from bokeh.document import Document
from panel.io.document import MockSessionContext
from panel.io.state import set_curdoc

from viz_app.watch import watch


class Source(param.Parameterized):
    """Something that several pages look at."""

    number = param.Integer(default=0)


@pytest.fixture
def page() -> Iterator[Document]:
    document = Document()
    context = MockSessionContext(document=document)
    document._session_context = cast(Any, lambda: context)
    yield document
    document._session_context = None


def heard(source: Source) -> list[int]:
    numbers: list[int] = []
    watch(source, ["number"], lambda event: numbers.append(event.new))
    return numbers


def run_ticks(document: Document) -> None:
    for callback in document.session_callbacks:
        callback.callback()


def test_without_a_page_it_is_told_at_once() -> None:
    source = Source()
    numbers = heard(source)
    source.number = 1
    assert numbers == [1]


def test_a_page_hears_what_it_does_itself_at_once(page: Document) -> None:
    source = Source()
    with set_curdoc(page):
        numbers = heard(source)
        source.number = 1
    assert numbers == [1]
    assert not page.session_callbacks


def test_what_others_do_a_page_hears_under_its_own_lock(page: Document) -> None:
    source = Source()
    with set_curdoc(page):
        numbers = heard(source)
    source.number = 1
    with set_curdoc(Document()):
        source.number = 2

    def step() -> None:
        with set_curdoc(page):
            source.number = 3

    thread = Thread(target=step)
    thread.start()
    thread.join()
    assert numbers == []
    run_ticks(page)
    # Bokeh keeps no order of what is still to be called; its server does.
    assert sorted(numbers) == [1, 2, 3]


def test_a_page_that_is_closed_hears_nothing_more(page: Document) -> None:
    source = Source()
    with set_curdoc(page):
        numbers = heard(source)
    for callback in page.session_destroyed_callbacks:
        callback(cast(Any, None))
    source.number = 1
    run_ticks(page)
    assert numbers == []
