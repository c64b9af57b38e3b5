"""The dashboard as a visitor meets it: by the names of its controls.

A page answers when it can, and draws what it was told a little later. So no test reads once: it
waits for what it expects (`expect`, `eventually`), or until what it reads stays (`settled`).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from playwright.sync_api import Frame, Locator, Page, expect

from tests.viz_app.viewers import USUAL

T = TypeVar("T")

# Seconds within which an answer must be seen. Generous: continuous integration is slow.
PATIENCE = 30
expect.set_options(timeout=1000 * PATIENCE)
# How often a value is read that must stay, every 50 ms.
READS = 4

STATUS = re.compile(
    r"iteration (\d+) · stage \d+ of \d+ · (\w+ )?[\w.]+ · "
    r"loss (\d+\.\d{4}|A \d+\.\d{4}, B \d+\.\d{4}) · "
    r"accuracy ([01]\.\d\d|A [01]\.\d\d, B [01]\.\d\d)"
)

# Opaque pixels only: the gaps between channels are transparent.
READ_CANVASES = """canvases => canvases.map(canvas => {
    if (!canvas.width || !canvas.height) return { colours: 0, pixels: "" };
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const words = new Uint32Array(data.buffer);
    const colours = new Set(words.filter(word => word >>> 24 === 255));
    return { colours: colours.size, pixels: words.join() };
})"""

READ_FIGURES = """() => [...Bokeh.documents[0].all_models]
    .filter(model => model.type === "Figure" || model.type === "Plot")
    .map(figure => ({
        id: figure.id,
        points: figure.renderers
            .filter(renderer => renderer.data_source)
            .map(renderer => renderer.data_source.get_length() ?? 0),
    }))"""


# The loss chart: its losses, those of old runs, and the iterations that it and the heat map mark.
# What never was in front is not made.
READ_CHARTS = """() => {
    const models = [...Bokeh.documents[0].all_models];
    const sources = models.filter(model => model.type === "ColumnDataSource");
    const losses = sources.filter(
        source => source.columns().includes("loss") && source.name !== "second");
    const run = losses.find(source => source.columns().includes("accuracy"));
    const old = losses.find(source => source !== run);
    const marks = models.filter(model => model.type === "Span").map(span => span.location);
    return { losses: [...run?.get("loss") ?? []], old: [...old?.get("loss") ?? []], marks };
}"""

# What is made and seen only once the settings are opened.
IN_DRAWER = {
    *("Data set", "Learning rate", "Batch size", "Seed", "Numbers", "Colours", "Notation"),
    *(
        "Begin anew at iteration 1",
        "Evaluate the test images",
        "Stop evaluating",
        "Save weights",
        "Your data",
        *("Weights as", "Load weights", "Use this network", "Begin from drawn weights"),
    ),
}


@dataclass(frozen=True)
class Canvas:
    """What a canvas shows: how many colours, and all its pixels as text."""

    colours: int
    pixels: str


@dataclass(frozen=True)
class Figure:
    """A Bokeh figure: its id, and how many points each of its renderers has."""

    id: str
    points: list[int]


def usual(query: str = "") -> str:
    """Return a query with the words of the run that most tests look at, unless it has its own."""
    missing = [f"{word}={text}" for word, text in USUAL.items() if f"{word}=" not in query]
    return "?" + "&".join(filter(None, [query.removeprefix("?"), *missing]))


class Dashboard:
    """One page with the dashboard."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.status = page.locator(".cs-status:not(:empty)")
        self.alert = page.get_by_role("alert")
        self.strip = page.get_by_role("group", name="network", exact=True)

    def wait_until_live(self) -> None:
        """Wait until everything is drawn and answers; or only answers, while a run is replayed."""
        replaying = self.alert.filter(has_text=re.compile("Replaying (both runs )?to iteration"))
        # A page without a server shows nothing of a moment until Python lives.
        expect(self.status.or_(replaying)).to_be_visible(timeout=4000 * PATIENCE)
        if replaying.count():
            return
        expect(self.status).to_have_text(STATUS)
        expect(self.strip.locator("canvas").first).to_be_visible()
        self.page.wait_for_function("Bokeh.documents[0].is_idle", timeout=1000 * PATIENCE)
        self.canvases()

    def button(self, name: str) -> Locator:
        self._open_drawer_of(name)
        return self.page.get_by_role("button", name=name, exact=True)

    def field(self, name: str) -> Locator:
        self._open_drawer_of(name)
        return self.page.get_by_label(name, exact=True)

    def close_settings(self) -> None:
        """Close the settings if they are open: they stand over what is beside the board."""
        settings = self.page.get_by_role("button", name="Settings", exact=True)
        if settings.get_attribute("aria-expanded") == "true":
            settings.click()
        expect(settings).to_have_attribute("aria-expanded", "false")

    def _open_drawer_of(self, name: str) -> None:
        """Open the settings if what is asked for stands there."""
        if name in IN_DRAWER:
            settings = self.page.get_by_role("button", name="Settings", exact=True)
            if settings.get_attribute("aria-expanded") == "false":
                settings.click()
            expect(settings).to_have_attribute("aria-expanded", "true")

    def press(self, name: str) -> None:
        self.button(name).click()

    def choose_grain(self, grain: str) -> None:
        """Choose what a step moves by: a button, or on a telephone one of a list."""
        buttons = self.page.get_by_role("group", name="Grain", exact=True)
        if buttons.is_visible():
            buttons.get_by_role("button", name=grain, exact=True).click()
        else:
            self.page.get_by_label("Step by", exact=True).select_option(grain)

    def enter(self, name: str, text: str) -> None:
        """Type into a field and leave it."""
        self.field(name).fill(text)
        self.field(name).press("Enter")

    def bring_to_front(self, chart: str) -> None:
        """Choose what stands beside the board: a chart, or "Explain"."""
        self.close_settings()
        self.button(chart).click()
        expect(self.button(chart)).to_have_attribute("aria-pressed", "true")

    def told(self) -> str:
        """Return the status line, as soon as there is a whole one."""
        return eventually(self.page, self.status.inner_text, STATUS.fullmatch, "no whole status")

    @property
    def iteration(self) -> int:
        """The number of the iteration in sight."""
        match = STATUS.fullmatch(self.told())
        assert match
        return int(match[1])

    def wait_for_iteration(self, iteration: int, patience: float = PATIENCE) -> None:
        at = re.compile(rf"^iteration {iteration} ")
        expect(self.status).to_have_text(at, timeout=1000 * patience)

    def step(self) -> None:
        """Press Step and wait for the next iteration."""
        before = self.iteration
        self.press("Step")
        self.wait_for_iteration(before + 1)

    def canvases(self) -> list[Canvas]:
        """Return what the pictures of the network show when all of them are drawn."""
        pictures = self.strip.locator("canvas")

        def read() -> list[Canvas]:
            return [Canvas(**canvas) for canvas in pictures.evaluate_all(READ_CANVASES)]

        eventually(
            self.page,
            read,
            lambda found: bool(found) and min(canvas.colours for canvas in found) > 0,
            "a picture is empty",
        )
        return settled(self.page, read)

    def charts(self) -> dict[str, list[float]]:
        """Return what the charts along the iterations hold at this moment."""
        found: dict[str, list[float]] = self.page.evaluate(READ_CHARTS)
        return found

    def figures(self) -> list[Figure]:
        """Return what the figures hold at this moment."""
        return [Figure(**figure) for figure in self.page.evaluate(READ_FIGURES)]


