"""Rules, what they cover, and mistakes with a name, on a strided and padded convolution."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

import numpy as np
import pytest

from core.inspect.cell import Cell
from core.inspect.trace import StagePhase
from tests.rounding import assert_close
from tests.viz_app.recorded import trained
from viz_app.cover.covered import Covered
from viz_app.lessons import LessonError, Record, answer_of, record_of
from viz_app.lessons.covered import covered
from viz_app.lessons.mistakes import wrong_numbers
from viz_app.lessons.question import Question, Rule
from viz_app.lessons.rules import Chosen, chosen, field, number, single

WORDS = {
    "preset": "digits",
    "model": "conv 3 k3 s2 p1, bn, relu, pool 2, flatten, linear {classes}",
    "batch": "2",
    "seed": "3",
}


@lru_cache
def record(stage: int = 1, inner: int = 1) -> Record:
    return record_of({**WORDS, "stage": str(stage), "inner": str(inner)})


def rule(text: str) -> Rule:
    return Rule(text, 7)


def cells(text: str) -> list[tuple[int, ...]]:
    return chosen(record(), rule(text)).cells


def of(phase: StagePhase, layer: str, array: str, inner: str | None = None) -> Cell:
    return Cell(phase, layer, array, (), inner)


def hidden(text: str) -> Covered:
    return covered(record().trace, [chosen(record(), rule(text))])


def test_cells_by_numbers() -> None:
    assert len(cells("X_out")) == record().trace.layers["conv"].output.value.size
    assert cells("X_out[1,2,3,0]") == [(1, 2, 3, 0)]
    assert cells("X_col[:, 5]") == [(k, 5) for k in range(9)]
    both = [*((k, 5) for k in range(4)), (4, 0), (4, 5), *((k, 5) for k in range(5, 9))]
    assert cells("X_col[:,5]; X_col[4,0]; X_col[4,5]") == both
    assert cells("X_out[0,0,0,0]; X_out[0,0,0,1] of forward relu") == [(0, 0, 0, 0), (0, 0, 0, 1)]
    with pytest.raises(LessonError, match="X_col and K in one choice; expected cells of one array"):
        cells("X_col[0,0]; K[0,0]")
    with pytest.raises(LessonError, match="2 of a number or a colon"):
        cells("X_col[5]")


def test_a_window_is_what_makes_an_output() -> None:
    def window(i: int, j: int) -> list[tuple[int, ...]]:
        places = product(range(2 * i - 1, 2 * i + 2), range(2 * j - 1, 2 * j + 2))
        return [(1, 0, y, x) for y, x in places if 0 <= y < 8 and 0 <= x < 8]

    for i, j in ((0, 0), (1, 2), (3, 3)):
        assert cells(f"X_in that make X_out[1,2,{i},{j}]") == window(i, j)
        seen = cells(f"X_out made from X_in[1,0,{2 * i},{2 * j}]")
        assert seen == [
            (1, o, a, b)
            for o, a, b in product(range(3), range(4), range(4))
            if (1, 0, 2 * i, 2 * j) in window(a, b)
        ]


def test_copies_are_told_from_what_is_computed() -> None:
    held = cells("X_col that hold X_in[0,0,1,1]")
    image = record().trace.layers["conv"].input.value[0, 0]
    column = record().trace.stage("forward", "conv").array("X_col")
    assert len(held) == 4
    assert all(column[at] == image[1, 1] for at in held)
    assert cells("X_out that hold X_in[0,0,1,1]") == []


def test_the_winner_alone_gets_the_gradient() -> None:
    for index in ((0, 0, 0, 0), (1, 2, 1, 1)):
        (at,) = cells(f"g_X_in made from g_X_out[{','.join(map(str, index))}] of backward pool")
        a, c, i, j = index
        window = (
            record().trace.layers["pool"].input.value[a, c, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2]
        )
        s, t = map(int, np.unravel_index(window.argmax(), window.shape))
        assert at == (a, c, 2 * i + s, 2 * j + t)


def test_a_condition_may_read_other_arrays() -> None:
    x = record().trace.layers["relu"].input.value
    wanted = [tuple(map(int, index)) for index in np.argwhere(x <= 0)]
    assert cells("X_out where gate == 0 of forward relu") == wanted
    assert cells("X_out[0,:,:,:] where gate == 0 of forward relu") == [
        k for k in wanted if k[0] == 0
    ]


def test_numbers_and_fields() -> None:
    layer = record().trace.layers["conv"]
    assert number(record(), rule("sum[o](bias[o])")) == 0
    g = float(np.abs(layer.output.grad).sum())
    assert number(record(), rule("sum[*i](abs(g_X_out[*i])) of backward conv")) == pytest.approx(g)
    assert number(record(), rule("n * i * j")) == 2 * 4 * 4
    assert number(record(), rule("loss of loss")) == pytest.approx(record().trace.loss)
    array, values = field(record(), rule("abs(g_K)"))
    assert array == of("backward", "conv", "g_K")
    assert_close(values, np.abs(layer.params["weight"].grad.reshape(3, -1)))
    assert single(record(), rule("step[1] of update conv.bias")) == Cell(
        "update", "conv", "step", (1,), "bias"
    )
    assert single(record(), rule("2 * g_K[0,0]")) is None


def test_the_update_in_sight_is_of_one_param() -> None:
    last = len(record().trace.stages)
    weight, bias = record(last, 1), record(last, 2)
    assert single(weight, rule("step[0,0]")) == Cell("update", "linear", "step", (0, 0), "weight")
    assert single(bias, rule("step[0]")) == Cell("update", "linear", "step", (0,), "bias")
    assert single(bias, rule("step[0] of update conv.bias")) == Cell(
        "update", "conv", "step", (0,), "bias"
    )


def test_a_product_is_covered_as_a_matrix_and_as_images() -> None:
    found = hidden("X_out[1,2,3,0]")
    assert found.cells(of("forward", "conv", "X_out")) == [(1, 2, 3, 0)]
    assert found.cells(of("forward", "conv", "K_X_col")) == [(2, 28)]
    assert found.cells(of("forward", "bn", "X_in")) == [(1, 2, 3, 0)]
    assert found.cells(of("backward", "bn", "X_in")) in ([], [(1, 2, 3, 0)])
    # Without the mean one does not know it; with it, one does at once.
    assert found.cells(of("forward", "bn", "centred")) == [(1, 2, 3, 0)]
    assert found.mask(of("forward", "bn", "x_hat")) is None
    assert found.mask(of("forward", "conv", "X_col")) is None


def test_a_gradient_is_covered_as_a_matrix_and_in_the_update() -> None:
    found = hidden("g_K[2,5] of backward conv")
    assert found.cells(of("backward", "conv", "g_weight")) == [(2, 0, 1, 2)]
    assert found.cells(of("update", "conv", "gradient", "weight")) == [(2, 0, 1, 2)]
    # They follow from it by the learning rate, and have its sign.
    assert found.cells(of("update", "conv", "step", "weight")) == [(2, 0, 1, 2)]
    assert found.cells(of("update", "conv", "after", "weight")) == [(2, 0, 1, 2)]
    assert found.mask(of("update", "conv", "before", "weight")) is None
    assert not found.hides(Cell("backward", "conv", "g_K", (2, 4)))
    assert found.hides(Cell("backward", "conv", "g_K", (2, 5)))


def test_copies_cover_each_other_whichever_is_asked() -> None:
    weight = hidden("g_weight[2,0,1,2] of backward conv")
    assert weight.cells(of("backward", "conv", "g_K")) == [(2, 5)]
    assert weight.cells(of("update", "conv", "gradient", "weight")) == [(2, 0, 1, 2)]
    # The middle of the first window.
    pixel = hidden("X_col[4,0]")
    assert pixel.cells(of("forward", "conv", "X_in")) == [(0, 0, 0, 0)]
    assert (4, 0) in pixel.cells(of("backward", "conv", "X_col"))
    (at,) = hidden("g_X_out_matrix[1,17] of backward conv").cells(of("backward", "bn", "g_X_in"))
    assert at == (1, 1, 0, 1)
    assert not hidden("X_col[0,0]").masks.keys() & {of("forward", "conv", "X_in")}


def test_the_step_covers_what_it_leads_to_and_not_what_it_comes_from() -> None:
    found = hidden("step[1] of update conv.bias")
    assert found.cells(of("update", "conv", "after", "bias")) == [(1,)]
    assert set(found.masks) == {of("update", "conv", k, "bias") for k in ("step", "after")}


def test_a_number_is_covered_where_it_is_handed_on_and_what_it_comes_from_is_not() -> None:
    pool = record().trace.layers["pool"]
    best = np.unravel_index(pool.output.value.argmax(), pool.output.shape)
    a, c, i, j = map(int, best)
    (at,) = cells(f"X_in that decide X_out[{a},{c},{i},{j}] of forward pool")
    found = hidden(f"X_out[{','.join(map(str, at))}] of forward bn")
    assert found.cells(of("forward", "relu", "X_in")) == [at]
    assert found.cells(of("forward", "relu", "X_out")) == [at]
    assert found.cells(of("forward", "pool", "X_out")) == [(a, c, i, j)]
    assert found.cells(of("forward", "linear", "X_in")) == [(a, 4 * c + 2 * i + j)]
    of_pool = hidden(f"X_out[{a},{c},{i},{j}] of forward pool")
    assert of_pool.mask(of("forward", "pool", "X_in")) is None
    assert of_pool.mask(of("forward", "linear", "X_in")) is not None


def test_terms_of_batch_norm_cover_their_sum_and_not_each_other() -> None:
    found = hidden("term_mean[0,0,1,1] of backward bn")
    assert found.cells(of("backward", "bn", "g_X_in")) == [(0, 0, 1, 1)]
    assert found.cells(of("backward", "conv", "g_X_out")) == [(0, 0, 1, 1)]
    assert found.mask(of("backward", "bn", "term_direct")) is None
    asked = hidden("g_X_in[0,0,1,1] of backward bn")
    assert asked.mask(of("backward", "bn", "term_mean")) is None


def test_nothing_covers_nothing() -> None:
    assert not covered(record().trace, [])
    assert not Covered().hides(Cell("forward", "conv", "K", (0, 0)))


def wrong(name: str, cell: Cell) -> list[float]:
    stage = record().trace.stage(cell.phase, cell.layer)
    right = float(stage.array(cell.array)[cell.index])
    return wrong_numbers(record(), rule(name), right, cell)


def test_mistakes_with_a_name() -> None:
    trace = record().trace
    layer = trace.layers["conv"]
    weight, image = layer.params["weight"].value, layer.input.value
    out = Cell("forward", "conv", "X_out", (1, 2, 1, 3))
    value = float(layer.output.value[out.index])
    bias = np.array(trace.stage("forward", "conv").array("bias"))
    assert wrong("negated", out) == [-value]
    assert wrong("absolute", out) == [abs(value)]
    assert wrong("off by one", out) == [value - 1, value + 1]
    assert wrong("transposed", out) == [layer.output.value[1, 2, 3, 1]]
    assert wrong("without bias", out) == pytest.approx([value - bias[2]])

    def window(y: int, x: int) -> float:
        rows = [[image[1, 0, y + s, x + t] for t in range(3)] for s in range(3)]
        return float((np.array(rows) * weight[2, 0]).sum())

    assert wrong("without stride", out) == pytest.approx([window(1 - 1, 3 - 1)])
    edge = Cell("forward", "conv", "X_out", (1, 2, 0, 0))
    assert wrong("without padding", edge) == pytest.approx([window(0, 0)])
    gradient = Cell("backward", "conv", "g_K", (2, 5))
    terms = wrong("one term", gradient)
    (averaged,) = wrong("averaged", gradient)
    assert averaged == pytest.approx(sum(terms) / len(terms))
    step = Cell("update", "conv", "step", (2, 0, 1, 2), "weight")
    assert wrong("without lr", step) == pytest.approx([-layer.params["weight"].grad[2, 0, 1, 2]])
    through = Cell("backward", "bn", "g_X_in", (0, 1, 2, 2))
    stage = trace.stage("backward", "bn")
    parts = [float(stage.array(f"term_{name}")[through.index]) for name in ("direct", "var")]
    assert wrong("without term_mean", through) == pytest.approx([sum(parts)])
    direct = Cell("backward", "bn", "term_direct", (0, 1, 2, 2))
    assert wrong("without inv_std", direct) == [float(stage.array("g_x_hat")[direct.index])]


def test_a_mistake_is_named_only_where_it_leads_to_another_number() -> None:
    question = Question("number", "?", rule("loss of loss"), "why", 1)
    answer = answer_of(question, record())
    assert answer.judge(record().trace.loss).is_right
    assert answer.judge(f"{record().trace.loss:.3f}").is_right
    verdict = answer.judge(0)
    assert (verdict.is_right, verdict.mistake) == (False, "")
    assert verdict.explain == Cell("loss", "loss", "loss", ())
    for given in ("", "x", None, True, float("nan"), 10**400, [1.0]):
        with pytest.raises(ValueError, match="expected"):
            answer.judge(given)


def order(*among: str) -> Question:
    measure = rule("sqrt(sum[*i](g_X_out[*i] ** 2)) of backward @layer")
    return Question("order", "?", measure, "why", 1, among=among)


def test_layers_are_put_in_order() -> None:
    answer = answer_of(order("conv", "linear", "relu"), record())
    sizes = {k: np.linalg.norm(record().trace.layers[k].output.grad) for k in answer.options}
    right = sorted(sizes, key=lambda name: -sizes[name])
    assert answer.judge(right).is_right
    assert not answer.judge(right[::-1]).is_right
    assert answer.covered.mask(of("backward", "conv", "g_X_out")) is not None
    with pytest.raises(ValueError, match="each of conv, linear, relu once"):
        answer.judge(["conv", "conv", "relu"])


def test_the_largest_is_clicked() -> None:
    question = Question("largest", "?", rule("abs(g_bias) of backward linear"), "why", 1)
    answer = answer_of(question, record())
    g = np.abs(record().trace.layers["linear"].params["bias"].grad)
    assert answer.array == of("backward", "linear", "g_bias")
    assert answer.judge([[int(g.argmax())]]).is_right
    assert not answer.judge([[int(g.argmin())]]).is_right
    for given in ("3", [3], [[1.5]], None):
        with pytest.raises(ValueError, match="expected"):
            answer.judge(given)


NETWORKS = (
    "conv 2 k3, residual(conv 2 k3 p1, relu | conv 2 k1), gap, flatten, linear 10",
    "conv 2 k3 g1 d2, groupnorm 1, gelu, avgpool 2, dropout 0.2, flatten, layernorm, linear 10",
)


@pytest.mark.parametrize("text", NETWORKS)
def test_any_cell_of_any_layer_can_be_covered(text: str) -> None:
    trace = trained(text=text)
    for stage in trace.stages:
        for inner, arrays in stage.inner.items():
            for name, array in arrays.items():
                at = inner if stage.phase == "update" else None
                mask = np.zeros(np.shape(array), bool)
                mask.reshape(-1)[mask.size // 2] = True
                cell = Cell(stage.phase, stage.layer, name, (), at)
                found = covered(trace, [Chosen(cell, mask)])
                assert (found.masks[cell] >= mask).all()
