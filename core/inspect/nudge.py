"""Check one gradient of a trace: nudge that number, and see how the loss follows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.inspect.explain import Cell, cell_value
from core.inspect.rerun import Change, Index, Rerun
from core.inspect.trace import StagePhase, StepTrace
from core.layer import Layer
from core.tensor import Array

# A gradient counts as zero below this share of the largest one at its layer, and anywhere below
# the second number, which is the rounding of a difference of two losses.
SMALL, ROUNDING = 1e-2, 1e-8
# Slopes that differ by more than this share show a kink.
BENT = 1e-5
KINK = "a kink lies within the step (a ReLU at 0, a tie in max pooling): the slope differs by side"


@dataclass(frozen=True)
class NudgeResult:
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


def check_gradient(trace: StepTrace, cell: Cell, step: float = 1e-5) -> NudgeResult:
    """Compare one gradient of a trace with a central difference, in float64.

    The loss is computed anew from the recorded batch, params and masks with the one number that
    the gradient belongs to moved by ±step. The trace is not changed.

    Args:
        trace: the iteration.
        cell: a gradient in it.
        step: how far the number is moved to each side.

    Raises:
        ValueError: the array is no gradient of the loss, or the step is not above 0.
        KeyError: there is no such stage, inner stage or array.
        IndexError: the index lies outside the array.
    """
    if not step > 0:
        raise ValueError(f"step is {step!r}; expected a number above 0, such as 1e-5")
    analytic = cell_value(trace, cell)
    if not is_gradient(trace, cell.phase, cell.layer, cell.array):
        raise ValueError(_no_gradient(trace, cell))
    rerun = Rerun(trace)
    change = _change(rerun, trace, cell)
    losses = {k: rerun.loss(change, k * step) for k in (-1.0, -0.5, 0.0, 0.5, 1.0)}
    numeric = (losses[1] - losses[-1]) / (2 * step)
    least = max(SMALL * _scale(trace, cell), ROUNDING)
    error = abs(analytic - numeric) / max(abs(analytic), abs(numeric), least)
    note = KINK if _bent(losses, step, least) else ""
    return NudgeResult(cell, step, analytic, numeric, error, losses[-1], losses[0], losses[1], note)


def is_gradient(trace: StepTrace, phase: StagePhase, layer: str, array: str) -> bool:
    """Return whether an array of a stage is one that `check_gradient` takes."""
    if phase == "backward":
        params = [f"g_{name}" for name in trace.layers[layer].params]
        return array in _MOVES or array in params
    return (phase, array) in {("loss", "g_logits"), ("loss", "g_X_out"), ("update", "gradient")}


def _no_gradient(trace: StepTrace, cell: Cell) -> str:
    inner = trace.stage(cell.phase, cell.layer).inner
    names = dict.fromkeys(name for arrays in inner.values() for name in arrays)
    known = [name for name in names if is_gradient(trace, cell.phase, cell.layer, name)]
    here = f"its gradients are {', '.join(known)}" if known else "choose one of a backward stage"
    return f"{cell.array} of {cell.phase} {cell.layer} is no gradient of the loss; {here}"


def _scale(trace: StepTrace, cell: Cell) -> float:
    """Return the largest magnitude among the gradients next to this one."""
    arrays = [trace.stage(cell.phase, cell.layer).array(cell.array)]
    if cell.layer in trace.layers:
        arrays.append(trace.layers[cell.layer].output.grad)
    return max(float(np.max(np.abs(array), initial=0)) for array in arrays)


def _bent(losses: dict[float, float], step: float, least: float) -> bool:
    """Return whether the loss has a kink between the outer two of five points.

    Where it is smooth, the two one-sided slopes come twice as close when the step is halved, and
    the central slope stays as it is.
    """
    right, near_right = ((losses[k] - losses[0]) / (k * step) for k in (1, 0.5))
    left, near_left = ((losses[k] - losses[0]) / (k * step) for k in (-1, -0.5))
    bend = abs((near_right - near_left) - (right - left) / 2)
    drift = abs((near_right + near_left) - (right + left)) / 2
    noise = 16 * np.finfo(np.float64).eps * max(1.0, abs(losses[0])) / step
    tolerance = BENT * max(abs(right), abs(left), abs(near_right), abs(near_left), least)
    return bool(max(bend, drift) > tolerance + noise)


# What has to move for each gradient.


def _change(rerun: Rerun, trace: StepTrace, cell: Cell) -> Change:
    if cell.phase == "loss":
        return _output(rerun.last, cell.index)
    layer = trace.layers[cell.layer]
    if cell.phase == "update":
        return _param(layer, cell.inner or next(iter(layer.params)), cell.index)
    move = _MOVES.get(cell.array)
    if move is None:
        return _param(layer, cell.array.removeprefix("g_"), cell.index)
    return move(rerun, layer, cell.index)


def _output(name: str, index: Index, factor: float | Array = 1.0) -> Change:
    return Change(frozenset({(name, "X_out")}), index, factor)


def _param(layer: Layer, param: str, index: tuple[int, ...]) -> Change:
    return Change(frozenset({(layer.name, param)}), index)


def _kernel(layer: Layer, index: tuple[int, ...]) -> Change:
    """A weight by its place in K, a row for each kernel."""
    shape = layer.params["weight"].shape
    inside = np.unravel_index(index[1], shape[1:])
    return _param(layer, "weight", (index[0], *(int(k) for k in inside)))


def _column(layer: Layer, column: int) -> tuple[int, int, int]:
    """Return sample, row and column of the output cell that a column of X^(col) makes."""
    n, _, height, width = layer.output.shape
    sample, i, j = np.unravel_index(column, (n, height, width))
    return int(sample), int(i), int(j)


def _matrix_cell(layer: Layer, index: tuple[int, ...]) -> Change:
    sample, i, j = _column(layer, index[1])
    return _output(layer.name, (sample, index[0], i, j))


def _window_cell(layer: Layer, index: tuple[int, ...]) -> Change:
    """A number of X^(col) goes to all channels of one output cell, times a column of K."""
    weight = layer.params["weight"].value
    sample, i, j = _column(layer, index[1])
    factor = weight.reshape(len(weight), -1)[:, index[0]].astype(np.float64)
    return _output(layer.name, (sample, slice(None), i, j), factor)


def _normalised(layer: Layer, index: tuple[int, ...]) -> Change:
    """A number of x̂ goes to the output times γ."""
    return _output(layer.name, index, float(layer.params["weight"].value[index[1]]))


# Gradient of a backward stage -> what moves; g_weight, g_bias, … go by the name of the param.
_MOVES: dict[str, Callable[[Rerun, Layer, tuple[int, ...]], Change]] = {
    "g_X_out": lambda rerun, layer, index: _output(layer.name, index),
    "g_X_out_matrix": lambda rerun, layer, index: _matrix_cell(layer, index),
    "g_X_in": lambda rerun, layer, index: Change(rerun.readers(layer.name), index),
    "g_X_col": lambda rerun, layer, index: _window_cell(layer, index),
    "g_K": lambda rerun, layer, index: _kernel(layer, index),
    "g_gamma": lambda rerun, layer, index: _param(layer, "weight", index),
    "g_beta": lambda rerun, layer, index: _param(layer, "bias", index),
    "g_x_hat": lambda rerun, layer, index: _normalised(layer, index),
    "g_body": lambda rerun, layer, index: Change(rerun.readers(layer.name, "body"), index),
    "g_shortcut": lambda rerun, layer, index: Change(rerun.readers(layer.name, "shortcut"), index),
}