def eventually(
    page: Page | Frame, read: Callable[[], T], good: Callable[[T], object], otherwise: str
) -> T:
    """Read again and again until the value is good; return it."""
    deadline = time.monotonic() + PATIENCE
    while not good(value := read()):
        assert time.monotonic() < deadline, f"{otherwise}; last: {str(value)[:300]}"
        page.wait_for_timeout(50)
    return value


def settled(page: Page | Frame, read: Callable[[], T]) -> T:
    """Read again and again until the value stays; return it."""
    values: list[T] = []

    def stays() -> bool:
        values.append(read())
        return len(values) > READS and all(value == values[-1] for value in values[-READS:])

    eventually(page, stays, bool, "the value does not settle")
    return values[-1]


def expect_no_change(page: Page, read: Callable[[], object]) -> None:
    """Read for a second: that nothing happens can only be seen by waiting."""
    before = settled(page, read)
    for _ in range(10):
        page.wait_for_timeout(100)
        assert read() == before


# The key frames that the browser keeps; with `spoil`, after putting zeros in their place.
READ_FRAMES = """async (spoil) => {
    const answer = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    const database = await answer(indexedDB.open("convscope"));
    if (!database.objectStoreNames.contains("frames")) { database.close(); return []; }
    const frames = database.transaction("frames", "readwrite").objectStore("frames");
    const found = await answer(frames.getAll());
    for (const frame of spoil ? found : []) {
        await answer(frames.put({ ...frame, content: new Uint8Array(frame.size) }));
    }
    database.close();
    return found.map(({ key, iteration, size }) => ({ key, iteration, size }));
}"""
RESUMED = """() => [...Bokeh.documents[0].all_models]
    .find((model) => model.name === "KeyFrameStore").data.resumed"""


def wait_until_kept(dashboard: Dashboard, iteration: int) -> None:
    """Wait until the browser keeps the key frame of an iteration."""
    eventually(
        dashboard.page,
        lambda: [frame["iteration"] for frame in dashboard.page.evaluate(READ_FRAMES, False)],
        lambda found: iteration in found,
        "no key frame is kept",
    )
