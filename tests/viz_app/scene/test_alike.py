"""Where numbers are the same, or are added, one colour stands for one number."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pytest

from core.inspect.trace import StepTrace
from tests.core.cases import CASES
from tests.viz_app.recorded import of_case, trained
from tests.viz_app.viewers import viewer_of
from viz_app.place.place import Place
from viz_app.scene.registry import Look, view_of
from viz_app.scene.scene import Panel

BRANCHES = "concat(identity | conv 3 k3 p1), residual(conv 4 k1), relu, gap, flatten, linear 10"
# What an inner stage adds, and the sum; the last of them stand side by side with others.
SUMS = {
    ("conv", "forward"): ("K_X_col", "bias", "X_out"),
    ("linear", "forward"): ("bias", "X_out"),
    ("bn", "backward"): ("term_direct", "term_mean", "term_var", "g_X_in"),
    ("residual", "forward"): ("body", "shortcut", "X_out"),
    ("residual", "backward"): ("g_body", "g_shortcut", "g_X_in"),
}
# These hold some of the same numbers by chance, or have colours of their own: what cannot be
# negative is never in the colours of what can; places are no numbers of an image.
APART = {
    *(("relu", "forward"), ("leaky", "forward"), ("avgpool", "forward"), ("pool", "forward")),
    *(("loss", "loss"), ("conv", "backward")),
}


def looks(trace: StepTrace) -> Iterator[Look]:
    for number, stage in enumerate(trace.stages):
        for inner in range(len(stage.inner)):
            yield Look(trace, Place(number, inner))


def drawn(look: Look) -> list[Panel]:
    panels = view_of(look)(look).panels.values()
    return [p for p in panels if not p.is_empty and p.tiles[0].bins is None and p.scale != "none"]


def holds(look: Look, one: Panel, other: Panel) -> bool:
    """Whether all numbers of an array are among those of another one."""
    few, many = (np.unique(look.arrays[panel.array]) for panel in (one, other))
    return len(few[few != 0]) > 2 and bool(np.isin(few, [*many, 0.0]).all())


@pytest.mark.parametrize(
    "trace",
    [pytest.param(lambda: trained(text=BRANCHES), id="branches")]
    + [pytest.param(trained, id="usual")]
    + [pytest.param(lambda case=case: of_case(case), id=case.id) for case in CASES],
)
def test_the_same_numbers_have_one_scale(trace: object) -> None:
    assert callable(trace)
    for look in looks(trace()):
        if (look.stage.kind, look.stage.phase) in APART:
            continue
        for one, other in combinations(drawn(look), 2):
            if holds(look, one, other) or holds(look, other, one):
                where = (look.stage.phase, look.stage.layer, one.key, other.key)
                assert (one.limits, one.colours) == (other.limits, other.colours), where


@pytest.mark.parametrize("colours", ["fixed", "step"])
def test_terms_and_their_sum_have_one_scale(colours: str) -> None:
    seen = set()
    for preset in ("one", "digits", "residual"):
        viewer = viewer_of(preset, seed=1)
        viewer.change(colours=colours)
        for _ in range(2):
            viewer.step()
        for number, stage in enumerate(viewer.trace.stages):
            terms = SUMS.get((stage.kind, stage.phase), ())
            for inner, arrays in enumerate(stage.inner.values()):
                viewer.go_to_stage(number, inner)
                panels = [panel for panel in drawn(viewer.look) if panel.array in terms]
                assert len({panel.limits for panel in panels}) <= 1, (stage.layer, *arrays)
                assert len({panel.colours for panel in panels}) <= 1
                seen |= {(stage.kind, stage.phase)} if len(panels) > 1 else set()
    assert seen == set(SUMS)


def test_momentum_is_added_on_one_scale() -> None:
    viewer = viewer_of("one")
    viewer.change(colours="step")
    for _ in range(3):
        update = next(k for k, s in enumerate(viewer.trace.stages) if s.phase == "update")
        viewer.go_to_stage(update)
        panels = {panel.key: panel for panel in drawn(viewer.look)}
        terms = [panels[key].limits for key in ("velocity_before", "gradient", "velocity")]
        assert len(set(terms)) == 1
        # What begins as zeros does not make it wider.
        sizes = [np.abs(viewer.look.arrays[key]).max() for key in ("gradient", "velocity")]
        assert max(sizes) * 8 > terms[0][1]
        viewer.step()
