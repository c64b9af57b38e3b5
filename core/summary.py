"""A table of the layers of a model: shapes, params and the work of a forward pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import overload

import numpy as np

from core.layer import Layer, Shape, multiply_adds_of, spec_or_class
from core.tensor import Tensor

HEAD = ("layer", "text", "output shape", "params", "multiply-adds")
# Stands where no number is known.
UNKNOWN = "?"


@dataclass(frozen=True)
class Row:
    """One layer.

    Attributes:
        name: of the layer.
        text: its text form, or the name of its class.
        output_shape: of one sample, without N.
        params: how many numbers are trained in it, without those of layers inside it.
        frozen: how many of them `requires_grad = False` keeps as they are.
        multiply_adds: multiplications with additions in the forward pass of one sample; None of a
            class of somebody's own that does not say.
    """

    name: str
    text: str
    output_shape: Shape
    params: int
    frozen: int
    multiply_adds: int | None

    def cells(self) -> tuple[str, ...]:
        """Return what stands in the columns."""
        frozen = f" ({self.frozen:,} frozen)" if self.frozen else ""
        shape = "×".join(map(str, self.output_shape))
        work = UNKNOWN if self.multiply_adds is None else f"{self.multiply_adds:,}"
        return (self.name, self.text, shape, f"{self.params:,}{frozen}", work)


class Summary(Sequence[Row]):
    """The rows of all layers that compute; prints as a table, in a notebook as HTML.

    Attributes:
        params: of all layers together.
        multiply_adds: of all layers together, as far as they are known.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = tuple(rows)
        self.params = sum(row.params for row in rows)
        self.multiply_adds = sum(row.multiply_adds or 0 for row in rows)

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, row: int) -> Row: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, row: int | slice) -> Row | tuple[Row, ...]:
        return self._rows[row]

    def _table(self) -> list[tuple[str, ...]]:
        is_known = all(row.multiply_adds is not None for row in self._rows)
        work = f"{self.multiply_adds:,}" + ("" if is_known else f" + {UNKNOWN}")
        total = ("total", "", "", f"{self.params:,}", work)
        return [HEAD, *(row.cells() for row in self._rows), total]

    def __str__(self) -> str:
        table = self._table()
        widths = [max(len(row[k]) for row in table) for k in range(len(HEAD))]
        lines = [
            "  ".join(
                cell.rjust(width) if k > 2 else cell.ljust(width)
                for k, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in table
        ]
        rule = "─" * max(map(len, lines))
        return "\n".join([lines[0], rule, *lines[1:-1], rule, lines[-1]])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head, *rows = (
            "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row)
            for tag, row in zip(["th", *["td"] * len(self), "th"], self._table(), strict=True)
        )
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def summarise(model: Layer, input_shape: Shape) -> Summary:
    """Return the table of a model for inputs of one shape.

    The shapes are those of a real forward pass in eval mode; nothing in the model changes.

    Args:
        model: the model.
        input_shape: shape of one sample, without N: (1, 28, 28), say.

    Raises:
        ShapeError: the model cannot take such inputs.
    """
    rows: list[Row] = []

    def add(layer: Layer, x: Tensor, y: Tensor) -> None:
        inner = layer.children()
        if inner and not layer.forward_stages():
            return
        params = list(layer.own_params().values())
        rows.append(
            Row(
                layer.name,
                spec_or_class(layer),
                y.shape[1:],
                sum(param.value.size for param in params),
                sum(param.value.size for param in params if not param.requires_grad),
                0 if inner else _multiply_adds(layer, x.shape[1:]),
            )
        )

    layers = list(model.walk())
    modes = [layer.training for layer in layers]
    handles = [layer.register_forward_hook(add) for layer in layers]
    try:
        model.eval()
        model(np.zeros((1, *input_shape), model.dtype))
    finally:
        for layer, mode, handle in zip(layers, modes, handles, strict=True):
            layer.training = mode
            handle.remove()
    return Summary(rows)


def _multiply_adds(layer: Layer, input_shape: Shape) -> int | None:
    """Return what a layer says; None where a class of somebody's own says nothing."""
    says_nothing = type(layer).multiply_adds is Layer.multiply_adds
    if says_nothing and not type(layer).__module__.startswith("core."):
        return None
    return multiply_adds_of(layer, input_shape)
