"""A model: layers in a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from core.errors import ShapeError
from core.kernels.ufunc_buffer import ShortPieces
from core.layer import Layer, Shape, Stages
from core.tensor import Array, Tensor


class Model(Layer):
    """Layers chained by aliasing: the output tensor of one *is* the input tensor of the next.

    A model is a layer itself, so models nest.

    Args:
        layers: at least one, each in one place only.

    Raises:
        ValueError: no layer, or one twice.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        if not layers:
            raise ValueError("a model needs at least one layer")
        every = [inner for layer in layers for inner in layer.walk()]
        if len({id(layer) for layer in every}) < len(every):
            raise ValueError("a layer can have one place in a model only: make a second layer")
        super().__init__()
        self.layers = list(layers)
        self.connect(self.layers[0].input)
        for before, after in pairwise(self.layers):
            after.connect(before.output)
        self.output = self.layers[-1].output
        self.rename("")

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, index: int) -> Layer:
        return self.layers[index]

    def children(self) -> dict[str, Layer]:  # noqa: D102
        return {str(k): layer for k, layer in enumerate(self.layers)}

    def connect(self, tensor: Tensor) -> None:  # noqa: D102
        super().connect(tensor)
        self.layers[0].connect(tensor)

    def rename(self, name: str) -> None:
        """Name the layers by kind, numbered where a kind occurs more than once, behind `name`."""
        self.name = name
        kinds = [layer.keyword or type(layer).__name__.lower() for layer in self.layers]
        total, seen = Counter(kinds), Counter[str]()
        for kind, layer in zip(kinds, self.layers, strict=True):
            seen[kind] += 1
            number = str(seen[kind]) if total[kind] > 1 else ""
            layer.rename(f"{name}.{kind}{number}" if name else f"{kind}{number}")

    def leaves(self) -> list[Layer]:
        """Return the layers that compute, those inside composites before the composite itself."""
        return [layer for layer in self.walk() if not isinstance(layer, Model)]

    def _forward(self, x: Array) -> Array:
        with ShortPieces():
            for layer in self.layers:
                layer.forward(layer.input)
        return self.output.value

    def _backward(self, g: Array) -> Array | None:
        self.layers[0].needs_input_grad = self.needs_input_grad
        with ShortPieces():
            for layer in reversed(self.layers):
                layer.backward()
        return self.input.grad if self.needs_input_grad else None

    def output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        for layer in self.layers:
            try:
                input_shape = layer.output_shape(input_shape)
            except ShapeError as error:
                raise error.of(layer.name) from None
        return input_shape

    def forward_stages(self) -> Stages:
        """Return nothing: a model shows itself by its layers."""
        return {}

    def backward_stages(self) -> Stages:
        """Return nothing: a model shows itself by its layers."""
        return {}

    def to_spec(self) -> str:  # noqa: D102
        return ", ".join(layer.to_spec() for layer in self.layers)

    def __repr__(self) -> str:
        return f"Model({self.to_spec()})"
