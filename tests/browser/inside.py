"""What the page shows of the inside of an iteration, next to a viewer that Python keeps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from playwright.sync_api import Locator, expect

from core.inspect.explain import Cell, cell_value
from core.inspect.trace import Stage
from core.tensor import Array
from tests.browser.dashboard import PATIENCE, Dashboard, eventually, settled
from tests.rounding import largest
from tests.viz_app.viewers import viewer_of
from viz_app.place.address import parse
from viz_app.viewer import Viewer

MODEL = "name => [...Bokeh.documents[0].all_models].find(model => model.name === name).data"

IS_AT = f"""([iteration, stage, inner]) => {{
    const of = {MODEL};
    return of("Player").at.stage === stage && of("Head").content.inner === inner
        && new URLSearchParams(of("Page").address).get("iteration") === String(iteration);
}}"""

READ_SCENE = f"""() => {{
    const {{ text, numbers }} = ({MODEL})("Board").scene;
    const {{ panels, layout }} = JSON.parse(text, (_, item) =>
        item?.floats ? numbers.slice(...item.floats) : item);
    return {{ layout, panels: Object.entries(panels).map(([name, panel]) => ({{
        name, key: panel.key, index: panel.index, rows: panel.rows, columns: panel.columns,
        empty: panel.empty,
        tiles: panel.tiles.map(({{ values, shape, prefix, row_start, column_start, bins, ring }}) =>
            ({{ values: [...values], shape, prefix, row_start, column_start, bins, ring }})),
    }})) }};
}}"""

READ_CAPTIONS = """panels => Object.fromEntries(panels.map(panel =>
    [panel.dataset.key, panel.querySelector(".caption").title]))"""

# Returns when everything that is known by now is drawn.
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"

# As the page writes one.
NUMBER = r"[−-]?[\d.]+(?:e[−+-]?\d+)?"

# The parts that must not move, by what is inside them.
READ_BOXES = """() => {
    const found = {};
    const walk = (root) => {
        for (const node of root.querySelectorAll("*")) {
            if (node.shadowRoot) walk(node.shadowRoot);
            for (const [name, css] of Object.entries({
                header: "header", strip: ".strip", head: ".head", board: ".frame", why: ".why",
                player: ".deck",
            })) if (node.matches(css)) found[name] = node.getRootNode().host;
        }
    };
    walk(document);
    const above = (node, levels) => {
        for (let k = 0; k < levels; k++) node = node.parentNode.host || node.parentNode;
        return node;
    };
    found.side = above(found.why, 1);
    found.card = above(found.head, 1);
    for (const name of ["why", "head", "board"]) delete found[name];
    return Object.fromEntries(Object.entries(found).map(([name, node]) => {
        const { x, y, width, height } = node.getBoundingClientRect();
        return [name, [x, y, width, height]];
    }));
}"""

# Elements with text of their own that is drawn smaller than 12 px, but for scripts of formulas.
READ_SMALL_TEXT = """() => {
    const found = new Set();
    const walk = (root) => {
        for (const node of root.querySelectorAll("*")) {
            if (node.shadowRoot) walk(node.shadowRoot);
            if (["STYLE", "SCRIPT"].includes(node.tagName) || node.closest("math")) continue;
            const text = [...node.childNodes]
                .filter((child) => child.nodeType === Node.TEXT_NODE)
                .map((child) => child.textContent.trim()).join("");
            const size = parseFloat(getComputedStyle(node).fontSize);
            if (text && size < 12 && node.getClientRects().length) {
                found.add(`${node.tagName} ${size} px: ${text}`);
            }
        }
    };
    walk(document);
    return [...found];
}"""

# How many pixels each overlay has, by the name of its array.
READ_LIT = """canvases => canvases.map(canvas => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let k = 3; k < data.length; k += 4) count += data[k] > 0;
    return [canvas.closest(".panel").dataset.key, count];
})"""

# Which pixels of an overlay are painted, row by row.
READ_OVERLAY = """canvas => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const rows = [];
    for (let y = 0; y < canvas.height; y++) {
        rows.push(Array.from({ length: canvas.width }, (_, x) =>
            data[4 * (y * canvas.width + x) + 3] > 100));
    }
    return rows;
}"""


@dataclass(frozen=True)
class Place:
    """Where in a run one looks."""

    iteration: int
    stage: int
    inner: int

    @classmethod
    def of(cls, viewer: Viewer) -> Place:
        """Where a viewer looks."""
        return cls(viewer.trace.iteration, viewer.place.stage, viewer.place.inner)


@dataclass(frozen=True)
class Stop:
    """What the page shows at one place."""

    place: Place
    status: str
    scene: dict[str, Any]
    boxes: dict[str, list[float]]
    height: float
    small: list[str]


class Inside:
    """One page, and a viewer in Python that is taken along to wherever the page goes."""

    def __init__(self, dashboard: Dashboard) -> None:
        self.dashboard = dashboard
        self.page = dashboard.page
        self.viewer = viewer_of()

    # Moving

    def start(self, grain: str = "Layer") -> None:
        """Begin the run anew, on both sides."""
        self.page.mouse.move(1, 1)
        self.dashboard.press("Begin anew at iteration 1")
        self.dashboard.close_settings()
        self.viewer = viewer_of()
        self.arrive()
        # Reset leaves the sample that was looked at.
        self.viewer.change(sample=int(parse(self.model("Page", "address"))["sample"]))
        self.choose_grain(grain)

    def choose_grain(self, grain: str) -> None:
        """Choose what a step moves by."""
        self.dashboard.choose_grain(grain)
        self.viewer.change(grain=grain)
        self.page.wait_for_function(
            f"grain => new URLSearchParams(({MODEL})('Page').address).get('grain') === grain",
            arg=grain,
            timeout=1000 * PATIENCE,
        )

    def arrive(self) -> None:
        """Wait until the page is where the viewer is, and has drawn it."""
        place = Place.of(self.viewer)
        self.page.wait_for_function(
            IS_AT, arg=[place.iteration, place.stage, place.inner], timeout=1000 * PATIENCE
        )
        expect(self.dashboard.status).to_have_text(self.viewer.status)
        tabs = self.page.locator('.timeline [role="tab"]')
        expect(tabs).to_have_count(len(self.viewer.stage.inner))
        expect(tabs.nth(place.inner)).to_have_attribute("aria-selected", "true")
        self.page.evaluate(DRAWN)

    def step(self) -> None:
        """Press Step."""
        self.dashboard.press("Step")
        self.viewer.step()
        self.arrive()

    def back(self) -> None:
        """Press Back."""
        self.dashboard.press("Back")
        self.viewer.back()
        self.arrive()

    def key(self, key: str) -> None:
        """Press → or ←."""
        self.page.keyboard.press(key)
        (self.viewer.step if key == "ArrowRight" else self.viewer.back)()
        self.arrive()

    def go(self, phase: str, layer: str, inner: int = 0) -> None:
        """Click a stage of the timeline, and one of its inner stages."""
        stage = self.number(phase, layer)
        # In its left end: the stage at work holds its inner stages.
        self.page.locator(".track .bar").nth(stage).click(position={"x": 8, "y": 10})
        self.viewer.go_to_stage(stage)
        self.arrive()
        if inner:
            self.page.get_by_role("tab").nth(inner).click()
            self.viewer.go_to_stage(stage, inner)
            self.arrive()

    def number(self, phase: str, layer: str) -> int:
        """The place of a stage in the iteration."""
        stages = self.viewer.trace.stages
        return next(k for k, s in enumerate(stages) if (s.phase, s.layer) == (phase, layer))

    # Reading

    def model(self, name: str, field: str) -> Any:  # noqa: ANN401
        """What a component has."""
        return self.page.evaluate(f"([name, field]) => ({MODEL})(name)[field]", [name, field])

    def stop(self) -> Stop:
        """All that is shown at the place where the page has arrived."""
        return Stop(
            Place.of(self.viewer),
            self.dashboard.told(),
            self.page.evaluate(READ_SCENE),
            self.page.evaluate(READ_BOXES),
            self.page.evaluate("document.scrollingElement.scrollHeight"),
            self.page.evaluate(READ_SMALL_TEXT),
        )

    def canvas(self, key: str) -> Locator:
        """The large picture of an array, on which one points and clicks: no histogram."""
        return self.page.locator(f'.panel[data-key="{key}"]:not(.bars) .over').first

    def select(self, key: str) -> Cell:
        """Click a cell in the middle of an array's picture; return which cell it is."""
        self.canvas(key).click()
        self.page.wait_for_function(
            f"""key => {{
                const of = {MODEL}, {{ selected }} = of("Board");
                const told = new URLSearchParams(of("Page").address).get("cell");
                return selected.key === key && told === [key, ...selected.index].join();
            }}""",
            arg=key,
            timeout=1000 * PATIENCE,
        )
        return self.selected

    def wait_for_selection(self, selected: object) -> None:
        """Wait until the page says that this cell is selected."""
        eventually(
            self.page,
            lambda: self.model("Board", "selected"),
            lambda found: found == selected,
            "another cell is selected",
        )

    def captions(self) -> dict[str, str]:
        """Which rows and columns of each array are in sight, in words."""
        found: dict[str, str] = self.page.locator(".panel").evaluate_all(READ_CAPTIONS)
        return found

    def explanation(self, name: str) -> dict[str, Any]:
        """Return what the page was told of the cell with this name, when it shows it."""
        told: dict[str, Any] = eventually(
            self.page,
            lambda: self.model("ExplanationPanel", "content"),
            lambda found: found.get("name") == name,
            f"there is no explanation of {name}",
        )
        self.page.evaluate(DRAWN)
        return told

    @property
    def selected(self) -> Cell:
        """The cell that the page says is selected, in the stage that the viewer looks at."""
        found, stage = self.model("Board", "selected"), self.viewer.stage
        inner = list(stage.inner)[self.viewer.place.inner] if stage.phase == "update" else None
        return Cell(stage.phase, stage.layer, found["key"], tuple(found["index"]), inner)

    def stored(self, cell: Cell) -> float:
        """The number of the viewer's own trace."""
        return cell_value(self.viewer.trace, cell)

    def array(self, cell: Cell) -> Array:
        """The array of the viewer's own trace in which a cell is."""
        stage = self.viewer.trace.stage(cell.phase, cell.layer)
        found: Array = (stage.inner[cell.inner] if cell.inner else merged(stage))[cell.array]
        return found

    def magnitude(self, key: str) -> float:
        """The largest magnitude of what an array here is made of, itself a sum that may cancel."""
        arrays = merged(self.viewer.stage)
        return largest(*(a for name, a in arrays.items() if is_gradient(name) == is_gradient(key)))

    def lit(self) -> dict[str, int]:
        """How many pixels the overlays of each array have."""
        overlays = self.page.locator(".panel .over")
        found: dict[str, int] = {}
        for key, count in settled(self.page, lambda: overlays.evaluate_all(READ_LIT)):
            found[key] = found.get(key, 0) + count
        return found


