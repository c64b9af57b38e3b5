"""Equations read true: what the matrices of a step print gives what is printed as their result."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import expect

from core.inspect.trace import StepTrace
from tests.browser.board.printed import LISTEN, SMALL, Printed, read
from tests.browser.conftest import Open
from tests.viz_app.viewers import viewer_of

pytestmark = pytest.mark.browser

Matrices = dict[str, Printed]
# The result, and what the other matrices of the step say that it is.
Equation = tuple[str, Callable[[Matrices, int], Printed]]


def _row(m: Matrices, key: str) -> Printed:
    """The first channel's number of a row of statistics."""
    return m[key].part(slice(None), slice(0, 1))


def _image(m: Matrices, key: str) -> Printed:
    """The first row of a matrix as the image that it becomes."""
    shape = m["X_out"].shape
    return m[key].part(slice(0, 1)).reshape(*shape)


EQUATIONS: dict[tuple[str, str, str], Equation] = {
    ("forward", "conv", "multiply"): ("K_X_col", lambda m, n: m["K"] @ m["X_col"]),
    ("forward", "conv", "reshape"): (
        "X_out",
        lambda m, n: (
            _image(m, "K_X_col") + m["bias"].part(slice(0, 1))
            if "bias" in m
            else _image(m, "K_X_col")
        ),
    ),
    ("backward", "conv", "column gradient"): (
        "g_X_col",
        lambda m, n: m["K"] @ m["g_X_out_matrix"],
    ),
    ("forward", "linear", "multiply"): (
        "X_out",
        lambda m, n: m["X_in"] @ m["weight"] + m["bias"],
    ),
    ("backward", "linear", "weight gradient"): ("g_weight", lambda m, n: m["g_X_out"] @ m["X_in"]),
    ("backward", "linear", "input gradient"): ("g_X_in", lambda m, n: m["g_X_out"] @ m["weight"]),
    ("forward", "relu", "output"): ("X_out", lambda m, n: m["X_in"].clipped()),
    ("backward", "relu", "input gradient"): ("g_X_in", lambda m, n: m["g_X_out"] * m["gate"]),
    ("forward", "bn", "normalise"): ("x_hat", lambda m, n: m["centred"] * _row(m, "inv_std")),
    ("forward", "bn", "scale and shift"): (
        "X_out",
        lambda m, n: m["x_hat"] * _row(m, "gamma") + _row(m, "beta"),
    ),
    ("forward", "bn", "eval mode"): ("eval_change", lambda m, n: m["X_out_eval"] - m["X_out"]),
    ("backward", "bn", "normalised gradient"): (
        "g_x_hat",
        lambda m, n: m["g_X_out"] * _row(m, "gamma"),
    ),
    ("backward", "bn", "input gradient"): (
        "g_X_in",
        lambda m, n: m["term_direct"] + m["term_mean"] + m["term_var"],
    ),
    ("loss", "loss", "logit gradient"): (
        "g_logits",
        lambda m, n: (m["probabilities"] - m["targets"]) * (1 / n),
    ),
    ("forward", "residual", "sum"): ("X_out", lambda m, n: m["body"] + m["shortcut"]),
    ("backward", "residual", "sum"): ("g_X_in", lambda m, n: m["g_body"] + m["g_shortcut"]),
    ("forward", "dropout", "output"): ("X_out", lambda m, n: m["X_in"] * m["mask"]),
    ("backward", "dropout", "input gradient"): ("g_X_in", lambda m, n: m["g_X_out"] * m["mask"]),
}
# With one sample alone: otherwise the other samples of the batch are added too.
KERNEL_GRADIENT: Equation = ("g_K", lambda m, n: m["g_X_out_matrix"] @ m["X_col"].transposed())
UPDATE: Equation = ("after", lambda m, n: m["before"] + m["step"])


def steps(trace: StepTrace) -> Iterator[tuple[int, str, Equation | None]]:
    """All inner stages in their order, each with its equation if one is known."""
    for number, stage in enumerate(trace.stages):
        for inner in stage.inner:
            at = (stage.phase, stage.kind or "loss", inner)
            if stage.phase == "update":
                yield number, inner, UPDATE
            elif at == ("backward", "conv", "kernel gradient") and len(trace.indices) == 1:
                yield number, inner, KERNEL_GRADIENT
            else:
                yield number, inner, EQUATIONS.get(at)


# How many of them are seen whole at the least: of a large matrix only a part is printed.
@pytest.mark.parametrize(("preset", "least"), [("one", 13), ("digits", 25), ("residual", 23)])
def test_equations_read_true(open_dashboard: Open, preset: str, least: int) -> None:
    viewer = viewer_of(preset)
    dashboard = open_dashboard(
        f"?preset={preset}&grain=Inside", viewport={"width": 2390, "height": 2200}
    )
    page = dashboard.page
    page.add_init_script(LISTEN)
    page.reload()
    dashboard.wait_until_live()
    page.add_style_tag(content=SMALL)
    page.set_viewport_size({"width": 2380, "height": 2200})
    found = set()
    for number, inner, equation in steps(viewer.trace):
        stage = viewer.trace.stages[number]
        expect(dashboard.status).to_contain_text(f"stage {number + 1} of ")
        expect(page.locator("h2")).to_contain_text(inner if len(stage.inner) > 1 else stage.layer)
        if equation is not None and _reads_true(read(page), equation, len(viewer.trace.indices)):
            found.add((stage.phase, stage.layer, inner))
        dashboard.press("Step")
    assert len(found) >= least, sorted(found)


def _reads_true(matrices: Matrices, equation: Equation, samples: int) -> bool:
    """Return whether all matrices of an equation are seen whole; fail where it reads falsely."""
    result, compute = equation
    try:
        computed, shown = compute(matrices, samples), matrices[result]
    except (KeyError, ValueError):
        return False
    if computed.shape != shown.shape:
        return False
    off = np.abs(computed.values - shown.values) - computed.halves - shown.halves
    assert off.max() <= 1e-6 * max(1.0, np.abs(shown.values).max()), (result, off.max())
    return True
