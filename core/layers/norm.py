"""Batch normalisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Self

import numpy as np

from core.errors import ShapeError
from core.init import constant
from core.kernels.im2col import count
from core.kernels.memory import channels_first, from_rows
from core.layer import Layer, Shape, Stages
from core.layers.option import Option, positive, share_or_none
from core.spec_item import SpecItem, number_text
from core.tensor import Array, Tensor

# A pass over the rows works on blocks of so many numbers: smaller ones would stay in a cache, but
# the calls for each block take longer than that saves.
BLOCK_SIZE = 524288
# From this sum of (mean / standard deviation)² on the rounding of the means is corrected.
FAR = 256.0

# Lines of index notation: those of both modes, of train mode and of eval mode.
STEPS = """
    x_hat[n,c,*i]   = centred[n,c,*i] * inv_std[c]
    X_out[n,c,*i]   = gamma[c] * x_hat[n,c,*i] + beta[c]
    g_beta[c]       = sum[n,*i](g_X_out[n,c,*i])
    g_gamma[c]      = sum[n,*i](g_X_out[n,c,*i] * x_hat[n,c,*i])
    g_x_hat[n,c,*i] = gamma[c] * g_X_out[n,c,*i]
"""
TRAIN_MODE = """
    mean[c]             = 1/m * sum[n,*i](X_in[n,c,*i])
    centred[n,c,*i]     = X_in[n,c,*i] - note("mean of the channel", mean[c])
    var[c]              = 1/m * sum[n,*i](centred[n,c,*i] ** 2)
    inv_std[c]          = 1 / sqrt(var[c] + note("ε", eps))
    inv_std_eval[c]     = 1 / sqrt(running_var[c] + note("ε", eps))
    X_out_eval[n,c,*i]  = (X_in[n,c,*i] - running_mean[c]) * inv_std_eval[c] * gamma[c] + beta[c]
    eval_change[n,c,*i] = note("eval mode", X_out_eval[n,c,*i]) - note("this batch", X_out[n,c,*i])
    term_direct[n,c,*i] = inv_std[c] * g_x_hat[n,c,*i]
    term_mean[n,c,*i]   = -1/m * inv_std[c] * sum[N,*I](g_x_hat[N,c,*I])
    term_var[n,c,*i]    = -1/m * inv_std[c] * x_hat[n,c,*i] * sum[N,*I](g_x_hat[N,c,*I] * x_hat[N,c,*I])
    g_X_in[n,c,*i]      = term_direct[n,c,*i] + term_mean[n,c,*i] + term_var[n,c,*i]
    running_mean_before[c] = "left by the iteration before"
    running_var_before[c]  = "left by the iteration before"
"""  # noqa: E501
EVAL_MODE = """
    running_mean[c] = "kept from training"
    running_var[c]  = "kept from training"
    centred[n,c,*i] = X_in[n,c,*i] - note("running mean of the channel", running_mean[c])
    inv_std[c]      = 1 / sqrt(running_var[c] + note("ε", eps))
    g_X_in[n,c,*i]  = inv_std[c] * g_x_hat[n,c,*i]
