"""Convolution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import ClassVar, Literal, Self

import numpy as np

from core.errors import ShapeError, shape_in_words
from core.generator import generator
from core.init import Initialiser, he, initial_bias, initialise
from core.kernels.gemm import gemm
from core.kernels.im2col import Pair, Windows, col2im, count, im2col, pair
from core.kernels.memory import channel_rows, channels_first
from core.kernels.shift_product import Geometry, Shifts, shifted
from core.layer import Layer, Shape, Stages, spec_or_class
from core.layers.option import Option
from core.spec_item import SpecItem, pair_text
from core.tensor import Array, Tensor

Algorithm = Literal["fast", "im2col"]
ALGORITHMS: tuple[Algorithm, ...] = ("fast", "im2col")


class Conv2d(Layer):
    """Slides kernels over an image; as the write-up does it, one matrix product.

    X^(col) of shape (C_in·KH·KW, N·OH·OW) holds the windows as columns, K of shape
    (C_out, C_in·KH·KW) the kernels as rows:

        X^(out) = K X^(col) + b
        g(L, K) = g(L, X^(out)) (X^(col))^T        g(L, b) = row sums of g(L, X^(out))
        g(L, X^(col)) = K^T g(L, X^(out))          g(L, X^(in)) = col2im(g(L, X^(col)))

    With `groups` > 1 both matrices fall into that many blocks, and the kernels of a block see the
    channels of the same block only.

    Input (N, C_in, H, W), output (N, C_out, OH, OW) with
    OH = (H + padding above and below - dilation·(KH - 1) - 1) // stride + 1.

    Arguments, their order and their defaults are those of `torch.nn.Conv2d`; only the initial
    values of the parameters differ (see `init`). Options may be changed at any time and count from
    the next forward pass.

    Args:
        in_channels: C_in.
        out_channels: C_out.
        kernel_size: height and width of a kernel.
        stride: steps between windows.
        padding: rows and columns of zeros on each side; "valid" for none, or "same" for an output
            of the size of the input (stride 1 only). Where "same" needs an odd number, the
            additional zeros lie below and on the right, as in PyTorch.
        dilation: steps between the cells of a window.
        groups: number of blocks of channels; divides C_in and C_out.
        bias: whether a number is added to each output channel.
        rng: source of the first weights; a fresh generator if None, and the run cannot be repeated
            then.
        init: initialiser of K, or its name: "he", "xavier", "lecun", "zeros", "torch". The default
            differs from PyTorch's: K is normal with variance 2 / fan_in, where fan_in is
            C_in / groups·KH·KW, and b is zero, which suits ReLU. "torch" draws both uniformly
            between ±1 / sqrt(fan_in), as PyTorch does.
        algorithm: "im2col" computes both passes through X^(col), and what the stages show are the
            arrays of this computation, bit for bit. "fast" computes the same sums without X^(col)
            where it can (stride 1, one group), with `core.kernels.shift_product`; the stages then
            compute X^(col) and the products again, and may differ in the last bits.

    Raises:
        ValueError: an option is out of range; the message names it.
    """

    letters: ClassVar[Mapping[str, str]] = {"i,j": "output ({}, {})", "q": "channel {}"}

    keyword = "conv"
    transient: ClassVar[frozenset[str]] = Layer.transient | {
        *("_windows", "_shifts", "_col", "_product", "_g_matrix", "_g_kernels", "_g_col"),
    }

    in_channels = Option(count, fixed=True)
    out_channels = Option(count, fixed=True)

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: int | Pair | str = 0,
        dilation: int | Pair = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        rng: np.random.Generator | None = None,
        init: str | Initialiser = he,
        algorithm: Algorithm = "fast",
    ) -> None:
        super().__init__()
        self.in_channels = in_channels
        self.out_channels = out_channels
        groups = count(groups, "groups")
        if in_channels % groups or out_channels % groups:
            raise ValueError(
                f"groups is {groups}; expected a divisor of in_channels {in_channels} and of "
                f"out_channels {out_channels}"
            )
        if not isinstance(bias, bool | np.bool):
            raise ValueError(
                f"bias is {bias!r}; expected True or False (the order of options is stride, "
                "padding, dilation, groups, bias)"
            )
        shape = (out_channels, in_channels // groups, *pair(kernel_size, "kernel_size", 1))
        self._padding: Pair | Literal["same"] = (0, 0)
        self.stride = stride
        self.dilation = dilation
        self.padding = padding
        self.algorithm = algorithm
        rng = generator(rng)
        self.weight = Tensor(initialise(init, shape, rng))
        self.params["weight"] = self.weight
        self.bias = Tensor(initial_bias(init, shape, rng)) if bias else None
        if self.bias is not None:
            self.params["bias"] = self.bias
        # Kept from forward to backward: where the windows lay, and X^(col) (C_in·KH·KW, N·OH·OW)
        # with K X^(col), or the shifted rows that replace them.
        self._windows = Windows((1, 1))
        self._shifts: Shifts | None = None
        self._col = self._product = np.zeros((0, 0))
        # Kept from backward for the stages: g(L, X^(out)) as a matrix, g(L, K), g(L, X^(col)).
        self._g_matrix = self._g_kernels = self._g_col = np.zeros((0, 0))

    @property
    def kernel_size(self) -> Pair:
        """Height and width of the kernels."""
        kh, kw = self.weight.shape[2:]
        return kh, kw

    @property
    def groups(self) -> int:
        """Number of blocks of channels."""
        return self.in_channels // self.weight.shape[1]

    @property
    def stride(self) -> Pair:
        """Steps between windows. A number stands for a pair of it on assignment."""
        return self._stride

    @stride.setter
    def stride(self, value: int | Pair) -> None:
        stride = pair(value, "stride", 1)
        if self._padding == "same" and stride != (1, 1):
            raise ValueError(f'stride is {value!r}; expected 1, because padding is "same"')
        self._stride = stride

    @property
    def dilation(self) -> Pair:
        """Steps between the cells of a window. A number stands for a pair of it on assignment."""
        return self._dilation

    @dilation.setter
    def dilation(self, value: int | Pair) -> None:
        self._dilation = pair(value, "dilation", 1)

    @property
    def padding(self) -> Pair | Literal["same"]:
        """Rows and columns of zeros on each side, or "same".

        Assignment also takes a number, which stands for a pair of it, and "valid", which is 0.
        """
        return self._padding

    @padding.setter
    def padding(self, value: int | Pair | str) -> None:
        if value == "same":
            if self.stride != (1, 1):
                raise ValueError(
                    f'padding is "same" with stride {self.stride}; expected stride 1, or a number '
                    "as padding"
                )
            self._padding = "same"
        elif value == "valid":
            self._padding = (0, 0)
        elif isinstance(value, str):
            raise ValueError(
                f'padding is {value!r}; expected a whole number, a pair of them, "same" or "valid"'
            )
        else:
            self._padding = pair(value, "padding", 0)

    @property
    def algorithm(self) -> Algorithm:
        """How the passes are computed: "fast" or "im2col"."""
        return self._algorithm

    @algorithm.setter
    def algorithm(self, value: Algorithm) -> None:
        if value not in ALGORITHMS:
            raise ValueError(f'algorithm is {value!r}; expected "fast" or "im2col"')
        self._algorithm: Algorithm = value

    def windows(self) -> Windows:
        """Return where the windows lie under the options as they are now."""
        return _windows(self.kernel_size, self.stride, self.padding, self.dilation)

    def _forward(self, x: Array) -> Array:
        _, oh, ow = self.out_shape
        windows = self._windows = self.windows()
        bias = None if self.bias is None else self.bias.value
        if self._algorithm == "fast" and windows.stride == (1, 1) and self.groups == 1:
            geometry = Geometry(windows.kernel, windows.before, (oh, ow), windows.dilation)
            self._shifts = shifted(self.work, "shifts", x, geometry)
            return self._shifts.convolve("X_out", self.weight.value, bias)
        self._shifts = None
        kernels = self._kernel_matrix()
        shape = (self.in_channels * windows.kernel[0] * windows.kernel[1], len(x) * oh * ow)
        self._col = im2col(x, windows, self.work.array("X_col", shape, x.dtype))
        self._product = self.work.array("K_X_col", (self.out_channels, shape[1]), x.dtype)
        self._multiply(kernels, self._col, self._product)
        out = self._product
        if bias is not None:
            out = np.add(out, bias[:, None], out=self.work.array("X_out", out.shape, x.dtype))
        return out.reshape(len(out), len(x), oh, ow).swapaxes(0, 1)

    def _backward(self, g: Array) -> Array | None:
        if self.bias is not None:
            rows = channel_rows(g, channels_first(g))
            self.bias.accumulate_grad(rows @ self.work.ones(rows.shape[1], g.dtype))
        if self._shifts is not None:
            weight = self.weight.value if self.needs_input_grad else None
            self._g_kernels, g_in = self._shifts.gradients("g_X_in", g, weight)
            self.weight.accumulate_grad(self._g_kernels)
            return g_in
        self._g_matrix = self._as_matrix(g)
        self._g_kernels = self._kernel_grad(self._g_matrix, self._col)
        self.weight.accumulate_grad(self._g_kernels.reshape(self.weight.shape))
        if not self.needs_input_grad:
            return None
        self._g_col = self.work.array("g_X_col", self._col.shape, g.dtype)
        self._column_grad(self._g_matrix, self._g_col)
        return col2im(self._g_col, self.input.shape, self._windows)

    def _kernel_matrix(self) -> Array:
        """K of shape (C_out, C_in / groups · KH · KW)."""
        return self.weight.value.reshape(self.out_channels, -1)

    def _as_matrix(self, images: Array) -> Array:
        """(N, C, OH, OW) as the matrix (C, N·OH·OW)."""
        return np.ascontiguousarray(images.swapaxes(0, 1)).reshape(images.shape[1], -1)

    def _blocks(self, *matrices: Array) -> Iterator[tuple[Array, ...]]:
        """Yield the rows of each group of matrices whose rows fall into groups."""
        if self.groups == 1:
            return iter((matrices,))
        return zip(*(np.split(matrix, self.groups) for matrix in matrices), strict=True)

    def _multiply(self, kernels: Array, col: Array, out: Array) -> Array:
        """Write K X^(col) to `out`."""
        for k, x, y in self._blocks(kernels, col, out):
            gemm(k, x, y)
        return out

    def _kernel_grad(self, g: Array, col: Array) -> Array:
        """Return g(L, K)."""
        made = [gemm(block, x.T) for block, x in self._blocks(g, col)]
        return made[0] if len(made) == 1 else np.concatenate(made)

    def _column_grad(self, g: Array, out: Array) -> Array:
        """Write g(L, X^(col)) to `out`."""
        for k, block, x in self._blocks(self._kernel_matrix(), g, out):
            gemm(k.T, block, x)
        return out

    def output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        if len(input_shape) != 3:
            raise ShapeError("needs images (C, H, W)", shape_in_words(input_shape))
        if input_shape[0] != self.in_channels:
            raise ShapeError(
                f"needs images of {self.in_channels} channels (C, H, W)", f"{input_shape}"
            )
        _, height, width = input_shape
        return (self.out_channels, *self.windows().count(height, width))

    def multiply_adds(self, input_shape: Shape) -> int:  # noqa: D102
        _, oh, ow = self.output_shape(input_shape)
        return self.weight.value.size * oh * ow

    def kept_per_sample(self, input_shape: Shape) -> int:
        """As for any layer; with X^(col), K X^(col) and their gradients."""
        _, oh, ow = self.output_shape(input_shape)
        kh, kw = self.kernel_size
        columns = self.in_channels * kh * kw + self.out_channels
        return super().kept_per_sample(input_shape) + 2 * columns * oh * ow

    def forward_stages(self) -> Stages:  # noqa: D102
        x, kernels = self.input.value, self._kernel_matrix()
        col, product = self._col, self._product
        if self._shifts is not None:
            col = im2col(x, self._windows)
            product = gemm(kernels, col)
        product_arrays = {"K": kernels, "X_col": col, "K_X_col": product}
        if self.bias is not None:
            product_arrays["bias"] = self.bias.value
        return {
            "slide": {"X_in": x, "kernels": self.weight.value},
            "unroll": {"X_in": x, "X_col": col},
            "multiply": product_arrays,
            "reshape": {"K_X_col": product, "X_out": self.output.value},
        }

    def backward_stages(self) -> Stages:  # noqa: D102
        x, kernels = self.input.value, self._kernel_matrix()
        col, g, g_kernels, g_col = self._col, self._g_matrix, self._g_kernels, self._g_col
        if self._shifts is not None:
            col, g = im2col(x, self._windows), self._as_matrix(self.output.grad)
            g_col = gemm(kernels.T, g) if self.needs_input_grad else g_col
        weight_grads = {
            "g_X_out": self.output.grad,
            "g_X_out_matrix": g,
            "X_col": col,
            "g_K": g_kernels.reshape(self.out_channels, -1),
        }
        for name, param in self.params.items():
            if param.requires_grad:
                weight_grads[f"g_{name}"] = param.grad
        stages = {"kernel gradient": weight_grads}
        if self.needs_input_grad:
            one = np.ones((1, 1, *x.shape[2:]), x.dtype)
            visits = col2im(im2col(one, self._windows), one.shape, self._windows)
            stages["column gradient"] = {"K": kernels, "g_X_out_matrix": g, "g_X_col": g_col}
            stages["col2im"] = {
                "g_X_col": g_col,
                "visits": visits[0, 0],
                "g_X_in": self.input.grad,
            }
        return stages

    @property
    def formulas(self) -> str:
        """One line of index notation for each array of the stages.

        c counts all input channels, q those of one group, and p the output channels of one group.
        """
        windows = self.windows()
        y, x = windows.under(0, "i", "s"), windows.under(1, "j", "t")
        q, row, column_grad = self._group_indices()
        product = f"sum[{q},s,t](K[o,({q},s,t)] * X_col[({row},s,t),(n,i,j)])"
        g_kernels = f"sum[n,i,j](g_X_out_matrix[o,(n,i,j)] * X_col[({row},s,t),(n,i,j)])"
        col2im = f"sum[s,t,i,j](g_X_col[(c,s,t),(n,i,j)] * at(y == {y}, x == {x}))"
        bias, g_bias = "", ""
        if self.bias is not None:
            bias = ' + note("bias", bias[o])'
            g_bias = "g_bias[o] = sum[n,i,j](g_X_out_matrix[o,(n,i,j)])"
        return f"""
            X_col[(c,s,t),(n,i,j)]    = X_in[n, c, {y}, {x}]
            K[o,({q},s,t)]            = kernels[o,{q},s,t]
            K_X_col[o,(n,i,j)]        = {product}
            X_out[n,o,i,j]            = {product}{bias}
            g_X_out_matrix[o,(n,i,j)] = g_X_out[n,o,i,j]
            g_K[o,({q},s,t)]          = {g_kernels}
            g_weight[o,{q},s,t]       = g_K[o,({q},s,t)]
            {g_bias}
            g_X_col[(c,s,t),(n,i,j)]  = {column_grad}
            visits[y,x]               = sum[s,t,i,j](at(y == {y}, x == {x}))
            g_X_in[n,c,y,x]           = {col2im}
        """

    def _group_indices(self) -> tuple[str, str, str]:
        """The letter of a kernel's channel, that channel of the input, and the line of g_X_col."""
        if self.groups == 1:
            return "c", "c", "sum[o](K[o,(c,s,t)] * g_X_out_matrix[o,(n,i,j)])"
        inputs, outputs = self.weight.shape[1], self.out_channels // self.groups
        row = f"o//{outputs}*{inputs} + q"
        kernel = f"c//{inputs}*{outputs} + p"
        product = f"K[{kernel},(c%{inputs},s,t)] * g_X_out_matrix[{kernel},(n,i,j)]"
        return "q", row, f"sum[p]({product})"

    def formula_constants(self) -> dict[str, float]:  # noqa: D102
        (n, o, i, j), (s, t) = self.output.shape, self.kernel_size
        q, p = self.weight.shape[1], o // self.groups
        return {
            "n": n,
            "c": self.in_channels,
            "o": o,
            "i": i,
            "j": j,
            "s": s,
            "t": t,
            "q": q,
            "p": p,
        }

    @classmethod
    def from_spec(cls, item: SpecItem, input_shape: Shape, rng: np.random.Generator) -> Self:  # noqa: D102
        out_channels = item.whole("a number of output channels")
        kernel = item.option_pair("k", 3, "kernel size")
        stride = item.option_pair("s", 1, "stride")
        padding = item.option_pair("p", None, "padding")
        same = item.flag("same")
        if same and padding is not None:
            raise ValueError("padding is given twice: write either `same` or `p`")
        dilation = item.option_pair("d", 1, "dilation")
        groups = item.option_whole("g", 1, "groups")
        algorithms = [name for name in ALGORITHMS if item.flag(name)]
        if len(algorithms) > 1:
            raise ValueError("the algorithm is given twice: write either `fast` or `im2col`")
        layer = cls(
            input_shape[0],
            out_channels,
            kernel,
            stride,
            "same" if same else padding or 0,
            dilation,
            groups,
            not item.flag("nobias"),
            rng=rng,
            algorithm=algorithms[0] if algorithms else "fast",
        )
        item.done()
        return layer

    def to_spec(self) -> str:  # noqa: D102
        words = [self.keyword, str(self.out_channels), f"k{pair_text(self.kernel_size)}"]
        if self.stride != (1, 1):
            words.append(f"s{pair_text(self.stride)}")
        if self.padding == "same":
            words.append("same")
        elif self.padding != (0, 0):
            words.append(f"p{pair_text(self.padding)}")
        if self.dilation != (1, 1):
            words.append(f"d{pair_text(self.dilation)}")
        if self.groups != 1:
            words.append(f"g{self.groups}")
        if self.bias is None:
            words.append("nobias")
        if self.algorithm != "fast":
            words.append(self.algorithm)
        return " ".join(words)

    def __repr__(self) -> str:
        # The text form leaves out what is the default.
        text = spec_or_class(self)
        if self.algorithm not in text.split():
            text += f" {self.algorithm}"
        return f"<{self.name}: {text}>"


@lru_cache
def _windows(
    kernel: Pair, stride: Pair, padding: Pair | Literal["same"], dilation: Pair
) -> Windows:
    """Return where the windows lie; cached, because each step asks several times."""
    if padding != "same":
        return Windows(kernel, stride, padding, padding, dilation)
    (kh, kw), (dh, dw) = kernel, dilation
    tall, wide = dh * (kh - 1), dw * (kw - 1)
    before = tall // 2, wide // 2
    return Windows(kernel, stride, before, (tall - before[0], wide - before[1]), dilation)
