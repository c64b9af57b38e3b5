"""Linear, flatten, dropout, residual, the losses and the update as they are drawn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import ArrayLike

import viz_app.layer_views  # noqa: F401  registers the views
from core.data import load_dataset
from core.inspect.trace import StepTrace
from core.layers import (
    Concat,
    Dropout,
    Flatten,
    GroupNorm,
    Identity,
    LayerNorm,
    Linear,
    Residual,
    Softmax,
    Upsample,
)
from core.losses import Loss
from core.model import Model
from core.optim import Optimizer
from tests.core.cases import OTHERS, Case
from tests.rounding import assert_close
from tests.viz_app.components.test_explanation import LOSSES
from tests.viz_app.recorded import (
    OPTIMIZERS,
    of_case,
    scene_with_all,
    shown_indices,
    trace_of,
    trained,
)
from viz_app.place.place import Place
from viz_app.scene.registry import Look
from viz_app.scene.scene import Scene

KINDS = (
    *(Linear, Flatten, Dropout, Residual, Concat),
    *(GroupNorm, LayerNorm, Softmax, Identity, Upsample),
)
CASES = [case for case in OTHERS if isinstance(case.layer(), KINDS)]


def looks(trace: StepTrace, sample: int = 1, channel: int = 1) -> Iterator[Look]:
    """Every place of a trace to look at."""
    for number, stage in enumerate(trace.stages):
        if not isinstance(stage.maker, (*KINDS, Loss, Optimizer)):
            continue
        for inner in range(len(stage.inner)):
            yield Look(trace, Place(number, inner, "Inside", sample, channel, channel))


def drawn(trace: StepTrace, **where: int) -> list[tuple[Look, Scene]]:
    return [(look, scene_with_all(look)) for look in looks(trace, **where)]


def check(trace: StepTrace, **where: int) -> None:
    """Every array of every stage is drawn, and every cell says what the trace holds."""
    seen: dict[tuple[str, str], set[str]] = {}
    wanted: dict[tuple[str, str], set[str]] = {}
    for look, scene in drawn(trace, **where):
        scene.message()
        at = look.stage.phase, look.stage.layer
        seen.setdefault(at, set()).update(panel.array for panel in scene.panels.values())
        wanted.setdefault(at, set()).update(*look.stage.inner.values())
        for panel in scene.panels.values():
            if panel.array == "targets" and panel.scale == "mask":  # one-hot, not as recorded
                continue
            if panel.tiles[0].bins is None:
                for index, value in shown_indices(panel):
                    assert look.arrays[panel.array][index] == value, (at, panel.key, index)
    assert seen == wanted


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
@pytest.mark.parametrize("where", [0, 1, 99])
def test_every_array_of_a_layer_is_drawn(case: Case, where: int) -> None:
    trace = of_case(case)
    check(trace, sample=min(where, len(trace.indices) - 1), channel=where)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_array_of_an_update_is_drawn(optimizer: str) -> None:
    trace = trained(optimizer)
    updates = tuple(stage for stage in trace.stages if stage.phase == "update")
    assert len(updates) == 4
    for look, scene in drawn(trace):
        if look.stage.phase == "update":
            shown = {panel.array for panel in scene.panels.values()}
            assert shown == set(list(look.stage.inner.values())[look.inner])


# Rows of an update, without what stands between the panels.
V, R = "velocity", "inv_root"
ROWS = {
    "adam": [
        ["first_moment_before", "gradient", "first_moment"],
        ["second_moment_before", "gradient", "second_moment", R],
    ],
    "rmsprop": [["mean_square_before", "gradient", "mean_square", R]],
    "rmsprop-momentum": [
        ["mean_square_before", "gradient", "mean_square", R],
        [f"{V}_before", "gradient", R, V],
    ],
    "momentum": [[f"{V}_before", "gradient", V]],
    "clipped": [["clipped"]],
}


@pytest.mark.parametrize("optimizer", ROWS)
def test_each_row_of_an_update_has_what_a_memory_is_made_of(optimizer: str) -> None:
    rows: list[list[str]] = []
    for look, scene in drawn(trained(optimizer)):
        if look.stage.phase == "update" and not rows:
            grid = scene.layout[0]
            assert isinstance(grid, dict)
            rows = [
                [scene.panels[key].array for key in row if key in scene.panels]
                for row in grid["grid"]
            ]
    assert rows == [*ROWS[optimizer], ["before", "step", "after"]]


def test_an_update_shows_the_param_of_its_inner_stage() -> None:
    for look, scene in drawn(trained()):
        if look.stage.phase == "update":
            arrays = list(look.stage.inner.values())[look.inner]
            for panel in scene.panels.values():
                for index, value in shown_indices(panel):
                    assert arrays[panel.array][index] == value
            ratio = scene.panels["ratio"].tiles[0].values
            sizes = [np.sqrt(np.mean(np.square(arrays[key]))) for key in ("step", "after")]
            assert_close(ratio[0, 0], sizes[0] / sizes[1])


@pytest.mark.parametrize("name", ["digits", "shapes", "strokes"])
def test_the_loss_names_its_classes_and_rings_the_targets(name: str) -> None:
    trace = trained(name=name, text="gap, flatten, linear 10")
    assert trace.class_names == load_dataset(name).class_names
    for look, scene in drawn(trace, sample=2):
        if look.stage.phase != "loss":
            continue
        words = scene.names["k"]
        assert [word.removeprefix("class ") for word in words] == list(trace.class_names)
        if "probabilities@batch" in scene.panels:
            batch = scene.panels["probabilities@batch"].tiles[0]
            assert batch.marks is not None
            np.testing.assert_array_equal(batch.marks.argmax(axis=1), trace.targets)
        if "targets" in scene.panels:
            target = scene.panels["targets"].tiles[0]
            assert target.values.ravel().tolist().index(1) == trace.targets[2]
            assert target.fixed == {"n": 2}
    loss = {panel for look, scene in drawn(trace) for panel in scene.panels}
    assert loss >= {"probabilities@batch", "targets"}


@pytest.mark.parametrize(("loss", "targets"), LOSSES.values(), ids=LOSSES)
def test_every_array_of_a_loss_is_drawn(loss: Loss, targets: ArrayLike) -> None:
    x = np.random.default_rng(0).normal(size=(3, 3)).astype(np.float32)
    model = Model(Linear(3, 3, rng=np.random.default_rng(0)))
    check(trace_of(model, x, loss, np.asarray(targets)))


def test_a_click_and_its_coordinates_agree() -> None:
    """The index of a cell and the coordinates of the cell name the same number."""
    for look, scene in drawn(trained()):
        if isinstance(look.stage.maker, KINDS):
            for panel in scene.panels.values():
                for index, _ in shown_indices(panel):
                    found = panel.coordinates(index)
                    sizes = dict((*panel.rows, *panel.columns))
                    assert all(found[name] < size for name, size in sizes.items())


def test_hovering_a_weight_lights_its_input_and_its_output() -> None:
    (scene,) = (
        scene
        for look, scene in drawn(trained())
        if (look.stage.phase, look.stage.kind) == ("forward", "linear")
    )
    weight = scene.panels["weight"]
    assert weight.coordinates((7, 2)) == {"u": 7, "f": 2}
    assert [name for name, _ in scene.panels["X_in"].columns] == ["f"]
    assert [name for name, _ in scene.panels["X_out"].columns] == ["u"]


def test_a_feature_belongs_to_its_pixel() -> None:
    for look, scene in drawn(trained()):
        if look.stage.kind == "flatten":
            vector, image = scene.panels.values()
            if look.stage.phase == "forward":
                vector, image = image, vector
            _, _, height, width = look.arrays[image.array].shape
            for c, y, x in ((0, 0, 0), (1, 1, 0), (2, 0, 1)):
                place = (1, (c * height + y) * width + x)
                assert vector.coordinates(place) == {"n": 1, "c": c, "y": y, "x": x}


def test_the_inner_stage_marks_what_it_made() -> None:
    marked = {
        (look.stage.phase, look.stage.kind, list(look.stage.inner)[look.inner]): {
            panel.array for panel in scene.panels.values() if panel.now
        }
        for look, scene in drawn(trained("sgd"))
        if isinstance(look.stage.maker, (*KINDS, Loss))
    }
    assert marked["forward", "linear", "multiply"] == {"X_out"}
    assert marked["backward", "linear", "weight gradient"] == {"g_weight", "g_bias"}
    assert marked["backward", "linear", "input gradient"] == {"g_X_in"}
    assert marked["loss", "loss", "logit gradient"] == {"g_logits"}


def test_a_channel_of_a_branch_belongs_to_its_channel_of_the_whole() -> None:
    (case,) = (case for case in CASES if case.id == "concat-train")
    for look, scene in drawn(of_case(case), channel=4):
        if isinstance(look.stage.maker, Concat) and "join" in look.stage.inner:
            whole, first = scene.panels["X_out"], 0
            for key in ("branch0", "branch1", "branch2"):
                panel, branch = scene.panels[key], look.arrays[key]
                for c in range(branch.shape[1]):
                    at = panel.coordinates((1, c, 2, 3))
                    assert at == whole.coordinates((1, first + c, 2, 3))
                    assert branch[1, c, 2, 3] == look.arrays["X_out"][1, first + c, 2, 3]
                    assert {**panel.tiles[-1].fixed, "o": 0}.keys() == {"n", "o"}
                first += branch.shape[1]
            # Channel 4 of the output is the first of the last two.
            in_sight = [scene.panels[f"branch{k}"].tiles[0].prefix[-1] for k in range(3)]
            assert in_sight == [2, 0, 0]