"""


class BatchNorm(Layer):
    """Normalises every channel over the batch, then scales and shifts it.

    With m numbers a channel, as in the write-up (its ν is σ² here):

        μ = mean(x)    σ² = mean((x - μ)²)    x̂ = (x - μ) / sqrt(σ² + ε)    y = γ x̂ + β
        g(L, β) = Σ g(L, y)      g(L, γ) = Σ g(L, y) x̂      g(L, x̂) = γ g(L, y)
        g(L, x) = (g(L, x̂) - mean(g(L, x̂)) - x̂ mean(g(L, x̂) x̂)) / sqrt(σ² + ε)

    In eval mode μ and σ² are the running statistics, constants, and only the first of the three
    terms of g(L, x) is left. The running variance is the unbiased one, as in PyTorch.

    Args:
        num_features: number of channels C.
        eps: ε.
        momentum: weight of the new batch in the running statistics; None gives every batch the
            same weight.

    Raises:
        ValueError: an option is out of range, here or when it is assigned later.
    """

    ranks: tuple[int, ...] = ()
    least: ClassVar[Mapping[str, float]] = {"running_var": 0}
    eval_only: ClassVar[frozenset[str]] = frozenset({"running_mean", "running_var"})
    transient: ClassVar[frozenset[str]] = Layer.transient | {
        *("_mean", "_var", "_inv_std", "_centred", "_mean_before", "_var_before", "_order"),
    }

    num_features = Option(count, fixed=True)
    eps = Option(positive)
    momentum = Option(share_or_none)

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1) -> None:
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.weight = Tensor(constant((num_features,), 1))
        self.bias = Tensor(constant((num_features,), 0))
        self.params.update(weight=self.weight, bias=self.bias)
        self.state.update(
            running_mean=np.zeros(num_features, np.float32),
            running_var=np.ones(num_features, np.float32),
            num_batches_tracked=np.zeros((), np.int64),
        )
        # This step's statistics, each of shape (C,), and x - μ as rows (C, m).
        self._mean = self._var = self._inv_std = np.zeros(0)
        self._centred = np.zeros((0, 0))
        # The running statistics before this step.
        self._mean_before = self._var_before = np.zeros(0)
        self._order: tuple[int, ...] = ()

    def _forward(self, x: Array) -> Array:
        self._order = channels_first(x)
        rows = self._rows("rows", x)
        c, m = rows.shape
        training, weight, bias = self.training, self.weight.value, self.bias.value
        self._centred = self.work.array("centred", (c, m), x.dtype)
        y = self.work.array("X_out", (c, m), x.dtype)
        if training:
            if m < 2:
                raise ShapeError(
                    "needs at least 2 numbers a channel to normalise in train mode",
                    "1: leave out short batches (drop_last=True), or choose another batch size",
                    self.name,
                )
            self._mean, self._var = np.empty(c, x.dtype), np.empty(c, x.dtype)
        else:
            self._mean = self.state["running_mean"]
            self._var = self.state["running_var"]
        self._inv_std = np.empty(c, x.dtype)
        ones = self.work.ones(m, x.dtype)
        for part in _blocks(c, m):
            mean, var, inv_std = self._mean[part], self._var[part], self._inv_std[part]
            block, centred, target = rows[part], self._centred[part], y[part]
            if training:
                np.matmul(block, ones, out=mean)
                mean /= m
            np.subtract(block, mean[:, None], out=centred)
            if training:
                np.vecdot(centred, centred, out=var)
                var /= m
            self._invert(var, inv_std)
            if training and _is_far(mean, inv_std):
                _centre_again(centred, mean, var)
                self._invert(var, inv_std)
            # x̂ itself is computed for the stages only, which saves a pass over memory here.
            np.multiply(centred, (weight[part] * inv_std)[:, None], out=target)
            target += bias[part, None]
        if training:
            self._track(m)
        return from_rows(y, x.shape, self._order)

    def _rows(self, name: str, x: Array) -> Array:
        """Return `x` with a contiguous row for each channel, copied if memory lies otherwise."""
        turned = x.transpose(self._order)
        if not turned.flags.c_contiguous:
            copy = self.work.array(name, turned.shape, x.dtype)
            np.copyto(copy, turned)
            turned = copy
        return turned.reshape(x.shape[1], -1)

    def _invert(self, var: Array, out: Array) -> None:
        """Write 1 / sqrt(σ² + ε) to `out`."""
        np.add(var, self.eps, out=out)
        np.sqrt(out, out=out)
        np.divide(1, out, out=out)

    def _track(self, m: int) -> None:
        state = self.state
        state["num_batches_tracked"] += 1
        weight = self.momentum
        if weight is None:
            weight = 1 / int(state["num_batches_tracked"])
        self._mean_before = state["running_mean"].copy()
        self._var_before = state["running_var"].copy()
        state["running_mean"] += weight * (self._mean - state["running_mean"])
        state["running_var"] += weight * (self._var * (m / (m - 1)) - state["running_var"])

    def _backward(self, g: Array) -> Array:
        g_rows = self._rows("g_rows", g)
        c, m = g_rows.shape
        g_in = self.work.array("g_X_in", (c, m), g.dtype)
        g_beta, g_gamma = np.empty(c, g.dtype), np.empty(c, g.dtype)
        ones = self.work.ones(m, g.dtype)
        weight = self.weight.value
        for part in _blocks(c, m):
            block, centred, inv_std = g_rows[part], self._centred[part], self._inv_std[part]
            scale = (weight[part] * inv_std)[:, None]
            sums = np.matmul(block, ones, out=g_beta[part])
            dots = np.vecdot(block, centred, out=g_gamma[part])
            dots *= inv_std
            target = g_in[part]
            if not self.training:
                np.multiply(block, scale, out=target)
                continue
            np.multiply(centred, (dots * inv_std / m)[:, None], out=target)
            np.subtract(block, target, out=target)
            target -= (sums / m)[:, None]
            target *= scale
        self.bias.accumulate_grad(g_beta)
        self.weight.accumulate_grad(g_gamma)
        return from_rows(g_in, g.shape, self._order)

    def output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        if len(input_shape) not in self.ranks or input_shape[0] != self.num_features:
            raise ShapeError(
                f"needs {self.num_features} channels in {self.ranks[-1]} axes after N",
                f"{input_shape}",
            )
        return input_shape

    def forward_stages(self) -> Stages:  # noqa: D102
        x, x_hat = self.input.value, self._x_hat()
        centred = from_rows(self._centred, x.shape, self._order)
        mean, var = self.state["running_mean"], self.state["running_var"]
        scaled = {
            "x_hat": x_hat,
            "gamma": self.weight.value,
            "beta": self.bias.value,
            "X_out": self.output.value,
        }
        if not self.training:
            return {
                "running mean": {"X_in": x, "running_mean": mean, "centred": centred},
                "running variance": {
                    "running_var": var,
                    "inv_std": self._inv_std,
                    "x_hat": x_hat,
                },
                "scale and shift": scaled,
            }
        inv_std_eval, in_eval = self._eval_output()
        return {
            "mean": {"X_in": x, "mean": self._mean},
            "variance": {"X_in": x, "mean": self._mean, "centred": centred, "var": self._var},
            "normalise": {"X_in": x, "inv_std": self._inv_std, "x_hat": x_hat},
            "scale and shift": {
                **scaled,
                "running_mean_before": self._mean_before,
                "running_var_before": self._var_before,
                "running_mean": mean,
                "running_var": var,
            },
            "eval mode": {
                "X_out": self.output.value,
                "inv_std_eval": inv_std_eval,
                "X_out_eval": in_eval,
                "eval_change": in_eval - self.output.value,
            },
        }

    def _eval_output(self) -> tuple[Array, Array]:
        """Return 1 / sqrt(σ² + ε) of the running variance, and what eval mode would give now.

        That is the output for this batch by the running statistics, after they followed this batch,
        and the params before the update: what test images would meet if training ended here.
        """
        x, state = self.input.value, self.state
        wide = (-1, *(1,) * (x.ndim - 2))
        inv_std = 1 / np.sqrt(state["running_var"] + self.eps)
        scale = self.weight.value * inv_std
        centred = x - state["running_mean"].reshape(wide)
        return inv_std, centred * scale.reshape(wide) + self.bias.value.reshape(wide)

    def backward_stages(self) -> Stages:  # noqa: D102
        g, x_hat = self.output.grad, self._x_hat()
        wide = (-1, *(1,) * (g.ndim - 2))
        others = tuple(axis for axis in range(g.ndim) if axis != 1)
        inv_std = self._inv_std.reshape(wide)
        g_x_hat = g * self.weight.value.reshape(wide)
        first: Stages = {
            "parameter gradients": {
                "g_X_out": g,
                "x_hat": x_hat,
                **({"g_beta": self.bias.grad} if self.bias.requires_grad else {}),
                **({"g_gamma": self.weight.grad} if self.weight.requires_grad else {}),
            },
            "normalised gradient": {
                "g_X_out": g,
                "gamma": self.weight.value,
                "g_x_hat": g_x_hat,
            },
        }
        if not self.training:
            given = {"g_x_hat": g_x_hat, "inv_std": self._inv_std}
            return {**first, "constant statistics": {**given, "g_X_in": self.input.grad}}
        by_mean, by_var = np.zeros_like(g_x_hat), np.zeros_like(g_x_hat)
        by_mean -= g_x_hat.mean(others).reshape(wide) * inv_std
        by_var -= x_hat * (g_x_hat * x_hat).mean(others).reshape(wide) * inv_std
        return {
            **first,
            "three terms": {
                "term_direct": g_x_hat * inv_std,
                "term_mean": by_mean,
                "term_var": by_var,
            },
            "input gradient": {"g_X_in": self.input.grad},
        }

    def _x_hat(self) -> Array:
        """x̂ in the shape of the input."""
        rows = self._centred * self._inv_std[:, None]
        return from_rows(rows, self.input.shape, self._order)

    @property
    def formulas(self) -> str:
        """One line of index notation for each array of the stages."""
        return STEPS + (self._training_lines() if self.training else EVAL_MODE)

    def _training_lines(self) -> str:
        """The lines of train mode; the weight of a batch is written as a number."""
        if self.momentum is None:
            batches = int(self.state["num_batches_tracked"])
            new, old = f"1/{batches}", f"(1 - 1/{batches})"
        else:
            new, old = f"{self.momentum!r}", f"(1 - {self.momentum!r})"
        mean_before = f'note("before this batch", {old} * running_mean_before[c])'
        var_before = f'note("before this batch", {old} * running_var_before[c])'
        return f"""
            {TRAIN_MODE}
            running_mean[c] = note("this batch", {new} * mean[c]) + {mean_before}
            running_var[c]  = note("this batch", {new} * (m/(m - 1)) * var[c]) + {var_before}
        """

    def formula_constants(self) -> dict[str, float]:  # noqa: D102
        return {"m": self.input.value.size // self.num_features, "eps": self.eps}

    @classmethod
    def from_spec(cls, item: SpecItem, input_shape: Shape, rng: np.random.Generator) -> Self:  # noqa: D102
        eps = item.option_real("eps", 1e-5, "epsilon")
        momentum = item.option_real("m", 0.1, "momentum")
        layer = cls(input_shape[0], eps, None if item.flag("cumulative") else momentum)
        item.done()
        return layer

    def to_spec(self) -> str:  # noqa: D102
        words = [self.keyword]
        if self.eps != 1e-5:
            words.append(f"eps{number_text(self.eps)}")
        if self.momentum is None:
            words.append("cumulative")
        elif self.momentum != 0.1:
            words.append(f"m{number_text(self.momentum)}")
        return " ".join(words)


class BatchNorm2d(BatchNorm):
    """Batch norm of images: input (N, C, H, W), m = N·H·W numbers a channel."""

    keyword = "bn"
    ranks = (3,)


class BatchNorm1d(BatchNorm):
    """Batch norm of features: input (N, C) or (N, C, L), m = N or N·L numbers a channel."""

    keyword = "bn1d"
    ranks = (2, 1)


def _is_far(mean: Array, inv_std: Array) -> bool:
    """Return whether some mean is so large that its rounding matters to the normalised numbers."""
    ratio = mean * inv_std
    return not ratio.dot(ratio) < FAR


def _centre_again(centred: Array, mean: Array, var: Array) -> None:
    """Correct the rounding of the mean, in place.

    A mean that is large against the standard deviation is rounded so much that it moves the output:
    a channel of equal numbers would not come out as zero.

    Args:
        centred: x - μ, shape (C, m).
        mean: μ, shape (C,).
        var: σ², shape (C,).
    """
    rest = centred.mean(axis=1)
    centred -= rest[:, None]
    mean += rest
    np.vecdot(centred, centred, out=var)
    var /= centred.shape[1]


def _blocks(channels: int, m: int) -> list[slice]:
    """Return ranges of channels, each of about BLOCK_SIZE numbers."""
    step = max(1, BLOCK_SIZE // m)
    return [slice(k, min(k + step, channels)) for k in range(0, channels, step)]
