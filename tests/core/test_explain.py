"""Every number of a trace is the arithmetic that its explanation says; all lead to a pixel."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from core.inspect.explain import Cell, Explanation, cell_value, explain
from core.inspect.trace import Recorder, StepTrace
from core.layer import Layer
from core.losses import CrossEntropyLoss, MSELoss
from core.model import Model
from core.optim import SGD, Adam, AdamW, Optimizer, RMSprop
from core.tensor import Array, Tensor
from tests.core.cases import CASES, GRIDS, Case
from tests.core.runs import make_trainer
from tests.core.test_trace import EVERYTHING

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
    r"\\(sum|frac|sqrt|hat|cdot|top|max|log|exp|mu|sigma|gamma|beta|theta|epsilon|Delta|text)(?![a-zA-Z])"
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
    model = Model([layer]).astype(np.float64)
    rng, recorder = np.random.default_rng(3), Recorder(model)
    loss = MSELoss()
    output = model.forward(case.input())
    value = loss.forward(output, rng.uniform(-1, 1, output.shape))
    loss.backward()
    model.backward()
    # A layer without params has nothing to update.
    optimizer = Adam(model.parameters() or [Tensor(np.zeros(1))], 0.1)
    recorder.watch_loss(loss)
    recorder.watch_update(optimizer)
    optimizer.step()
    recorder.release()
    none = np.zeros(0, np.int64)
    return StepTrace(1, value, 0, 0.1, none, none, recorder.stages(optimizer), recorder.layers)


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


def check(
    trace: StepTrace, cell: Cell, array: Array, tolerance: float, rounding: float
) -> Explanation:
    """The terms make what is stored, and each factor is the number that it names."""
    why = explain(trace, cell)
    assert why.cell == cell
    assert why.stored == array[cell.index] == cell_value(trace, cell)
    scale = float(max(np.max(np.abs(why.terms.values), initial=0), np.max(np.abs(array))))
    if cell.array == "step":
        # The step is what the rounded value has changed by.
        before = Cell("update", cell.layer, "before", cell.index, cell.inner)
        scale = max(scale, abs(cell_value(trace, before)))
    assert why.total == pytest.approx(why.stored, tolerance, rounding * scale), why
    values = why.terms.values.tolist()
    if why.operation != "function":
        assert why.total == pytest.approx(max(values) if why.operation == "max" else sum(values))
    assert (why.operation == "function") == bool(why.function)
    # Of a sum over a batch, some terms.
    for k in range(0, len(values), 1 + len(values) // 40):
        term = why.terms[k]
        product = 1.0
        for factor in term.factors:
            product *= factor.value
            assert factor.cell != cell
            if factor.cell is not None:
                assert cell_value(trace, factor.cell) == factor.value
        assert term.value == pytest.approx(product, 1e-12)
        assert term.value == values[k]
        assert "does not say" not in term.note
    for formula in (why.formula, why.own):
        assert "\\" not in COMMANDS.sub("", formula), formula
        assert formula.count("{") == formula.count("}")
    return why


@pytest.mark.parametrize("text", TEXTS)
def test_every_array_of_every_layer_is_explained(text: str) -> None:
    trace = record(text)
    for cell, array in cells(trace, 5):
        check(trace, cell, array, 1e-4, 1e-6)


def test_every_number_of_a_tiny_model_is_explained() -> None:
    trace = record(TINY, batch_size=2)
    names = set()
    for cell, array in cells(trace, None):
        names.add(check(trace, cell, array, 1e-4, 1e-6).name)
    assert len(names) > 1500


# Every kernel, stride and padding of convolution and pooling, though not in every combination.
SOME = [*GRIDS[::7], *CASES[len(GRIDS) :]]


@pytest.mark.parametrize("case", SOME, ids=[case.id for case in SOME])
def test_every_option_of_a_layer_is_explained(case: Case) -> None:
    """In eval mode too, and in float64, where only the last digits may differ."""
    trace = record_case(case)
    for cell, array in cells(trace, 5):
        check(trace, cell, array, 1e-9, 1e-9)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("steps", [1, 4])
def test_every_update_is_explained(optimizer: str, steps: int) -> None:
    trace = record(TINY, optimizer=optimizer, steps=steps)
    for cell, array in cells(trace, 5):
        if cell.phase == "update":
            check(trace, cell, array, 1e-4, 1e-6)


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
    model = Model([Scale(200.0)])
    recorder, loss = Recorder(model), CrossEntropyLoss()
    loss.forward(model.forward(np.array([[0, 1, -1], [1, 1, 0.5]], np.float32)), [2, 0])
    loss.backward()
    model.backward()
    recorder.watch_loss(loss)
    stages = recorder.stages(SGD([Tensor(np.zeros(1))], 0.1))
    none = np.zeros(0, np.int64)
    trace = StepTrace(1, 0, 0, 0, none, none, stages, recorder.layers)
    for cell, array in cells(trace, None):
        if cell.phase == "loss":
            check(trace, cell, array, 1e-6, 1e-6)


def test_an_explanation_reads_as_the_write_up_does() -> None:
    trace = record("conv 2 k3 p1, relu, flatten, linear 10", batch_size=2)
    why = explain(trace, Cell("backward", "conv", "g_K", (0, 5)))
    products = r"g(L, X^{(out)})_{o,k} \cdot X^{(col)}_{r,k}"
    assert why.formula == rf"g(L, K)_{{o,r}} = \sum_{{k=0}}^{{127}} {products}"
    assert why.own.startswith(r"g(L, K)_{0,5} = ")
    assert why.terms[9].note == "sample 0, output (1, 1)"
    assert len(why.terms) == 2 * 8 * 8
    assert why.terms[126:] == (why.terms[126], why.terms[127])
    why = explain(trace, Cell("backward", "conv", "g_X_in", (0, 0, 3, 5)))
    assert why.name == "g(L, X^(in)) of conv, sample 0, channel 0, row 3, column 5"
    assert why.own == r"g(L, X^{(in)})_{0,0,3,5} = \sum_{s,t} g(L, X^{(col)})_{(0,s,t),(0,4-s,6-t)}"
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
            "windows: X_in, kernels",
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