def number(text: str) -> float:
    """Read a number as the page writes it."""
    return float(text.replace("−", "-"))


def read_number(place: Locator) -> float:
    """Read a number where the page writes one, as soon as it does."""
    expect(place).to_have_text(re.compile(rf"^{NUMBER}$"))
    return number(place.inner_text())


def is_gradient(key: str) -> bool:
    """Return whether an array holds a gradient, which is made of gradients."""
    return key.startswith(("g_", "term_", "gradient", "velocity", "step"))


def merged(stage: Stage) -> dict[str, Array]:
    """The arrays of all inner stages."""
    return {key: array for arrays in stage.inner.values() for key, array in arrays.items()}


def blocks(stop: Stop, viewer: Viewer) -> Iterator[tuple[str, Array, Array]]:
    """What tiles show next to what the trace holds there, where a tile is a plain block of it."""
    stage = viewer.trace.stages[stop.place.stage]
    arrays = merged(stage) | list(stage.inner.values())[stop.place.inner]
    for panel in stop.scene["panels"]:
        array = arrays.get(panel["key"])
        for tile in panel["tiles"]:
            rows, columns = tile["shape"]
            plain = (
                panel["index"] == "rc"
                and array is not None
                and not tile["bins"]
                and not panel["empty"]
                and array.ndim == len(tile["prefix"]) + 2
            )
            if plain and array is not None:
                above, below, left, right = tile["ring"]
                r, c = tile["row_start"] + above, tile["column_start"] + left
                shown = np.array(tile["values"], np.float32).reshape(rows, columns)
                shown = shown[above : rows - below, left : columns - right]
                height, width = shown.shape
                held = array[tuple(tile["prefix"])][r : r + height, c : c + width]
                yield panel["key"], shown, np.asarray(held, np.float32)
