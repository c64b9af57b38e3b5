"""Every number of a trace is the arithmetic that its explanation says; all lead to a pixel."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np
import pytest
from numpy.typing import ArrayLike

from core.errors import SpecError
from core.inspect.explain import Cell, Explanation, cell_value, explain
from core.inspect.recorder import Recorder
from core.inspect.trace import StepTrace
from core.io.text import parse_model
from core.layer import Layer
from core.losses import CrossEntropyLoss, Loss, MSELoss
from core.model import Model
from core.optim import SGD, Adam, AdamW, Optimizer, RMSprop
from core.tensor import Array, Tensor
from tests.core.cases import CASES, GRIDS, Case
from tests.core.formulas import check_all_cells
from tests.core.inspect.test_trace import EVERYTHING
from tests.core.runs import make_trainer
from tests.rounding import assert_close

MakeOptimizer = Callable[[list[Tensor]], Optimizer]

OPTIMIZERS: dict[str, MakeOptimizer] = {
    "sgd": lambda params: SGD(params, 0.05),
    "sgd-decay": lambda params: SGD(params, 0.05, weight_decay=0.1),
    "momentum": lambda params: SGD(params, 0.05, 0.9),
    "nesterov": lambda params: SGD(params, 0.05, 0.9, nesterov=True, weight_decay=0.1),
    "adam": lambda params: Adam(params, 0.01),
    "adam-decay": lambda params: Adam(params, 0.01, (0.8, 0.9), 1e-3, 0.1),
    "adamw": lambda params: AdamW(params, 0.01),
    "rmsprop": lambda params: RMSprop(params, 0.01),
    "rmsprop-momentum": lambda params: RMSprop(params, 0.01, weight_decay=0.1, momentum=0.9),
}
TEXTS = [
    EVERYTHING,
    "conv 3 k3 s2 p1 nobias, bn m0.3, relu, pool 3 s2 p1, residual(dropout 0.3), gelu, flatten, "
    "linear 10",
    "conv 2 k2x3 p1x2, tanh, avgpool 3 s2 p1, residual(conv 3 k1 | bn, conv 3 k3 p1), "
    "bn cumulative, gap, flatten, linear 10",
    "avgpool 2, pool 3 s1 p1, leaky 0.2, flatten, bn1d eps0.1, linear 5 nobias, sigmoid, linear 10",
]
TINY = "conv 1 k3 s2 p1, bn, relu, pool 2, flatten, linear 10"

COMMANDS = re.compile(
    r"\\(sum|frac|sqrt|hat|cdot|top|arg|max|min|log|exp|tanh|mu|sigma|gamma|beta|theta|epsilon|"
    r"Delta|lambda|alpha|delta|rho|Phi|varphi|lfloor|rfloor|bmod|le|ge|ne|text)(?![a-zA-Z])"
)


def record(
    text: str, batch_size: int = 4, optimizer: str = "momentum", steps: int = 2
) -> StepTrace:
    """The last of a few steps on the digits."""
    trainer = make_trainer(text=text, batch_size=batch_size)
    trainer.optimizer = OPTIMIZERS[optimizer](trainer.model.parameters())
    for _ in range(steps - 1):
        trainer.step()
    return trainer.record_step()


def record_case(case: Case) -> StepTrace:
    """One step of a layer in float64, against random targets."""
    layer = case.layer()
    model = Model(layer).astype(np.float64)
    # A layer without params has nothing to update.
    optimizer = Adam(model.parameters() or [Tensor(np.zeros(1))], 0.1)
    return record_by_hand(model, case.input(), MSELoss(), None, optimizer)


def record_by_hand(
    model: Model, x: Array, loss: Loss, targets: ArrayLike | None, optimizer: Optimizer
) -> StepTrace:
    """One step without a trainer; random targets if None."""
    recorder = Recorder(model, loss)
    output = model.forward(x)
    if targets is None:
        targets = np.random.default_rng(3).uniform(-1, 1, output.shape)
    value = loss(output, targets)
    loss.backward()
    model.backward()
    recorder.watch_loss(loss)
    recorder.watch_update(optimizer)
    optimizer.step()
    recorder.release()
    return StepTrace(
        iteration=1,
        loss=value,
        metrics={},
        lr=0.1,
        indices=np.zeros(0, np.int64),
        targets=np.asarray(targets),
        stages=recorder.stages(optimizer),
        layers=recorder.layers,
        start=recorder.start,
        start_loss=recorder.start_loss,
    )


def arrays(trace: StepTrace) -> Iterator[tuple[Cell, Array]]:
    """Every array of every inner stage, with a cell that has no index yet."""
    for stage in trace.stages:
        for inner, named in stage.inner.items():
            for name, array in named.items():
                yield Cell(stage.phase, stage.layer, name, (), inner), np.asarray(array)


def cells(trace: StepTrace, count: int | None) -> Iterator[tuple[Cell, Array]]:
    """Random cells of every array, or all of them if `count` is None."""
    rng = np.random.default_rng(4)
    for place, array in arrays(trace):
        every = range(array.size)
        chosen = every if count is None else rng.choice(array.size, min(count, array.size), False)
        for flat in chosen:
            index = tuple(int(k) for k in np.unravel_index(flat, array.shape))
            yield Cell(place.phase, place.layer, place.array, index, place.inner), array


def check(trace: StepTrace, cell: Cell, array: Array) -> Explanation:
    """An explanation is whole: what it says of a cell fits together, and can be written."""
    why = explain(trace, cell)
    assert why.cell == cell
    assert not why.doubt
    assert why.stored == array[cell.index] == cell_value(trace, cell)
    values = why.terms.values
    magnitude = np.abs(values).sum()
    if why.operation == "sum":
        assert_close(why.total, values.sum(), magnitude=magnitude)
    elif why.operation == "max":
        assert why.total == values.max()
    assert (why.operation == "function") == bool(why.function)
    # Of a sum over a batch, some terms.
    for k in range(0, len(values), 1 + len(values) // 40):
        term = why.terms[k]
        assert_close(term.value, np.prod([f.value for f in term.factors]))
        assert term.value == values[k]
        assert "does not say" not in term.note
        for factor in (*term.factors, *term.because):
            assert factor.cell != cell
            if factor.cell is not None:
                assert cell_value(trace, factor.cell) == factor.value
    for formula in (why.formula, why.own, why.function):
        assert "\\" not in COMMANDS.sub("", formula), formula
        assert formula.count("{") == formula.count("}")
        assert not re.search(r"\^\{[^{}]*\}\^|_\{[^{}]*\}_", formula), formula
    return why


@pytest.mark.parametrize("text", TEXTS)
def test_every_array_of_every_layer_is_explained(text: str) -> None:
    trace = record(text)
    check_all_cells(trace)
    for cell, array in cells(trace, 5):
        check(trace, cell, array)


def test_every_number_of_a_tiny_model_is_explained() -> None:
    trace = record(TINY, batch_size=2)
    names = {check(trace, cell, array).name for cell, array in cells(trace, None)}
    assert len(names) > 1500


# All of them, but on other processors only some: kernels, strides and paddings of each kind.
OPTIONS = [
    pytest.param(case, id=case.id, marks=[pytest.mark.slow] if k < len(GRIDS) and k % 7 else [])
    for k, case in enumerate(CASES)
]


@pytest.mark.parametrize("case", OPTIONS)
def test_every_cell_of_every_option_of_a_layer_follows_its_formula(case: Case) -> None:
    """In eval mode too, and in float64, where only the last digits may differ."""
    trace = record_case(case)
    checked = check_all_cells(trace)
    for cell, array in cells(trace, 2):
        why = check(trace, cell, array)
        if cell.array not in ("X_in", "g_X_out") and len(why.terms) > 1:
            assert cell.phase == "backward" or (cell.layer, cell.array) in checked


def random_model(rng: np.random.Generator) -> str:
    """A model for the 8×8 digits whose layers and options are drawn at random."""
    while True:
        layers = [str(rng.choice(RANDOM)) for _ in range(rng.integers(2, 6))]
        end = ["flatten", str(rng.choice(["dropout 0.3", "relu"])), "linear 10"]
        text = ", ".join([*layers, *end])
        # Images may have become too small for the next layer.
        with suppress(SpecError):
            parse_model(text, (1, 8, 8), rng)
            return text


RANDOM = [
    "conv 4 k3 p1", "conv 2 k2 s2 nobias", "conv 4 k3 same d2", "conv 2 k1 im2col", "bn",
    "groupnorm 1", "layernorm", "relu", "leaky 0.1", "sigmoid", "tanh", "gelu", "dropout 0.4",
    "pool 2 s1", "avgpool 3 s1 p1", "pool 3 s2 p1 ceil", "upsample 2", "identity", "softmax",
    "residual(conv 4 k1 | conv 4 k3 p1)", "residual(tanh)", "concat(conv 2 k1 | identity)",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(25))
def test_every_cell_of_a_random_model_follows_its_formula(seed: int) -> None:
    trace = record(random_model(np.random.default_rng(seed)), batch_size=3)
    check_all_cells(trace)
    for cell, array in cells(trace, 1):
        check(trace, cell, array)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("steps", [1, 4])
def test_every_update_is_explained(optimizer: str, steps: int) -> None:
    trace = record(TINY, optimizer=optimizer, steps=steps)
    checked = {array for layer, array in check_all_cells(trace)}
    assert {"step", "after", "ratio"} <= checked
    for cell, array in cells(trace, 5):
        if cell.phase == "update":
            check(trace, cell, array)


class Scale(Layer):
    """A new layer that says nothing about itself."""

    def __init__(self, factor: float = 2.0) -> None:
        super().__init__()
        self.factor = factor

    def _forward(self, x: Array) -> Array:
        return x * self.factor

    def _backward(self, g: Array) -> Array:
        return g * self.factor


def test_a_small_probability_spoils_no_loss() -> None:
    model, x = Model(Scale(200.0)), np.array([[0, 1, -1], [1, 1, 0.5]], np.float32)
    optimizer = SGD([Tensor(np.zeros(1))], 0.1)
    trace = record_by_hand(model, x, CrossEntropyLoss(), [2, 0], optimizer)
    assert {array for layer, array in check_all_cells(trace) if layer == "loss"} >= {"exp", "loss"}
    for cell, array in cells(trace, None):
        if cell.phase == "loss":
            check(trace, cell, array)


def test_an_explanation_reads_as_the_write_up_does() -> None:
    trace = record("conv 2 k3 p1, relu, flatten, linear 10", batch_size=2)
    why = explain(trace, Cell("backward", "conv", "g_K", (0, 5)))
    g, col = r"{g(L, X^{(out)})}", r"{X^{(col)}}"
    assert why.formula == (
        rf"{{g(L, K)}}_{{o,(c,s,t)}} = \sum_{{n,i,j}} {g}_{{o,(n,i,j)}} \cdot "
        rf"{col}_{{(c,s,t),(n,i,j)}}"
    )
    assert why.own == (
        rf"{{g(L, K)}}_{{0,(0,1,2)}} = \sum_{{n,i,j}} {g}_{{0,(n,i,j)}} \cdot "
        rf"{col}_{{(0,1,2),(n,i,j)}}"
    )
    assert why.terms[9].note == "sample 0, output (1, 1)"
    assert [factor.cell.array for factor in why.terms[9].factors] == ["g_X_out_matrix", "X_col"]
    assert len(why.terms) == 2 * 8 * 8
    why = explain(trace, Cell("backward", "conv", "g_X_in", (0, 0, 3, 5)))
    assert why.name == "g(L, X^(in)) of conv, sample 0, channel 0, row 3, column 5"
    assert why.own == (
        r"{g(L, X^{(in)})}_{0,0,3,5} = \sum_{s,t,i,j, 3 = i+s-1, 5 = j+t-1} "
        r"{g(L, X^{(col)})}_{(0,s,t),(0,i,j)}"
    )
    assert why.terms[0].note == "weight (0, 0), output (4, 6)"
    why = explain(trace, Cell("update", "conv", "after", (1, 0, 2, 0), "weight"))
    assert why.name == (
        "value after of conv.weight, output channel 1, input channel 0, row 2, column 0"
    )


@pytest.mark.parametrize(
    ("cell", "error", "words"),
    [
        (Cell("forward", "pool", "X_in", (0,)), KeyError, "no stage forward pool"),
        (Cell("forward", "conv", "W", (0,)), KeyError, "it has .*X_col"),
        (
            Cell("forward", "conv", "X_col", (0,), "product line"),
            KeyError,
            "slide: X_in, kernels",
        ),
        (Cell("forward", "conv", "X_col", (0,)), IndexError, r"shape \(9, 72\).*no index \(0,\)"),
        (Cell("forward", "conv", "X_col", (0, 72)), IndexError, r"no index \(0, 72\)"),
        (Cell("forward", "conv", "X_col", (-1, 0)), IndexError, r"no index \(-1, 0\)"),
        (Cell("update", "conv", "after", (0,)), KeyError, "say which by `inner`.*weight, bias"),
    ],
)
def test_what_is_not_there_is_named(cell: Cell, error: type[Exception], words: str) -> None:
    trace = record("conv 2 k3, flatten, linear 10", batch_size=2, steps=1)
    with pytest.raises(error, match=words):
        explain(trace, cell)
