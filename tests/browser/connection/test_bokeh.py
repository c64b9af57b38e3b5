"""What `components/common/bokeh.js` calls things in Bokeh's script, which promises none of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.browser.dashboard import Dashboard, eventually
from tools.serving import ROOT

pytestmark = pytest.mark.browser

COMPONENTS = ROOT / "viz_app" / "components"
THE_FILE = COMPONENTS / "common" / "bokeh.js"
NAMES = re.compile(
    r"\b(all_models|create_json_patch|is_idle|msg_data|event_name|connection_lost|ModelChanged|"
    r"MessageSent|_apply_json_patch|_new_models)\b|\.(on_change|on_event|idle|sync|attr|origin|document)\b(?!\s*[,:])|\bBokeh\."
)

# What happens to the document from now on, as bokeh.js hears it, and in batches.
LISTEN = """() => {
    const [page] = Bokeh.documents;
    window.heard = [];
    window.batches = [];
    page.on_change((event) => {
        const { kind, sync, model, attr, msg_data } = event;
        heard.push({
            kind, sync, attr, type: (model ?? msg_data?.origin)?.type,
            name: msg_data?.event_name, data: msg_data?.data,
            patch: sync ? page.create_json_patch([event]) : null,
            id: (model ?? msg_data?.origin)?.id,
        });
    }, false);
    page.on_change((event) => { batches.push(event.events?.length ?? 1); }, true);
}"""


@pytest.fixture
def page(open_dashboard: Open) -> Page:
    page = open_dashboard().page
    page.evaluate(LISTEN)
    return page


def heard(page: Page, good: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Wait for a change of the document; return it."""
    found: list[dict[str, Any]] = eventually(
        page,
        lambda: [change for change in page.evaluate("heard") if good(change)],
        bool,
        "no such change",
    )
    return found[0]


def test_a_document_tells_its_models_and_whether_all_is_drawn(page: Page) -> None:
    page.wait_for_function("Bokeh.documents[0].is_idle")
    found = page.evaluate("""() => {
        const [page] = Bokeh.documents;
        const [model] = page.all_models;
        const slot = () => {};
        page.idle.connect(slot);
        return {
            idle: page.is_idle, gone: page.idle.disconnect(slot),
            texts: [typeof model.id, typeof model.type], own: model.document === page,
            listens: typeof page.on_event,
        };
    }""")
    assert found == {
        "idle": True, "gone": True, "texts": ["string", "string"], "own": True,
        "listens": "function",
    }  # fmt: skip


def test_a_document_becomes_idle_once_all_is_drawn(page: Page) -> None:
    page.add_init_script("""
        let bokeh;
        window.idles = [];
        Object.defineProperty(window, "Bokeh", {
            configurable: true,
            get: () => bokeh,
            set: (value) => {
                bokeh = value;
                bokeh.documents.push = (...documents) => {
                    for (const document of documents) {
                        queueMicrotask(() => {
                            idles.push(document.is_idle);
                            document.idle.connect(() => idles.push(document.is_idle));
                        });
                    }
                    return Array.prototype.push.apply(bokeh.documents, documents);
                };
            },
        });
    """)
    page.reload()
    page.wait_for_function("window.idles?.length >= 2")
    assert page.evaluate("idles.slice(0, 2)") == [False, True]


def test_a_press_of_ours_is_an_event_of_the_page_and_its_answer_is_not(page: Page) -> None:
    Dashboard(page).press("Step")
    # Beats are sent too.
    press = heard(page, lambda change: change["sync"] and "press" in (change["data"] or {}))
    assert press["name"] == "data_event"
    assert press["kind"] == "MessageSent"
    assert press["data"] == {"press": "step"}
    # What is sent to Python names the model by its id, and no other place does.
    assert {"id": press["id"]} in _parts(press["patch"])
    answer = heard(page, lambda change: not change["sync"] and change["kind"] == "ModelChanged")
    assert answer["attr"]


def test_a_field_and_a_button_of_bokeh_are_told(page: Page) -> None:
    dashboard = Dashboard(page)
    dashboard.enter("Seed", "7")
    field = heard(page, lambda change: change["attr"] == "value" and change["sync"])
    assert field["kind"] == "ModelChanged"
    assert {"id": field["id"]} in _parts(field["patch"])
    dashboard.press("Evaluate the test images")
    button = heard(page, lambda change: change["name"] == "button_click")
    assert (button["kind"], button["sync"]) == ("MessageSent", True)


def test_what_has_just_come_is_sent_back_by_its_id(page: Page) -> None:
    page.evaluate("""() => {
        const [page] = Bokeh.documents, apply = page.apply_json_patch;
        window.taken = [];
        page.apply_json_patch = (...patch) => {
            const before = page.all_models.size;
            apply.apply(page, patch);
            taken.push([page.all_models.size > before, page._new_models.size]);
        };
    }""")
    dashboard = Dashboard(page)
    dashboard.field("Seed").wait_for()
    # The settings are made when they are opened.
    assert any(more for more, _ in page.evaluate("taken"))
    assert [count for _, count in page.evaluate("taken") if count] == []
    dashboard.press("Evaluate the test images")
    button = heard(page, lambda change: change["name"] == "button_click")
    assert {"id": button["id"]} in _parts(button["patch"])


def test_a_click_on_a_chart_is_told(page: Page) -> None:
    Dashboard(page).press("Loss")
    page.locator(".bk-Figure .bk-events").first.click(position={"x": 100, "y": 100})
    tap = heard(page, lambda change: change["name"] == "tap")
    assert (tap["kind"], tap["sync"], tap["type"]) == ("MessageSent", True, "Figure")


def test_only_who_asks_for_batches_gets_them(page: Page) -> None:
    page.evaluate("""() => {
        const [page] = Bokeh.documents, [model] = page.all_models;
        model.setv({ name: "one", tags: ["two"] });
    }""")
    assert page.evaluate("batches.at(-1)") == 2
    told = page.evaluate("heard.slice(-2)")
    assert [(one["kind"], one["attr"]) for one in told] == [
        ("ModelChanged", "name"), ("ModelChanged", "tags"),
    ]  # fmt: skip


def test_no_other_script_uses_these_names() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sorted(COMPONENTS.rglob("*.js"))
        if path != THE_FILE
        for line in Path(path).read_text("utf-8").splitlines()
        if NAMES.search(line)
    ]
    assert found == []
    assert NAMES.search(THE_FILE.read_text("utf-8"))


def _parts(value: object) -> list[object]:
    """Return a message of JSON and all that is in it."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(part for one in inside for part in _parts(one))]
