"""A model: layers in a row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from core.errors import ShapeError
from core.io.files import File
from core.io.weights import LoadResult, load, load_state_dict, save, state_dict
from core.kernels.ufunc_buffer import SmallBuffer
from core.layer import Layer, Shape, Stages, kept_of, kind_name, spec_of, spec_or_class
from core.optim import Optimizer
from core.summary import Summary, summarise
from core.tensor import Array, Tensor


class Model(Layer):
    """A network: layers in a row, where the output tensor of one *is* the input of the next.

    A model is a layer itself, so models nest. `layers` may be changed: the next forward pass
    connects and names the layers anew. A layer may also be in several models; each connects it when
    it runs `forward`.

    Args:
        layers: at least one, each in one place only: `Model(a, b, c)` or `Model([a, b, c])`.

    Attributes:
        state_names: names of entries of `state_dict` that are not those of their places
            (`0.weight`), by these; `from_torch` keeps a network's own names here.

    Raises:
        ValueError: no layer, or one twice.
        TypeError: something else than a layer.
    """

    def __init__(self, *layers: Layer | Iterable[Layer]) -> None:
        row: list[Layer] = []
        for item in layers:
            row += [item] if isinstance(item, Layer) else list(item)
        _check_row(row)
        super().__init__()
        self.layers = row
        self.state_names: dict[str, str] = {}
        self.connect(row[0].input)
        for before, after in pairwise(row):
            after.connect(before.output)
        self.output = row[-1].output
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
        """Name the layers by kind, numbered where a kind occurs more than once, after `name`."""
        self.name = name
        for own, layer in zip(numbered_names(self.layers), self.layers, strict=True):
            layer.rename(f"{name}.{own}" if name else own)

    def leaves(self) -> list[Layer]:
        """Return the layers that compute, those inside composites before the composite itself."""
        return [layer for layer in self.walk() if not isinstance(layer, Model)]

    def _forward(self, x: Array) -> Array:
        tensor, changed = self.input, False
        with SmallBuffer():
            for layer in self.layers:
                if layer.input is not tensor:
                    # The row was changed, or another model has connected the layer.
                    if not changed:
                        _check_row(self.layers)
                    layer.connect(tensor)
                    changed = True
                layer.forward(tensor)
                tensor = layer.output
        if changed or self.output is not tensor:
            self.output = tensor
            self.rename(self.name)
        return tensor.value

    def _backward(self, g: Array) -> Array | None:
        self._check_connections()
        first = self.layers[0]
        needed = first.needs_input_grad
        first.needs_input_grad = self.needs_input_grad
        try:
            with SmallBuffer():
                for layer in reversed(self.layers):
                    layer.backward()
        finally:
            first.needs_input_grad = needed
        return self.input.grad if self.needs_input_grad else None

    def _check_connections(self) -> None:
        tensor = self.input
        for layer in self.layers:
            # Asked here first, because a call takes longer.
            if layer.input is not tensor:
                check_connection(layer, tensor)
            tensor = layer.output
        if self.output is not tensor:
            raise _taken_over(self)

    def output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        for layer in self.layers:
            try:
                input_shape = layer.output_shape(input_shape)
            except ShapeError as error:
                raise error.of(layer.name) from None
            if type(input_shape) is not tuple or not layer._checked:
                layer.check_shape(input_shape)
        return input_shape

    def kept_per_sample(self, input_shape: Shape) -> int:
        """Return what the layers keep: a model has no arrays of its own."""
        return self._inside(input_shape, kept_of)

    def _inside(self, input_shape: Shape, count: Callable[[Layer, Shape], int]) -> int:
        total = 0
        for layer in self.layers:
            total += count(layer, input_shape)
            input_shape = layer.output_shape(input_shape)
        return total

    def predict(self, x: ArrayLike, batch_size: int = 100) -> Array:
        """Return the outputs for `x` in eval mode, shape (N, *output_shape).

        The class of each sample of a classifier is `model.predict(x).argmax(axis=1)`. Modes and
        whatever the last forward pass kept stay as they are.

        Args:
            x: inputs (N, ...).
            batch_size: how many samples are computed at a time, at least 1.
        """
        if batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}; expected at least 1")
        inputs = np.asarray(x, self.dtype)
        if not len(inputs):
            return np.zeros((0, *self.output_shape(inputs.shape[1:])), self.dtype)
        with self._untouched():
            self.eval()
            outputs = [
                self.forward(inputs[k : k + batch_size]).value.copy()
                for k in range(0, len(inputs), batch_size)
            ]
        return np.concatenate(outputs)

    def summary(self, input_shape: Shape | None = None) -> Summary:
        """Return a table of the layers: name, output shape, params, multiply-adds.

        Args:
            input_shape: shape of one sample, without N; that of the last forward pass if None.

        Raises:
            ValueError: there was no forward pass, and no shape is given.
        """
        shape = self.input.shape[1:] if input_shape is None else tuple(input_shape)
        if not shape:
            raise ValueError("give the shape of one sample: model.summary((1, 28, 28)), say")
        return summarise(self, shape)

    def state_dict(self) -> dict[str, Array]:
        """Return copies of all params and running statistics, by PyTorch's names (`0.weight`)."""
        return state_dict(self)

    def load_state_dict(self, state: Mapping[str, Any], strict: bool = True) -> LoadResult:
        """Set params and running statistics in place; see `core.io.weights.load_state_dict`."""
        return load_state_dict(self, state, strict)

    def save(self, file: File, optimizer: Optimizer | None = None, kind: str = "") -> None:
        """Write params and running statistics, as `.npz` or `.safetensors`; see `core.io.weights`.

        Args:
            file: a path, or a file that is open for writing in binary mode.
            optimizer: its state is written too.
            kind: "npz" or "safetensors"; by default what a path ends with, otherwise "npz".
        """
        save(self, file, optimizer, kind)

    def load(
        self, file: File, strict: bool = True, optimizer: Optimizer | None = None
    ) -> LoadResult:
        """Read what `save` wrote for a model of the same layers; see `core.io.weights.load`."""
        return load(self, file, strict, optimizer)

    def forward_stages(self) -> Stages:
        """Return nothing: a model shows itself by its layers."""
        return {}

    def backward_stages(self) -> Stages:
        """Return nothing: a model shows itself by its layers."""
        return {}

    def to_spec(self) -> str:  # noqa: D102
        return ", ".join(text_of(layer) for layer in self.layers)

    def __repr__(self) -> str:
        return f"Model({', '.join(map(spec_or_class, self))})"


