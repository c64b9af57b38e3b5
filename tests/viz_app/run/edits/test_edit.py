"""What can be put into a model by hand, and what is refused."""

from __future__ import annotations

import re

import numpy as np
import pytest

from core.tensor import Array
from core.training.trainer import Trainer
from viz_app.run.edits.edit import Edit, parse, value_of
from viz_app.run.edits.kernels import KERNELS
from viz_app.run.presets import PRESETS


def trainer(preset: str = "residual", dtype: str = "float64") -> Trainer:
    return PRESETS[preset].recipe(preset).with_(dtype=dtype).trainer()


def weight(of: Trainer, layer: str = "conv") -> Array:
    return next(one for one in of.model.walk() if one.name == layer).params["weight"].value


@pytest.mark.parametrize(
    "text",
    [
        "conv.weight:0,0,1,1:0.5",
        "residual.body.conv.weight:15,15,2,2:-1e-07",
        "bn.running_var:3:0.0",
        "bn.bias:0:0.1",
        "conv.weight:2,0:blur",
        "conv.weight:2:vertical",
        "conv.weight:0,0:random12",
    ],
)
def test_an_edit_is_read_as_it_was_written(text: str) -> None:
    edit = parse(text)
    assert str(edit) == text
    made = trainer()
    edit.check(made.model)
    edit.apply(made)
    again = trainer()
    parse(str(edit)).apply(again)
    for one, other in zip(made.model.parameters(), again.model.parameters(), strict=True):
        assert np.array_equal(one.value, other.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "expected layer.array:index:value"),
        ("conv.weight:0,0,1,1", "expected layer.array:index:value"),
        ("weight:0:1", "expected layer.array:index:value"),
        ("conv.weight:0,x:1", "the index is 0,x"),
        ("conv.weight:-1,0,0,0:1", "the index is -1,0,0,0"),
        ("conv.weight:0,0,0,0:lots", "the value is lots; expected a number"),
        ("conv.weight:0,0,0,0:nan", "finite number"),
        ("conv.weight:0,0,0,0:inf", "finite number"),
        ("conv.weight:0,0,0:1", "no single number: give 4 indices"),
        ("conv.weight:0,0,0,0,0:1", "has shape (16, 1, 3, 3)"),
        ("conv.weight:16,0,0,0:1", "has shape (16, 1, 3, 3)"),
        ("conv.weight:0,0,0,0:blur", "is no kernel"),
        ("linear.weight:0:blur", "is no kernel"),
        ("conv.bias:0:1", "has no array bias to be changed; it has weight"),
        ("conv7.weight:0:1", "there is no layer conv7"),
        ("gap.weight:0:1", "it has none"),
        ("bn.num_batches_tracked::4", "counts what has happened"),
        ("bn.running_var:0:-0.5", "expected at least 0"),
    ],
)
def test_what_cannot_be_put_into_a_model_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        parse(text).check(trainer().model)


@pytest.mark.parametrize(("value", "said"), [("1e39", "finite"), ("1e-60", "too small")])
def test_a_number_must_be_one_of_the_dtype(value: str, said: str) -> None:
    edit = Edit("conv", "weight", (0, 0, 0, 0), value_of(value))
    with pytest.raises(ValueError, match=said):
        edit.check(trainer(dtype="float32").model)
    edit.check(trainer(dtype="float64").model)


def test_an_edit_changes_its_number_and_no_other() -> None:
    before, made = weight(trainer()), trainer()
    parse("conv.weight:2,0,1,0:7").apply(made)
    differs = np.argwhere(weight(made) != before)
    assert differs.tolist() == [[2, 0, 1, 0]]
    assert weight(made)[2, 0, 1, 0] == 7


def test_a_kernel_is_put_into_one_channel_or_into_all() -> None:
    made = trainer()
    layer = "residual.body.conv"
    parse(f"{layer}.weight:3,5:identity").apply(made)
    parse(f"{layer}.weight:4:edges").apply(made)
    assert weight(made, layer)[3, 5].tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert np.all(weight(made, layer)[4] == [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]])


def test_kernels_are_those_of_the_books() -> None:
    assert KERNELS["vertical"]((3, 3)).tolist() == [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    assert KERNELS["horizontal"]((3, 3)).tolist() == [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]
    assert KERNELS["vertical"]((5, 5))[2].tolist() == [-6, -12, 0, 12, 6]
    assert (16 * KERNELS["blur"]((3, 3))).tolist() == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (2, 2), (3, 5), (7, 7)])
@pytest.mark.parametrize("name", KERNELS)
def test_every_kernel_has_every_size_or_says_why_not(name: str, shape: tuple[int, int]) -> None:
    finds_edges = {"vertical": shape[1] > 1, "horizontal": shape[0] > 1, "edges": max(shape) > 1}
    if finds_edges.get(name, True):
        assert KERNELS[name](shape).shape == shape
    else:
        with pytest.raises(ValueError, match="choose another one"):
            KERNELS[name](shape)


def test_what_a_trace_has_recorded_stays() -> None:
    made = trainer()
    trace = made.record_step()
    stage = trace.stage("forward", "conv")
    before = stage.array("kernels").copy()
    parse("conv.weight:0,0,0,0:9").apply(made)
    assert np.array_equal(stage.array("kernels"), before)
