"""Convolution."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np

from core.errors import ShapeError
from core.explanations import conv
from core.explanations.parts import Rules
from core.init import Initialiser, he
from core.kernels.gemm import gemm
from core.kernels.im2col import Pair, col2im, count, im2col, pair, windows_shape
from core.kernels.memory import channel_rows, channels_first
from core.kernels.shift_product import shift_product, shift_weight_grad, shifted_rows
from core.layer import Layer, Shape, Stages
from core.spec_item import SpecItem, pair_text
from core.tensor import Array, Tensor


class Conv2d(Layer):
    """Slides kernels over an image; as the write-up does it, one matrix product.

    X^(col) of shape (C_in·KH·KW, N·OH·OW) holds the windows as columns, K of shape
    (C_out, C_in·KH·KW) the kernels as rows:

        X^(out) = K X^(col) + b
        g(L, K) = g(L, X^(out)) (X^(col))^T        g(L, b) = row sums of g(L, X^(out))
        g(L, X^(col)) = K^T g(L, X^(out))          g(L, X^(in)) = col2im(g(L, X^(col)))

    With stride 1 the same sums are computed without X^(col), by `core.kernels.shift_product`;
    what the stages show is always made in the form above.

    Input (N, C_in, H, W), output (N, C_out, OH, OW) with OH = (H + 2·padding - KH) // stride + 1.
    """

    keyword = "conv"
    rules: ClassVar[Rules] = {**Layer.rules, **conv.RULES}

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        bias: bool = True,
        *,
        rng: np.random.Generator,
        init: Initialiser = he,
    ) -> None:
        super().__init__()
        self.in_channels = count(in_channels, "in_channels")
        self.out_channels = count(out_channels, "out_channels")
        self.kernel_size = pair(kernel_size, "kernel_size", 1)
        self.stride = pair(stride, "stride", 1)
        self.padding = pair(padding, "padding", 0)
        self.weight = Tensor(init((out_channels, in_channels, *self.kernel_size), rng))
        self.params["weight"] = self.weight
        self.bias = Tensor(np.zeros(out_channels, np.float32)) if bias else None
        if self.bias is not None:
            self.params["bias"] = self.bias
        # X^(col), or the shifted rows that stand for it, kept from forward to backward.
        self._columns: Array | None = None

    def _forward(self, x: Array) -> Array:
        size = self._made[1:]
        bias = None if self.bias is None else self.bias.value
        if self.stride == (1, 1):
            shifts = self._columns = shifted_rows(
                self.work, "shifts", x, self.kernel_size, self.padding, (size[0], size[1])
            )
            return shift_product(self.work, "X_out", shifts, self.weight.value, size[0], bias)
        kernels = self._kernel_matrix()
        shape = (kernels.shape[1], len(x) * size[0] * size[1])
        col = self.work.array("X_col", shape, x.dtype)
        self._columns = im2col(x, self.kernel_size, self.stride, self.padding, out=col)
        out = self.work.array("X_out", (self.out_channels, shape[1]), x.dtype)
        gemm(kernels, col, out)
        if bias is not None:
            out += bias[:, None]
        return self._as_images(out, len(x), size)

    def _backward(self, g: Array) -> Array | None:
        if self._columns is None:
            raise RuntimeError(f"{self.name}: backward needs a forward before it")
        x = self.input.value
        if self.bias is not None:
            rows = channel_rows(g, channels_first(g))
            self.bias.accumulate_grad(rows @ self.work.ones(rows.shape[1], g.dtype))
        if self.stride == (1, 1):
            self.weight.accumulate_grad(shift_weight_grad(self._columns, g, self.kernel_size[0]))
            return self._turned_convolution(g) if self.needs_input_grad else None
        g_rows = self._as_matrix(g)
        g_weight = gemm(g_rows, self._columns.T).reshape(self.weight.shape)
        self.weight.accumulate_grad(g_weight)
        if not self.needs_input_grad:
            return None
        g_col = gemm(self._kernel_matrix().T, g_rows)
        return col2im(g_col, _four(x.shape), self.kernel_size, self.stride, self.padding)

    def _turned_convolution(self, g: Array) -> Array:
        """g(L, X^(in)) for stride 1: g(L, X^(out)) convolved with the kernels turned by 180°."""
        (kh, kw), (ph, pw) = self.kernel_size, self.padding
        height, width = self.input.shape[2:]
        turned = self.weight.value[:, :, ::-1, ::-1].swapaxes(0, 1)
        border = (kh - 1 - ph, kw - 1 - pw)
        shifts = shifted_rows(self.work, "g shifts", g, (kh, kw), border, (height, width))
        return shift_product(self.work, "g_X_in", shifts, turned, height)

    def _kernel_matrix(self) -> Array:
        return self.weight.value.reshape(self.out_channels, -1)

    def _as_matrix(self, images: Array) -> Array:
        """(N, C, OH, OW) as the matrix (C, N·OH·OW)."""
        return np.ascontiguousarray(images.swapaxes(0, 1)).reshape(images.shape[1], -1)

    def _as_images(self, matrix: Array, n: int, size: Shape) -> Array:
        return matrix.reshape(len(matrix), n, *size).swapaxes(0, 1)

    def output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        if len(input_shape) != 3 or input_shape[0] != self.in_channels:
            raise ShapeError(
                f"needs images of {self.in_channels} channels (C, H, W)", f"{input_shape}"
            )
        size = windows_shape(*input_shape[1:], self.kernel_size, self.stride, self.padding)
        return (self.out_channels, *size)

    def forward_stages(self) -> Stages:  # noqa: D102
        x = self.input.value
        col = im2col(x, self.kernel_size, self.stride, self.padding)
        product = gemm(self._kernel_matrix(), col)
        product_arrays = {"K": self._kernel_matrix(), "X_col": col, "K_X_col": product}
        if self.bias is not None:
            product_arrays["bias"] = self.bias.value
        return {
            "windows": {"X_in": x, "kernels": self.weight.value},
            "X_col": {"X_in": x, "X_col": col},
            "product": product_arrays,
            "reshape": {"K_X_col": product, "X_out": self.output.value},
        }

    def backward_stages(self) -> Stages:  # noqa: D102
        x, g = self.input.value, self._as_matrix(self.output.grad)
        col = im2col(x, self.kernel_size, self.stride, self.padding)
        weight_grads = {
            "g_X_out": self.output.grad,
            "g_X_out_matrix": g,
            "X_col": col,
            "g_K": gemm(g, col.T),
            "g_weight": self.weight.grad,
        }
        if self.bias is not None:
            weight_grads["g_bias"] = self.bias.grad
        stages = {"kernel gradient": weight_grads}
        if self.needs_input_grad:
            g_col = gemm(self._kernel_matrix().T, g)
            kernel = self.kernel_size
            visits = im2col(np.ones_like(x[:1, :1]), kernel, self.stride, self.padding)
            counts = col2im(visits, _four(x[:1, :1].shape), kernel, self.stride, self.padding)
            stages["column gradient"] = {
                "K": self._kernel_matrix(),
                "g_X_out_matrix": g,
                "g_X_col": g_col,
            }
            stages["col2im"] = {
                "g_X_col": g_col,
                "visits": counts[0, 0],
                "g_X_in": self.input.grad,
            }
        return stages

    @classmethod
    def from_spec(cls, item: SpecItem, input_shape: Shape, rng: np.random.Generator) -> Self:  # noqa: D102
        out_channels = item.whole("a number of output channels")
        layer = cls(
            input_shape[0],
            out_channels,
            item.option_pair("k", 3),
            item.option_pair("s", 1),
            item.option_pair("p", 0),
            not item.flag("nobias"),
            rng=rng,
        )
        item.done()
        return layer

    def to_spec(self) -> str:  # noqa: D102
        words = [self.keyword, str(self.out_channels), f"k{pair_text(self.kernel_size)}"]
        if self.stride != (1, 1):
            words.append(f"s{pair_text(self.stride)}")
        if self.padding != (0, 0):
            words.append(f"p{pair_text(self.padding)}")
        if self.bias is None:
            words.append("nobias")
        return " ".join(words)


def _four(shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    n, c, h, w = shape
    return n, c, h, w
