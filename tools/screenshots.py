"""Take the pictures of the dashboard that the documentation shows, one of each kind of view.

Run as `python -m tools.screenshots`, or `make screenshots`; writes docs/screenshots/*.png.
Names take these pictures alone: `python -m tools.screenshots phone dark`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Literal
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from core.inspect.trace import StagePhase
from tools.serving import ROOT, chromium, served_app
from viz_app.run.presets import PRESETS
from viz_app.run.run import Run

FOLDER = ROOT / "docs" / "screenshots"
WIDE, LARGE, NARROW = (1280, 720), (1920, 1080), (390, 844)
# So many that the curves have a shape.
ITERATION = 30
# Milliseconds.
PATIENCE, LAST_STROKES = 120_000, 1500


@dataclass(frozen=True)
class Shot:
    """Where a picture is taken.

    Attributes:
        phase: of the stage in sight.
        layer: whose stage it is.
        inner: name of the inner stage.
        cell: the selected cell: its array, and its index there.
        preset: what is trained.
        size: width and height of the window, in px.
        scheme: whether the page is light or dark.
        check: whether the gradient of the cell is checked.
        words: further ones of the address; with a `side` of their own there is no explanation.
    """

    phase: StagePhase
    layer: str
    inner: str
    cell: str
    preset: str = "digits"
    size: tuple[int, int] = WIDE
    scheme: Literal["light", "dark"] = "light"
    check: bool = False
    words: Mapping[str, str] = field(default_factory=dict)

    def query(self) -> str:
        """Return the address of the place, behind the server's."""
        trace = Run(PRESETS[self.preset].recipe(self.preset)).trace
        stage = trace.stage(self.phase, self.layer)
        return "?" + urlencode(
            {
                "preset": self.preset,
                "iteration": ITERATION,
                "grain": "Inside",
                "stage": trace.stages.index(stage) + 1,
                "inner": list(stage.inner).index(self.inner) + 1,
                "cell": self.cell,
                **self.words,
            }
        )


SHOTS = {
    "convolution": Shot("forward", "conv1", "multiply", "K_X_col,2,28"),
    "kernel-gradient": Shot("backward", "conv1", "kernel gradient", "g_K,2,4", check=True),
    "col2im": Shot("backward", "conv1", "col2im", "g_X_in,0,0,3,4"),
    "batch-norm": Shot("forward", "bn1", "normalise", "x_hat,0,2,3,4"),
    "three-terms": Shot("backward", "bn1", "three terms", "term_var,0,2,3,4"),
    "max-pooling": Shot("forward", "pool1", "winner", "winner,0,2,1,2"),
    "max-pooling-route": Shot("backward", "pool1", "route", "g_X_in,0,2,3,4"),
    "activation": Shot("forward", "relu1", "gate", "gate,0,2,3,4"),
    "flatten": Shot("forward", "flatten", "output", "X_out,0,10"),
    "linear": Shot("forward", "linear", "multiply", "X_out,0,3"),
    "loss": Shot("loss", "loss", "logit gradient", "g_logits,0,3"),
    "update": Shot("update", "conv1", "weight", "after,2,0,1,1"),
    "average-pooling": Shot("forward", "avgpool", "output", "X_out,0,2,1,1", preset="residual"),
    "average-pooling-shares": Shot(
        "backward", "avgpool", "input gradient", "g_X_in,0,2,3,3", preset="residual"
    ),
    "global-average-pooling": Shot("forward", "gap", "output", "X_out,0,3,0,0", preset="residual"),
    "residual": Shot("forward", "residual", "sum", "X_out,0,3,1,1", preset="residual"),
    "residual-gradient": Shot("backward", "residual", "sum", "g_X_in,0,3,1,1", preset="residual"),
    "dropout": Shot("forward", "dropout", "output", "X_out,0,2,1,1", preset="residual"),
    "one-convolution": Shot("forward", "conv", "multiply", "K_X_col,0,5", preset="one"),
    "shapes": Shot("forward", "conv1", "slide", "X_in,0,0,10,10", preset="shapes"),
    "compare": Shot("forward", "conv1", "multiply", "K_X_col,2,28", words={"against": "rate:0.2"}),
    "probe": Shot(
        "forward", "conv1", "slide", "X_in,0,0,3,4", words={"probe": "test:5", "side": "probe"}
    ),
    "dark": Shot("backward", "conv2", "column gradient", "g_X_col,13,5", scheme="dark", size=LARGE),
    "phone": Shot("forward", "conv1", "multiply", "K_X_col,2,28", size=NARROW),
}


def main(names: list[str]) -> int:
    """Write the pictures of these names, or all; return the exit code of the program."""
    unknown = [name for name in names if name not in SHOTS]
    if unknown:
        print(f"There is no picture {unknown[0]}; there are {', '.join(SHOTS)}.", file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    with served_app() as served, chromium() as browser:
        for name in names or SHOTS:
            _write(name, _taken(browser, served.address, SHOTS[name]))
    return 0


def _taken(browser: Browser, address: str, shot: Shot) -> bytes:
    """Open the dashboard at a place, and take its picture when all is drawn."""
    width, height = shot.size
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=shot.scheme)
    try:
        page.goto(address + shot.query())
        expect(page.locator(".cs-status")).to_contain_text(
            f"iteration {ITERATION} ", timeout=PATIENCE
        )
        # A selection that the address could not bring would leave the hint standing here.
        if "side" not in shot.words:
            expect(page.locator(".why .stored")).to_be_visible(timeout=PATIENCE)
        if shot.check:
            page.get_by_role("button", name="Check this gradient").click()
            result = page.locator(".why .good")
            expect(result).to_be_visible(timeout=PATIENCE)
            result.scroll_into_view_if_needed()
        if shot.size == NARROW:
            # The page is long there, and its head is not what the picture is of.
            key = shot.cell.split(",")[0]
            page.locator(f'.panel[data-key="{key}"]').evaluate("panel => panel.scrollIntoView()")
        _settle(page)
        return page.screenshot()
    finally:
        page.close()


def _settle(page: Page) -> None:
    """Wait until nothing moves any more."""
    page.mouse.move(0, 0)
    page.wait_for_function("Bokeh.documents[0].is_idle", timeout=PATIENCE)
    # Figures are drawn a little after the document is idle.
    page.wait_for_timeout(LAST_STROKES)


def _write(name: str, png: bytes) -> None:
    """Write a picture with 256 colours, a third of the size; no colour is far from its own."""
    picture = Image.open(BytesIO(png)).convert("RGB")
    few = picture.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=4, dither=Image.Dither.NONE)
    few.save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
