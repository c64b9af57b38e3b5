"""A layer: what every step of a network has in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from core.errors import ShapeError
from core.explanations import general
from core.explanations.parts import Reason, Rules
from core.kernels.workspace import Workspace
from core.tensor import Array, Tensor

if TYPE_CHECKING:
    from core.explanations.place import Place
    from core.spec_item import SpecItem

Phase = Literal["forward", "backward"]
Shape = tuple[int, ...]
# Inner stages of one pass in order, each with its arrays by name.
Stages = dict[str, dict[str, Array]]

# Spec keyword -> layer class; a class with a `keyword` enters itself.
LAYERS: dict[str, type[Layer]] = {}


class Layer:
    """Reads `input`, owns `params`, writes `output`; all of them tensors.

    A subclass implements `_forward` and `_backward` on arrays, `output_shape`, and, to be written
    as text, `keyword`, `from_spec` and `to_spec`. What it computes inside becomes visible by
    `forward_stages` and `backward_stages`; `rules` may say how each number there is made. Nothing
    else is needed: gradient checks, traces, saving and the dashboard follow.

    Attributes:
        input: tensor of shape (N, *input_shape); the output tensor of the layer before.
        output: tensor of shape (N, *output_shape).
        params: the trained tensors, by PyTorch's names.
        state: arrays that are kept but not trained (running statistics), by PyTorch's names.
        rng: where randomness of a forward pass comes from, if it has any.
        training: whether the layer is in train mode; see `train` and `eval`.
        needs_input_grad: whether `backward` writes `input.grad`. Only the first layer of a network
            may do without it.
        observer: called with the layer and the phase after each `forward` and `backward`.
    """

    keyword: ClassVar[str] = ""
    # How the numbers in the stages are made, by the name of the array.
    rules: ClassVar[Rules] = general.RULES

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.keyword:
            LAYERS[cls.keyword] = cls

    def __init__(self) -> None:
        self.name = self.keyword or type(self).__name__.lower()
        self.dtype: np.dtype[np.floating] = np.dtype(np.float32)
        self.input = Tensor(np.zeros(0, self.dtype))
        self.output = Tensor(np.zeros(0, self.dtype))
        self.params: dict[str, Tensor] = {}
        self.state: dict[str, Array] = {}
        self.rng: np.random.Generator | None = None
        self.training = True
        self.needs_input_grad = True
        self.observer: Callable[[Layer, Phase], None] | None = None
        self.work = Workspace()
        # The input shape that `output_shape` was last content with, and what it gave.
        self._accepted: Shape | None = None
        self._made: Shape = ()

    # What a subclass implements.

    def _forward(self, x: Array) -> Array:
        """Return the output for `x`; the array may be reused in the next step."""
        raise NotImplementedError

    def _backward(self, g: Array) -> Array | None:
        """Add to the gradient of each param; return g(L, input), or None if it is not needed."""
        raise NotImplementedError

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of one output sample for one input sample, both without N.

        Raises:
            ShapeError: the layer cannot take such an input.
        """
        return input_shape

    @classmethod
    def from_spec(cls, item: SpecItem, input_shape: Shape, rng: np.random.Generator) -> Self:
        """Make the layer that one item of a model's text stands for (see `core.io.text`)."""
        item.done()
        return cls()

    def to_spec(self) -> str:
        """Return the item of text from which `from_spec` makes this layer."""
        return self.keyword

    def forward_stages(self) -> Stages:
        """Return the inner stages of the last forward pass, each with its arrays by name.

        The arrays may be views into memory of the layer: copy them to keep them.
        """
        return {"output": {"X_in": self.input.value, "X_out": self.output.value}}

    def backward_stages(self) -> Stages:
        """Return the inner stages of the last backward pass, each with its arrays by name."""
        return {"input gradient": {"g_X_out": self.output.grad, "g_X_in": self.input.grad}}

    def explain(self, at: Place) -> Reason:
        """Say how one number of the stages was made; by default as `rules` has it."""
        return general.of_layer(self, at)

    def children(self) -> dict[str, Layer]:
        """Return the layers inside this one, by PyTorch's names."""
        return {}

    def connect(self, tensor: Tensor) -> None:
        """Make `tensor` the input of this layer."""
        self.input = tensor

    # What every layer can do.

    def forward(self, x: Tensor | ArrayLike) -> Tensor:
        """Compute the output.

        Args:
            x: a tensor, which becomes `input`, or an array, which becomes the value of `input`.

        Returns:
            `output`, whose value is overwritten by the next call.

        Raises:
            ShapeError: `x` does not fit the layer.
        """
        if isinstance(x, Tensor):
            if x is not self.input:
                self.connect(x)
        else:
            self.input.value = np.asarray(x, self.dtype)
        self._check_input(self.input.shape[1:])
        self.output.value = self._forward(self.input.value)
        if self.observer is not None:
            self.observer(self, "forward")
        return self.output

    def backward(self) -> None:
        """Read `output.grad`, add to the gradient of each param, write `input.grad`."""
        grad = self._backward(self.output.grad)
        if grad is not None:
            self.input.grad = grad
        if self.observer is not None:
            self.observer(self, "backward")

    def _check_input(self, shape: Shape) -> None:
        if shape == self._accepted:
            return
        try:
            self._made = self.output_shape(shape)
        except ShapeError as error:
            raise error.of(self.name) from None
        self._accepted = shape

    def walk(self) -> Iterator[Layer]:
        """Yield this layer and all layers inside it, in order of computation."""
        for child in self.children().values():
            yield from child.walk()
        yield self

    def train(self, mode: bool = True) -> Self:
        """Switch to train mode: batch statistics, dropout."""
        for layer in self.walk():
            layer.training = mode
        return self

    def eval(self) -> Self:
        """Switch to eval mode: running statistics, no dropout."""
        return self.train(False)

    def astype(self, dtype: type[np.floating]) -> Self:
        """Convert params and floating state in place to `dtype`; gradients start at zero."""
        wanted: np.dtype[np.floating] = np.dtype(dtype)
        for layer in self.walk():
            layer.dtype = wanted
            layer.work.clear()
            for param in layer.params.values():
                param.value = param.value.astype(layer.dtype)
                param.grad = np.zeros_like(param.value)
            for name, array in layer.state.items():
                if array.dtype.kind == "f":
                    layer.state[name] = array.astype(layer.dtype)
        return self

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
        """Yield all trained tensors with their dotted names, as PyTorch gives them."""
        for name, param in self.params.items():
            yield prefix + name, param
        for name, child in self.children().items():
            yield from child.named_parameters(f"{prefix}{name}.")

    def parameters(self) -> list[Tensor]:
        """Return all trained tensors."""
        return [param for _, param in self.named_parameters()]

    def zero_grad(self) -> None:
        """Set the gradient of every param to zero."""
        for param in self.parameters():
            param.zero_grad()

    def rename(self, name: str) -> None:
        """Give the layer, and with it its tensors, a name."""
        self.name = name
        self.output.name = f"{name}.output"
        for key, param in self.params.items():
            param.name = f"{name}.{key}"

    def __repr__(self) -> str:
        return f"<{self.name}: {self.to_spec()}>"