def _check_row(row: list[Layer]) -> None:
    """Refuse what cannot be the layers of a model; the errors are those of `Model`."""
    if not row:
        raise ValueError("a model needs at least one layer")
    for item in row:
        # Without a type checker the caller may have passed anything.
        if not isinstance(item, Layer):
            raise TypeError(f"a model is made of layers, got {item!r}")
        item.check_begun()
    every = [inner for layer in row for inner in layer.walk()]
    if len({id(layer) for layer in every}) < len(every):
        raise ValueError("a layer can have one place in a model only: make a second layer")


def check_connection(layer: Layer, tensor: Tensor) -> None:
    """Refuse a backward pass through a layer that does not read `tensor` any more.

    Raises:
        RuntimeError: it reads another tensor: what it kept for backward is not of this model.
    """
    if layer.input is not tensor:
        raise _taken_over(layer)


def _taken_over(layer: Layer) -> RuntimeError:
    return RuntimeError(
        f"{layer.label}: layers were exchanged, or another model has taken one over, since the "
        "forward pass: call forward(x) again before backward()"
    )


def numbered_names(layers: list[Layer]) -> list[str]:
    """Return names for layers in a row: by kind, numbered where a kind occurs more than once."""
    kinds = [kind_name(layer) for layer in layers]
    total, seen = Counter(kinds), Counter[str]()
    names = []
    for kind in kinds:
        seen[kind] += 1
        names.append(f"{kind}{seen[kind]}" if total[kind] > 1 else kind)
    return names


def text_of(layer: Layer) -> str:
    """Return the text form of one layer.

    Raises:
        ValueError: its class has no keyword, or options that the text would lose.
    """
    if not layer.keyword:
        raise ValueError(
            f"{layer.name} has no text form: give the class {type(layer).__name__} a keyword of "
            "its own, and to_spec and from_spec if it has options"
        )
    return spec_of(layer)
