"""docs/write-a-layer.md: its code runs, prints what it says, and the layers keep their promises."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "write-a-layer.md").read_text("utf-8")
# A block of code, and the output that may stand behind it.
STEP = re.compile(
    r"^```python\n(?P<code>(?:(?!```).*\n)*)```$(?:\n\n```text\n(?P<output>(?:(?!```).*\n)*)```$)?",
    re.MULTILINE,
)

# Runs blocks in one namespace, in a process of its own: they register layers and presets.
RUN = """
import io, json, sys
from contextlib import redirect_stdout

namespace, printed = {"__name__": "page"}, []
for number, block in enumerate(json.load(sys.stdin)):
    with redirect_stdout(io.StringIO()) as output:
        exec(compile(block, f"block {number}", "exec"), namespace)
    printed.append(output.getvalue())
print(json.dumps(printed))
"""

EVERY_CELL = """
from tests.core.formulas import check_all_cells

for text in (
    "conv 2 k3, swish b0.5, flatten, linear 10",
    "conv 2 k3, thrifty_swish b2.0, flatten, linear 10",
    "conv 2 k3, measured_swish, flatten, linear 10",
    "conv 2 k3, noise 0.2, flatten, linear 10",
    "conv 2 k3, squeeze 3, flatten, linear 10",
):
    model = parse_model(text, data.input_shape, rng)
    trainer = Trainer(model, SGD(model.parameters(), lr=0.05), data, 4, rng)
    trainer.step()
    trace = trainer.record_step()
    # A mean of gates is rounded as the sum of 100 numbers.
    checked = {array for _, array in check_all_cells(trace, roundings=512)}
    for stage in trace.stages:
        inside = stage.layer == model[1].name and stage.phase != "update"
        for array in stage.names if inside else []:
            print(text, stage.phase, array, "yes" if array in checked else "no")
"""

DEFAULT_VIEW = """
from viz_app.scene.registry import view_of
from viz_app.place.place import Place
from viz_app.run.presets import PRESETS
from viz_app.run.run import Run
from viz_app.scene.registry import Look
from viz_app.layer_views.default import default

run = Run(PRESETS["swish"].recipe("swish"))
print("fine")
for k, stage in enumerate(run.trace.stages):
    if stage.layer == "swish" and stage.phase != "update":
        for inner in range(len(stage.inner)):
            look = Look(run.trace, Place(k, inner))
            assert view_of(look) is default
            print(stage.phase, *view_of(look)(look).panels)
"""


def run(*blocks: str) -> list[str]:
    """Return what blocks of code print, run one after the other."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        input=json.dumps(blocks),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed: list[str] = json.loads(done.stdout)
    return printed


@pytest.fixture(scope="module")
def page() -> list[tuple[str, str]]:
    """Code and promised output of each block."""
    return [(match["code"], match["output"] or "") for match in STEP.finditer(TEXT)]


@pytest.fixture(scope="module")
def printed(page: list[tuple[str, str]]) -> list[str]:
    return run(*(code for code, _ in page), EVERY_CELL, DEFAULT_VIEW)


def test_every_block_prints_what_stands_behind_it(
    page: list[tuple[str, str]], printed: list[str]
) -> None:
    assert len(page) == TEXT.count("```python") > 10
    assert sum(output != "" for _, output in page) == TEXT.count("```text")
    assert printed[: len(page)] == [output for _, output in page]


def test_every_cell_is_what_its_line_says(page: list[tuple[str, str]], printed: list[str]) -> None:
    lines = [line.rsplit(" ", 1) for line in printed[len(page)].splitlines()]
    unchecked = {what.rsplit(" ", 1)[1] for what, checked in lines if checked == "no"}
    # Linked to other layers, params, or from outside.
    assert unchecked == {"X_in", "g_X_out", "beta", "noise", "open_before"}
    checked = {what.rsplit(" ", 1)[1] for what, checked in lines if checked == "yes"}
    assert {"s", "slope", "g_s", "g_beta", "open", "scale", "by_body", "g_scale"} <= checked


def test_the_dashboard_draws_it(page: list[tuple[str, str]], printed: list[str]) -> None:
    assert printed[len(page) + 1].splitlines() == [
        "fine",
        "forward X_in beta s",
        "forward X_in s X_out",
        "backward s slope",
        "backward g_X_out g_beta",
        "backward g_X_out g_s g_X_in",
    ]
