"""Normalisation within each sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import ClassVar, Self

import numpy as np

from core.errors import ShapeError, SpecError
from core.init import constant
from core.kernels.im2col import count
from core.layer import Layer, Shape, Stages
from core.layers.option import Option, positive
from core.spec_item import SpecItem, number_text
from core.tensor import Array, Tensor


class SampleNorm(Layer):
    """Normalises groups of numbers of one sample, then scales and shifts each number.

    With m numbers in a group:

        μ = mean(x)    σ² = mean((x - μ)²)    x̂ = (x - μ) / sqrt(σ² + ε)    y = γ x̂ + β
        g(L, β) = Σ g(L, y)      g(L, γ) = Σ g(L, y) x̂      g(L, x̂) = γ g(L, y)
        g(L, x) = (g(L, x̂) - mean(g(L, x̂)) - x̂ mean(g(L, x̂) x̂)) / sqrt(σ² + ε)

    The same as batch norm (see `core.layers.norm`), but no sample depends on another, so train and
    eval mode do not differ and there are no running statistics. A subclass says which numbers
    belong to one group, and which share a γ.

    Args:
        shape: shape of γ and β.
        eps: ε.
        affine: whether there is a γ.
        bias: whether there is a β.

    Raises:
        ValueError: eps is not above 0, here or when it is assigned later.
    """

    transient = Layer.transient | {"_centred", "_x_hat", "_mean", "_var", "_inv_std"}
    letters: ClassVar[Mapping[str, str]] = {
        "r": "channel {} of the group",
        "i,j,k": "({}, {}, {})",
        "i,j": "({}, {})",
        "k": "group {}",
    }

    eps = Option(positive)

    def __init__(self, shape: Shape, eps: float, affine: bool, bias: bool) -> None:
        super().__init__()
        self.eps = eps
        self.weight = Tensor(constant(shape, 1)) if affine else None
        self.bias = Tensor(constant(shape, 0)) if bias else None
        if self.weight is not None:
            self.params["weight"] = self.weight
        if self.bias is not None:
            self.params["bias"] = self.bias
        # Of the last forward pass: x - μ and x̂, a group in each row, and the groups' statistics.
        self._centred = self._x_hat = np.zeros((0, 0))
        self._mean = self._var = self._inv_std = np.zeros(0)

    def _groups(self, shape: Shape) -> Shape:
        """Return the shape of the statistics of an input of `shape`."""
        raise NotImplementedError

    def _spread(self, param: Tensor) -> Array:
        """Return the values of γ or β in a shape that broadcasts with the input."""
        raise NotImplementedError

    def _shared(self, rank: int) -> tuple[int, ...]:
        """Return the axes of an input of `rank` axes along which γ and β are the same."""
        raise NotImplementedError

    def _forward(self, x: Array) -> Array:
        rows = np.ascontiguousarray(x).reshape(prod(self._groups(x.shape)), -1)
        m = rows.shape[1]
        mean = rows.mean(axis=1, keepdims=True)
        centred = np.subtract(rows, mean, out=self.work.array("centred", rows.shape, x.dtype))
        # The mean of large numbers is off by a rounding of them: take off the mean of what is left.
        rest = centred.mean(axis=1, keepdims=True)
        centred -= rest
        var = np.vecdot(centred, centred) / m
        inv_std = 1 / np.sqrt(var + self.eps)
        x_hat = self.work.array("x_hat", rows.shape, x.dtype)
        np.multiply(centred, inv_std[:, None], out=x_hat)
        self._mean, self._var, self._inv_std = (mean + rest)[:, 0], var, inv_std
        self._centred, self._x_hat = centred, x_hat
        y = self.work.like("X_out", x)
        if self.weight is None:
            np.copyto(y, x_hat.reshape(x.shape))
        else:
            np.multiply(x_hat.reshape(x.shape), self._spread(self.weight), out=y)
        if self.bias is not None:
            y += self._spread(self.bias)
        return y

    def _backward(self, g: Array) -> Array:
        x_hat, axes = self._x_hat, self._shared(g.ndim)
        if self.bias is not None:
            self.bias.accumulate_grad(g.sum(axis=axes))
        if self.weight is not None:
            self.weight.accumulate_grad((g * x_hat.reshape(g.shape)).sum(axis=axes))
        g_rows = np.ascontiguousarray(self._g_x_hat()).reshape(x_hat.shape)
        m = x_hat.shape[1]
        g_in = self.work.array("g_X_in", x_hat.shape, g.dtype)
        np.multiply(x_hat, (np.vecdot(g_rows, x_hat) / m)[:, None], out=g_in)
        np.subtract(g_rows, g_in, out=g_in)
        g_in -= g_rows.mean(axis=1, keepdims=True)
        g_in *= self._inv_std[:, None]
        return g_in.reshape(g.shape)

    def _g_x_hat(self) -> Array:
        g = self.output.grad
        if self.weight is None:
            return g
        product: Array = g * self._spread(self.weight)
        return product

    def forward_stages(self) -> Stages:  # noqa: D102
        x, groups = self.input.value, self._groups(self.input.shape)
        mean, inv_std = self._mean.reshape(groups), self._inv_std.reshape(groups)
        centred, x_hat = self._centred.reshape(x.shape), self._x_hat.reshape(x.shape)
        affine = {}
        if self.weight is not None:
            affine["gamma"] = self.weight.value
        if self.bias is not None:
            affine["beta"] = self.bias.value
        return {
            "mean": {"X_in": x, "mean": mean},
            "variance": {
                "X_in": x,
                "mean": mean,
                "centred": centred,
                "var": self._var.reshape(groups),
            },
            "normalise": {"X_in": x, "inv_std": inv_std, "x_hat": x_hat},
            "scale and shift": {"x_hat": x_hat, **affine, "X_out": self.output.value},
        }

    def backward_stages(self) -> Stages:  # noqa: D102
        g, x_hat, g_x_hat = self.output.grad, self._x_hat, self._g_x_hat()
        rows, inv_std = np.ascontiguousarray(g_x_hat).reshape(x_hat.shape), self._inv_std[:, None]
        by_mean = np.broadcast_to(-rows.mean(axis=1, keepdims=True) * inv_std, rows.shape)
        by_var = -x_hat * (rows * x_hat).mean(axis=1, keepdims=True) * inv_std
        grads = {"g_X_out": g, "x_hat": x_hat.reshape(g.shape)}
        gamma = {}
        if self.bias is not None and self.bias.requires_grad:
            grads["g_beta"] = self.bias.grad
        if self.weight is not None:
            gamma["gamma"] = self.weight.value
            if self.weight.requires_grad:
                grads["g_gamma"] = self.weight.grad
        return {
            **({"parameter gradients": grads} if self.params else {}),
            "normalised gradient": {"g_X_out": g, **gamma, "g_x_hat": g_x_hat},
            "three terms": {
                "term_direct": (rows * inv_std).reshape(g.shape),
                "term_mean": by_mean.reshape(g.shape),
                "term_var": by_var.reshape(g.shape),
            },
            "input gradient": {"g_X_in": self.input.grad},
        }

    def _lines(
        self, cell: str, group: str, of_cell: str, own: str, same: str, shared: str, param: str
    ) -> str:
        """Return the lines of index notation.

        Args:
            cell: indices of one number of the input.
            group: indices of a group.
            of_cell: indices of the group that the cell belongs to.
            own: letters of the sum over a group and, behind a bar, indices of its numbers.
            same: the same for the cell's group.
            shared: letters of the sum over the numbers that share a γ.
            param: index of that γ.
        """
        (over, at), (over_same, at_same) = own.split("|"), same.split("|")
        gamma = "" if self.weight is None else f"gamma[{param}] * "
        beta = "" if self.bias is None else f" + beta[{param}]"
        lines = [
            f"mean[{group}] = 1/m * sum[{over}](X_in[{at}])",
            f"centred[{cell}] = X_in[{cell}] - mean[{of_cell}]",
            f"var[{group}] = 1/m * sum[{over}](centred[{at}] ** 2)",
            f'inv_std[{group}] = 1 / sqrt(var[{group}] + note("ε", eps))',
            f"x_hat[{cell}] = centred[{cell}] * inv_std[{of_cell}]",
            f"X_out[{cell}] = {gamma}x_hat[{cell}]{beta}",
            f"g_x_hat[{cell}] = {gamma}g_X_out[{cell}]",
            f"term_direct[{cell}] = g_x_hat[{cell}] * inv_std[{of_cell}]",
            f"term_mean[{cell}] = -1/m * inv_std[{of_cell}] * sum[{over_same}](g_x_hat[{at_same}])",
            f"term_var[{cell}] = -1/m * inv_std[{of_cell}] * x_hat[{cell}]"
            f" * sum[{over_same}](g_x_hat[{at_same}] * x_hat[{at_same}])",
            f"g_X_in[{cell}] = term_direct[{cell}] + term_mean[{cell}] + term_var[{cell}]",
        ]
        if self.bias is not None:
            lines.append(f"g_beta[{param}] = sum[{shared}](g_X_out[{cell}])")
        if self.weight is not None:
            lines.append(f"g_gamma[{param}] = sum[{shared}](g_X_out[{cell}] * x_hat[{cell}])")
        return "\n".join(lines)

    def formula_constants(self) -> dict[str, float]:
        """Return m, the numbers in a group, and eps."""
        return {"m": self._x_hat.shape[1], "eps": self.eps}


class GroupNorm(SampleNorm):
    """Group norm (Wu & He 2018): normalises groups of neighbouring channels of each sample.

    Input and output (N, C, ...), statistics (N, num_groups), γ and β (C,).

    Args:
        num_groups: number of groups, a divisor of num_channels; 1 normalises a sample as a whole,
            num_channels each channel by itself (instance norm).
        num_channels: C.
        eps: ε.
        affine: whether there are γ and β.

    Raises:
        ValueError: an option is out of range.
    """

    keyword = "groupnorm"
    letters: ClassVar[Mapping[str, str]] = {"r": "channel {} of the group"}

    num_channels = Option(count, fixed=True)

    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True
    ) -> None:
        self.num_channels = num_channels
        self.num_groups = num_groups
        super().__init__((self.num_channels,), eps, affine, affine)

    @property
    def num_groups(self) -> int:
        """Number of groups, a divisor of num_channels."""
        return self._num_groups

    @num_groups.setter
    def num_groups(self, value: int) -> None:
        groups = count(value, "num_groups")
        if self.num_channels % groups:
            raise ValueError(
                f"num_groups is {value}; expected a divisor of the {self.num_channels} channels"
            )
        self._num_groups = groups

    @property
    def formulas(self) -> str:
        """One line of index notation for each array; d is the number of channels of a group."""
        return self._lines(
            cell="n,c,*i",
            group="n,k",
            of_cell="n,c//d",
            own="r,*i|n,k*d + r,*i",
            same="r,*I|n,c//d*d + r,*I",
            shared="n,*i",
            param="c",
        )

    def formula_constants(self) -> dict[str, float]:
        """Return m, eps, and d, also the size of the letter r."""
        d = self.num_channels // self.num_groups
        return {**super().formula_constants(), "d": d, "r": d}

    def _groups(self, shape: Shape) -> Shape:
        return (shape[0], self.num_groups)

    def _spread(self, param: Tensor) -> Array:
        return param.value.reshape(-1, *(1,) * (len(self.input.shape) - 2))

    def _shared(self, rank: int) -> tuple[int, ...]:
        return (0, *range(2, rank))

    def output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        if not input_shape or input_shape[0] != self.num_channels:
            raise ShapeError(f"needs {self.num_channels} channels (C, ...)", f"{input_shape}")
        return input_shape

    @classmethod
    def from_spec(cls, item: SpecItem, input_shape: Shape, rng: np.random.Generator) -> Self:  # noqa: D102
        groups = item.whole("a number of groups")
        layer = cls(
            groups, input_shape[0], item.option_real("eps", 1e-5), not item.flag("noaffine")
        )
        item.done()
        return layer

    def to_spec(self) -> str:  # noqa: D102
        words = [self.keyword, str(self.num_groups)]
        if self.eps != 1e-5:
            words.append(f"eps{number_text(self.eps)}")
        if self.weight is None:
            words.append("noaffine")
        return " ".join(words)


def _last_sizes(value: object, name: str) -> Shape:
    sizes = value if isinstance(value, Sequence) else [value]
    if not sizes:
        raise ValueError(f"{name} is empty; expected the sizes of the last axes")
    return tuple(count(size, name) for size in sizes)


class LayerNorm(SampleNorm):
    """Layer norm (Ba et al. 2016): normalises the last axes of each sample.

    Input and output (N, ..., *normalized_shape), statistics (N, ...), γ and β of normalized_shape.

    Args:
        normalized_shape: sizes of the last axes, one number for a single axis: `LayerNorm(64)` for
            features (N, 64), `LayerNorm((8, 28, 28))` for whole images.
        eps: ε.
        elementwise_affine: whether there are γ and β.
        bias: whether there is a β.

    Raises:
        ValueError: an option is out of range.
    """

    keyword = "layernorm"
    normalized_shape = Option(_last_sizes, fixed=True)

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
    ) -> None:
        self.normalized_shape = normalized_shape
        super().__init__(
            self.normalized_shape, eps, elementwise_affine, elementwise_affine and bias
        )

    @property
    def formulas(self) -> str:
        """One line of index notation for each array; their letters depend on the input's axes."""
        count = self._lead(len(self.input.shape))
        lead = ",".join(("n", "c", "y", *(f"l{k}" for k in range(3, count)))[:count])
        return self._lines(
            cell=f"{lead},*i",
            group=lead,
            of_cell=lead,
            own=f"*i|{lead},*i",
            same=f"*I|{lead},*I",
            shared=lead,
            param="*i",
        )

    def _lead(self, rank: int) -> int:
        """Return how many axes of an input of `rank` axes are not normalised, N included."""
        return rank - len(self.normalized_shape)

    def _groups(self, shape: Shape) -> Shape:
        return shape[: self._lead(len(shape))]

    def _spread(self, param: Tensor) -> Array:
        return param.value

    def _shared(self, rank: int) -> tuple[int, ...]:
        return tuple(range(self._lead(rank)))

    def output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        if input_shape[-len(self.normalized_shape) :] != self.normalized_shape:
            raise ShapeError(
                f"needs an input whose last axes are {self.normalized_shape}", f"{input_shape}"
            )
        return input_shape

    @classmethod
    def from_spec(cls, item: SpecItem, input_shape: Shape, rng: np.random.Generator) -> Self:  # noqa: D102
        axes = item.option_whole("axes", len(input_shape), "number of last axes")
        if not 1 <= axes <= len(input_shape):
            raise SpecError(f"axes of layernorm is {axes}; expected 1 to {len(input_shape)}")
        layer = cls(
            input_shape[-axes:],
            item.option_real("eps", 1e-5),
            not item.flag("noaffine"),
            not item.flag("nobias"),
        )
        item.done()
        return layer

    def to_spec(self) -> str:  # noqa: D102
        words = [self.keyword, f"axes{len(self.normalized_shape)}"]
        if self.eps != 1e-5:
            words.append(f"eps{number_text(self.eps)}")
        if self.weight is None:
            words.append("noaffine")
        elif self.bias is None:
            words.append("nobias")
        return " ".join(words)
