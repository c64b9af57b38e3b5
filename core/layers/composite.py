"""Layers made of layers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Self

import numpy as np

from core.errors import ShapeError
from core.kernels.memory import channels_first, inverse
from core.layer import Layer, Shape, Stages
from core.model import Model, check_connection
from core.spec_item import SpecItem, UnknownWordError
from core.tensor import Array, Tensor


class Residual(Layer):
    """Adds the output of a body to the input (He et al. 2016).

    y = body(x) + shortcut(x); g(L, x) is the sum of both branches' input gradients. Without a
    shortcut the second branch is x itself, and its gradient g(L, y).

    Args:
        body: a model or any layer.
        shortcut: a model or any layer with the same output shape; None for x itself.

    Raises:
        ValueError: a layer is in both.
    """

    keyword = "residual"

    transient = Layer.transient | {"_g_body", "_g_shortcut"}

    def __init__(self, body: Layer, shortcut: Layer | None = None) -> None:
        super().__init__()
        given = [body] if shortcut is None else [body, shortcut]
        branches = _as_models(given)
        self.body = branches[0]
        self.shortcut = None if shortcut is None else branches[1]
        # Of the last backward pass: the gradients that came through the two branches.
        self._g_body = self._g_shortcut = np.zeros(0)
        self.connect(self.input)
        self.rename(self.name)

    @property
    def formulas(self) -> str:
        """One line of index notation for each array."""
        has_shortcut = self.shortcut is not None
        return f"""
            body[*i]       = body.X_out[*i]
            shortcut[*i]   = {"shortcut.X_out[*i]" if has_shortcut else "X_in[*i]"}
            X_out[*i]      = body[*i] + shortcut[*i]
            g_body[*i]     = body.g_X_in[*i]
            g_shortcut[*i] = {"shortcut.g_X_in[*i]" if has_shortcut else "g_X_out[*i]"}
            g_X_in[*i]     = g_body[*i] + g_shortcut[*i]
        """

    def children(self) -> dict[str, Layer]:  # noqa: D102
        branches: dict[str, Layer] = {"body": self.body}
        if self.shortcut is not None:
            branches["shortcut"] = self.shortcut
        return branches

    def connect(self, tensor: Tensor) -> None:  # noqa: D102
        super().connect(tensor)
        for branch in self.children().values():
            branch.connect(tensor)

    def _forward(self, x: Array) -> Array:
        _connect(self)
        y = self.body.forward(self.input).value
        other = x if self.shortcut is None else self.shortcut.forward(self.input).value
        return np.add(y, other, out=self.work.like("X_out", y))

    def _backward(self, g: Array) -> Array:
        check_connection(self.body, self.input)
        self.body.output.grad = g
        self.body.backward()
        # Both branches write the gradient of the one input tensor: keep the first.
        total = self.work.like("g_X_in", self.input.value)
        self._g_body = self.work.like("g_body", self.input.value)
        np.copyto(self._g_body, self.input.grad)
        if self.shortcut is not None:
            check_connection(self.shortcut, self.input)
            self.shortcut.output.grad = g
            self.shortcut.backward()
            g = self.input.grad
        self._g_shortcut = g
        return np.add(self._g_body, g, out=total)

    def output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        made = self.body.output_shape(input_shape)
        other = input_shape if self.shortcut is None else self.shortcut.output_shape(input_shape)
        if made != other:
            need, beside = "needs two branches of one shape", "beside it"
            if self.shortcut is None:
                need = "needs layers that keep the shape, or a second branch behind |"
                beside = "from the input"
            raise ShapeError(need, f"{made} from the body and {other} {beside}")
        return made

    def forward_stages(self) -> Stages:  # noqa: D102
        x = self.input.value
        other = x if self.shortcut is None else self.shortcut.output.value
        return {
            "sum": {
                "X_in": x,
                "body": self.body.output.value,
                "shortcut": other,
                "X_out": self.output.value,
            }
        }

    def backward_stages(self) -> Stages:  # noqa: D102
        return {
            "sum": {
                "g_X_out": self.output.grad,
                "g_body": self._g_body,
                "g_shortcut": self._g_shortcut,
                "g_X_in": self.input.grad,
            }
        }

    @classmethod
    def from_spec(cls, item: SpecItem, input_shape: Shape, rng: np.random.Generator) -> Self:  # noqa: D102
        branches = item.models(
            "(layers), to whose output the input is added, or (layers | layers), whose outputs are "
            "added"
        )
        if not 1 <= len(branches) <= 2:
            keeping, (body, shortcut) = _keeping(input_shape), _examples(input_shape)
            raise UnknownWordError(
                "residual needs one or two branches in brackets: write "
                f"residual({keeping}, relu) or residual({body} | {shortcut}), for example"
            )
        item.done()
        return cls(*branches)

    def to_spec(self) -> str:  # noqa: D102
        return f"{self.keyword}({' | '.join(b.to_spec() for b in self.children().values())})"


class Concat(Layer):
    """Joins the outputs of several branches along channels, axis 1.

    All branches read the same input; g(L, x) is the sum of their input gradients. With `Identity`
    as a branch the input itself is joined to what is computed from it, as in DenseNet (Huang et
    al. 2017).

    Args:
        branches: models or any layers, whose output shapes differ in channels only.

    Raises:
        ValueError: no branch, or one layer in two branches.
    """

    keyword = "concat"

    transient = Layer.transient | {"_ranges", "_terms"}

    def __init__(self, *branches: Layer) -> None:
        super().__init__()
        if not branches:
            raise ValueError("concat needs at least one branch")
        self.branches = _as_models(branches)
        # Of the last pass: the range of channels of each branch, and its input gradient.
        self._ranges: list[slice] = []
        self._terms: list[Array] = []
        self.connect(self.input)
        self.rename(self.name)

    @property
    def formulas(self) -> str:
        """One line of index notation for each array, three for each branch.

        An index outside of a branch reads 0, so the sum over branches has one term for a cell.
        """
        count = range(len(self.branches))
        shift = ["c", *(f"c - c{k}" for k in count[1:])]
        back = ["c", *(f"c + c{k}" for k in count[1:])]
        lines = [
            "X_out[n,c,*i] = " + " + ".join(f"branch{k}[n, {shift[k]}, *i]" for k in count),
            "g_X_in[*i] = " + " + ".join(f"term_branch{k}[*i]" for k in count),
        ]
        for k in count:
            lines += [
                f"branch{k}[*i] = branch{k}.X_out[*i]",
                f"g_branch{k}[n,c,*i] = g_X_out[n, {back[k]}, *i]",
                f"term_branch{k}[*i] = branch{k}.g_X_in[*i]",
            ]
        return "\n".join(lines)

    def formula_constants(self) -> dict[str, float]:
        """Return c1, c2, …: the first channel of each branch but the first."""
        return {f"c{k}": part.start for k, part in enumerate(self._ranges) if k > 0}

    def children(self) -> dict[str, Layer]:  # noqa: D102
        return {f"branch{k}": branch for k, branch in enumerate(self.branches)}

    def connect(self, tensor: Tensor) -> None:  # noqa: D102
        super().connect(tensor)
        for branch in self.branches:
            branch.connect(tensor)

    def _forward(self, x: Array) -> Array:
        _connect(self)
        outputs = [branch.forward(self.input).value for branch in self.branches]
        stops = list(accumulate(y.shape[1] for y in outputs))
        self._ranges = [slice(a, b) for a, b in zip([0, *stops], stops, strict=False)]
        # Channels outermost in memory: each branch is one piece of it.
        shape, order = (len(x), *self.out_shape), channels_first(outputs[0])
        joined = self.work.array("X_out", tuple(shape[axis] for axis in order), x.dtype)
        joined = joined.transpose(inverse(order))
        for part, y in zip(self._ranges, outputs, strict=True):
            joined[:, part] = y
        return joined

    def _backward(self, g: Array) -> Array:
        total = self.work.like("g_X_in", self.input.value)
        self._terms = []
        for k, (branch, part) in enumerate(zip(self.branches, self._ranges, strict=True)):
            check_connection(branch, self.input)
            branch.output.grad = g[:, part]
            branch.backward()
            # All branches write the gradient of the one input tensor: keep each.
            term = self.work.like(f"term_branch{k}", self.input.value)
            np.copyto(term, self.input.grad)
            self._terms.append(term)
        np.copyto(total, self._terms[0])
        for term in self._terms[1:]:
            total += term
        return total

    def output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        shapes = [branch.output_shape(input_shape) for branch in self.branches]
        for k, shape in enumerate(shapes):
            if not shape or shape[1:] != shapes[0][1:]:
                raise ShapeError(
                    "needs branches whose outputs differ in channels only",
                    f"{shapes[0]} from branch 0 and {shape} from branch {k}",
                )
        return (sum(shape[0] for shape in shapes), *shapes[0][1:])

    def forward_stages(self) -> Stages:  # noqa: D102
        outputs = {f"branch{k}": b.output.value for k, b in enumerate(self.branches)}
        return {"join": {"X_in": self.input.value, **outputs, "X_out": self.output.value}}

    def backward_stages(self) -> Stages:  # noqa: D102
        g = self.output.grad
        parts = {f"g_branch{k}": g[:, part] for k, part in enumerate(self._ranges)}
        terms = {f"term_branch{k}": term for k, term in enumerate(self._terms)}
        return {
            "split": {"g_X_out": g, **parts},
            "sum": {**terms, "g_X_in": self.input.grad},
        }

    @classmethod
    def from_spec(cls, item: SpecItem, input_shape: Shape, rng: np.random.Generator) -> Self:  # noqa: D102
        branches = item.models("(layers | layers | …), whose outputs are joined along the channels")
        if not branches:
            raise UnknownWordError(
                "concat needs branches in brackets, with | between them: write "
                f"concat({' | '.join(_examples(input_shape))}), for example"
            )
        item.done()
        return cls(*branches)

    def to_spec(self) -> str:  # noqa: D102
        return f"{self.keyword}({' | '.join(branch.to_spec() for branch in self.branches)})"


def _examples(shape: Shape) -> tuple[str, str]:
    """Return two branches that take inputs of a shape, and whose outputs have one shape."""
    known = {1: ("linear 8", "linear 8"), 3: ("conv 8 k3 p1", "conv 8 k1")}
    return known.get(len(shape), ("relu", "tanh"))


def _keeping(shape: Shape) -> str:
    """Return a layer whose output has the shape of its input."""
    known = {1: "linear {}", 3: "conv {} k3 p1"}
    return known.get(len(shape), "tanh").format(*shape[:1])


def _connect(composite: Layer) -> None:
    """Connect branches that another model has connected, or that were exchanged."""
    changed = False
    for branch in composite.children().values():
        if branch.input is not composite.input:
            branch.connect(composite.input)
            changed = True
    if changed:
        composite.rename(composite.name)


def _as_models(branches: Sequence[Layer]) -> list[Model]:
    """Return each branch as a model, as the text form gives it: names of params agree with it.

    Raises:
        ValueError: a layer is in two branches.
    """
    inner = [layer for branch in branches for layer in branch.walk()]
    if len({id(layer) for layer in inner}) < len(inner):
        raise ValueError("a layer can have one place in a model only: make a second layer")
    return [branch if isinstance(branch, Model) else Model(branch) for branch in branches]
