"""Checks one gradient of a trace: moves the number it belongs to, and computes the loss again.

The iteration is computed again in float64 from the recorded copy of the model before the step. A
number inside of a layer is moved by the layer's own formulas: they lead from its array to X^(out).
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace

import numpy as np

from core.formula.evaluate import evaluate_all, scope_of
from core.formula.tree import array_of, reads
from core.inspect.book import Book
from core.inspect.cell import Cell, array_at, cell_value
from core.inspect.checks.kink import KINK, NOT_REPEATABLE, STEPS, has_kink, is_repeatable
from core.inspect.trace import StagePhase, StepTrace
from core.kernels.overflow import unwarned
from core.layer import Layer
from core.tensor import Array, Tensor

# A gradient counts as zero below this share of the largest one at its layer, and anywhere below
# the second number, which is the rounding of a difference of two losses.
SMALL, ROUNDING = 1e-2, 1e-8
# The loss computed again in float64 may differ from a recorded one by this share.
SAME_LOSS = 1e-2


@dataclass(frozen=True)
class CellCheck:
    """A gradient by backward and by differences.

    Attributes:
        cell: where the gradient lies in the trace.
        step: how far the number was moved to each side.
        analytic: the gradient as backward computed it.
        numeric: (above - below) / (2 step).
        error: |analytic - numeric| over the larger of the two magnitudes. Where both are small it
            is taken relative to 1 % of the largest magnitude in the gradient's own array and in
            g(L, X^(out)) of its layer: rounding is of that size, and a gradient of zero has no
            relative error.
        below: the loss with the number less `step`.
        centre: the loss as it is, in float64.
        above: the loss with the number plus `step`.
        note: what makes the numeric value doubtful; empty as a rule.
    """

    cell: Cell
    step: float
    analytic: float
    numeric: float
    error: float
    below: float
    centre: float
    above: float
    note: str = ""


def check_gradient(trace: StepTrace, cell: Cell, step: float = 1e-5) -> CellCheck:
    """Compare one gradient of a trace with a central difference, in float64.

    The trace is not changed.

    Args:
        trace: the iteration.
        cell: a gradient in it.
        step: how far the number is moved to each side.

    Raises:
        ValueError: the array is no gradient of the loss, no formulas lead from its number to the
            layer's output, or the step is not above 0.
        KeyError: there is no such stage, inner stage or array.
        IndexError: the index lies outside the array.
    """
    if not step > 0:
        raise ValueError(f"step is {step!r}; expected a number above 0, such as 1e-5")
    analytic = cell_value(trace, cell)
    moved = moved_by(trace, cell)
    if moved is None:
        raise ValueError(_no_gradient(trace, cell))
    losses = {k: loss_with(trace, moved, k * step) for k in STEPS}
    numeric = (losses[1] - losses[-1]) / (2 * step)
    least = max(SMALL * _scale(trace, cell), ROUNDING)
    error = abs(analytic - numeric) / max(abs(analytic), abs(numeric), least)
    note = KINK if has_kink(losses, step, least) else ""
    if not abs(losses[0] - trace.loss) <= SAME_LOSS * max(abs(trace.loss), 1.0):
        note = (
            f"the loss computed again is {losses[0]:.6g}, the recorded one {trace.loss:.6g}: the "
            "loss or a layer depends on something that was not recorded"
        )
    if not is_repeatable(losses[0], loss_with(trace, moved, 0.0)):
        note = NOT_REPEATABLE
    return CellCheck(cell, step, analytic, numeric, error, losses[-1], losses[0], losses[1], note)


def is_gradient(trace: StepTrace, phase: StagePhase, layer: str, array: str) -> bool:
    """Return whether an array of a stage is one that `check_gradient` takes."""
    stage = trace.stage(phase, layer)
    inner = next(iter(stage.inner)) if phase == "update" else None
    index = (0,) * np.ndim(stage.array(array))
    return moved_by(trace, Cell(phase, layer, array, index, inner)) is not None


def moved_by(trace: StepTrace, cell: Cell) -> Cell | None:
    """Return the number whose gradient lies in a cell, in the forward pass; None if there is none.

    Its array is X_in, X_out, a param's name, or one from which formulas lead to X_out.
    """
    if cell.phase == "update":
        name = cell.inner or next(iter(trace.stage("update", cell.layer).inner))
        is_param = cell.array == "gradient"
        return Cell("forward", cell.layer, name, cell.index, "param") if is_param else None
    if cell.phase == "forward" or not cell.array.startswith("g_"):
        return None
    if cell.phase == "loss":
        return Cell("forward", next(reversed(trace.layers)), "X_out", cell.index)
    layer, name = trace.layers[cell.layer], cell.array.removeprefix("g_")
    at = Cell("forward", cell.layer, name, cell.index)
    if name in ("X_in", "X_out"):
        return at
    if name in layer.params:
        return replace(at, inner="param")
    # A copy of another gradient belongs to the same number as that one.
    copied = _copied_from(trace, cell)
    if copied is not None:
        return moved_by(trace, copied)
    if name in trace.stage("forward", cell.layer).names and _leads_to_output(trace, at):
        return at if array_at(trace, at).shape == array_at(trace, cell).shape else None
    return None


def _copied_from(trace: StepTrace, cell: Cell) -> Cell | None:
    """Return the cell that the line of an array copies its number from; None if it computes one."""
    book = Book(trace, cell)
    formula = book.formula(cell.array)
    if not isinstance(formula.body, ast.Subscript):
        return None
    index, _, inside = scope_of(formula, cell.index, book, book.constants).read(formula.body)
    position = tuple(int(k) for k in index)
    return book.cell(array_of(formula.body), position) if inside else None


def _leads_to_output(trace: StepTrace, at: Cell) -> bool:
    return at.array in _made_from(Book(trace, at), "X_out")


def _made_from(book: Book, array: str) -> set[str]:
    """Return the arrays that an array is computed from by formulas, itself included."""
    found, todo = set[str](), [array]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += map(array_of, reads(book.formula(name).body) if name in book else ())
    return found


def loss_with(trace: StepTrace, cell: Cell, amount: float) -> float:
    """Return the loss of the recorded batch, in float64, with `amount` added to one number.

    Args:
        trace: the iteration.
        cell: the number, as `moved_by` returns it.
        amount: what to add.
    """
    # Copied at once: the loss may hold tensors of the model.
    model, loss = deepcopy((trace.start, trace.start_loss))
    model.astype(np.float64)
    layer = next(inner for inner in model.walk() if inner.name == cell.layer)
    if cell.inner == "param":
        layer.params[cell.array].value[cell.index] += amount
    else:
        _move(layer, trace, cell, amount)
    image = next(iter(trace.layers.values())).input.value
    with unwarned():
        output = model.forward(image.astype(np.float64)).value
        return float(loss(Tensor(output), trace.targets))


def _move(layer: Layer, trace: StepTrace, cell: Cell, amount: float) -> None:
    """Let the next forward pass of a layer add `amount` to a number inside of it."""
    compute: Callable[[Array], Array] = layer._forward

    def forward(x: Array) -> Array:
        if cell.array != "X_in":
            return _changed(layer, compute(x), trace, cell, amount)
        # What only this layer and the layers inside it read: others share the tensor.
        layer.input.value = _added(x, cell.index, amount)
        try:
            return compute(layer.input.value)
        finally:
            layer.input.value = x

    layer._forward = forward  # type: ignore[method-assign]


def _changed(layer: Layer, y: Array, trace: StepTrace, cell: Cell, amount: float) -> Array:
    """Return the output of a layer with one of its numbers changed."""
    if cell.array == "X_out":
        return _added(y, cell.index, amount)
    layer.output.value = y
    arrays = {
        k: np.asarray(a) for named in layer.forward_stages().values() for k, a in named.items()
    }
    arrays[cell.array] = _added(arrays[cell.array], cell.index, amount)
    book = Book(trace, cell)

    def follow(name: str) -> Array:
        """Compute an array again if it depends on the changed one."""
        if name != cell.array and name not in followed and cell.array in _made_from(book, name):
            formula = book.formula(name)
            inputs = {**arrays, **{array_of(r): follow(array_of(r)) for r in reads(formula.body)}}
            followed[name] = evaluate_all(formula, inputs, book.constants)
        return followed.get(name, arrays[name])

    followed = dict[str, Array]()
    return follow("X_out")


def _added(array: Array, index: tuple[int, ...], amount: float) -> Array:
    changed = array.copy()
    changed[index] += amount
    return changed


def _no_gradient(trace: StepTrace, cell: Cell) -> str:
    names = trace.stage(cell.phase, cell.layer).names
    known = [name for name in names if is_gradient(trace, cell.phase, cell.layer, name)]
    here = f"its gradients are {', '.join(known)}" if known else "choose one of a backward stage"
    if cell.array.startswith("g_") and cell.phase == "backward":
        name = cell.array.removeprefix("g_")
        return (
            f"{cell.array} of {cell.phase} {cell.layer} cannot be checked: no formulas lead from "
            f"an array {name} of its forward stages to X_out; {here}"
        )
    return f"{cell.array} of {cell.phase} {cell.layer} is no gradient of the loss; {here}"


def _scale(trace: StepTrace, cell: Cell) -> float:
    """Return the largest magnitude among the gradients next to this one."""
    arrays = [array_at(trace, cell)]
    if cell.layer in trace.layers:
        arrays.append(trace.layers[cell.layer].output.grad)
    return max(float(np.max(np.abs(array), initial=0)) for array in arrays)
