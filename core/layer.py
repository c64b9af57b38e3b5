"""The base class of all layers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import wraps
from inspect import signature
from math import prod
from types import MappingProxyType
from typing import Any, ClassVar, Literal, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from core.errors import ShapeError, shown
from core.held import Table, held_in
from core.hooks import HookHandle
from core.kernels.layout import layout_copy
from core.kernels.workspace import Workspace
from core.snapshot import capture, restore
from core.spec_item import KEYWORD, SpecItem
from core.tensor import Array, Tensor

Phase = Literal["forward", "backward"]
Shape = tuple[int, ...]
# Inner stages of one pass in order, each with its arrays by name.
Stages = dict[str, dict[str, Array]]
# Called after a forward pass with the layer, its input and its output.
ForwardHook = Callable[["Layer", Tensor, Tensor], object]
# Called after a backward pass with the layer, g(L, input) (None if it was not needed) and
# g(L, output).
BackwardHook = Callable[["Layer", Array | None, Array], object]

T = TypeVar("T")

_PARAMS = Table("params", Tensor, "tensor", ("weight", "Tensor(array)"), lambda *_: "Tensor(array)")
_STATE: Table[Array] = Table(
    "state", np.ndarray, "array", ("mean", "np.zeros(3, np.float32)"),
    lambda name, entry: f"{name}.value" if isinstance(entry, Tensor) else f"np.asarray({name})",
)  # fmt: skip

# Spec keyword -> layer class; a class with a `keyword` enters itself.
LAYERS: dict[str, type[Layer]] = {}


class Layer:
    """Base class of layers: reads `input`, owns `params`, writes `output`, all of them tensors.

    A subclass implements `_forward` and `_backward` on arrays and, unless the output has the shape
    of the input, `output_shape`. Optional are `forward_stages` and `backward_stages` (the arrays
    that people can look at), `formulas` (how each of them is computed, see `core.formula`), and
    `keyword`, `from_spec` and `to_spec` (the text form). Traces, gradient checks, explanations,
    saving, replay and a default view follow from the class; `docs/write-a-layer.md` shows how.

    Attributes:
        input: tensor of shape (N, *input_shape); in a model the output tensor of the layer before.
        output: tensor of shape (N, *output_shape).
        params: the trained tensors, by PyTorch's names.
        state: arrays that are kept but not trained (running statistics), by PyTorch's names.
        rng: the source of random numbers of a forward pass, if it draws any.
        training: whether the layer is in train mode; see `train` and `eval`.
        needs_input_grad: whether `backward` must compute `input.grad`. Only the first layer of a
            network may do without it.
        out_shape: shape of one output sample of the last forward pass, without N.
        work: scratch arrays that are reused in every step.
    """

    keyword: ClassVar[str] = ""
    # Words for the values of index letters in these lines, besides those of `core.symbols`.
    letters: ClassVar[Mapping[str, str]] = {}
    # Whether the stages read scratch arrays (`work`), which a trace must copy then.
    stages_read_work: ClassVar[bool] = True
    # Names in `state_dict` that differ from the places of the layers inside, by what those give.
    state_names: Mapping[str, str] = MappingProxyType({})
    # The least number of an array of `state`, where it has one: a variance is not below 0.
    least: ClassVar[Mapping[str, float]] = {}
    # Arrays of `state` that no training step reads but to update them.
    eval_only: ClassVar[frozenset[str]] = frozenset()
    # Attributes that no later step depends on.
    transient: ClassVar[frozenset[str]] = frozenset(
        {
            "input",
            "output",
            "out_shape",
            "work",
            "_forward_hooks",
            "_backward_hooks",
            "_ready",
            "_given",
            "_checked",
            "_proven",
        }
    )

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "__init__" in vars(cls):
            cls.__init__ = _begun(cls.__init__)  # type: ignore[method-assign]
        if "keyword" not in vars(cls):
            # A subclass computes something else: it must not write itself as its parent.
            cls.keyword = ""
        if "stages_read_work" not in vars(cls):
            cls.stages_read_work = True
        if cls.keyword == "":
            return
        # Without a type checker it may be anything.
        keyword: object = cls.keyword
        if not isinstance(keyword, str) or not re.fullmatch(KEYWORD, keyword):
            raise ValueError(
                f"the keyword of {cls.__name__} is {cls.keyword!r}; expected lower-case letters, "
                "digits and underscores that begin with a letter and do not end with a digit, "
                "because the layers of a model are numbered (conv1, conv2) and a text is read in "
                "lower case"
            )
        other = LAYERS.get(cls.keyword)
        if other is not None and other.__qualname__ != cls.__qualname__:
            raise ValueError(
                f"the keyword {cls.keyword!r} of {cls.__name__} belongs to "
                f"{other.__module__}.{other.__qualname__} already: choose another one"
            )
        LAYERS[cls.keyword] = cls

    def __init__(self) -> None:
        # Here, not where a class is defined: a subclass may complete it, or mix in a pass.
        _check_passes(type(self))
        self.name = kind_name(self)
        self.dtype: np.dtype[np.floating] = np.dtype(np.float32)
        self.input = Tensor(np.zeros(0, self.dtype))
        self.output = Tensor(np.zeros(0, self.dtype))
        self.params: dict[str, Tensor] = {}
        self.state: dict[str, Array] = {}
        self.rng: np.random.Generator | None = None
        self.training = True
        self.needs_input_grad = True
        self.out_shape: Shape = ()
        self.work = Workspace()
        self._forward_hooks: dict[int, ForwardHook] = {}
        self._backward_hooks: dict[int, BackwardHook] = {}
        # Whether `backward` may be called, and the tensor passed to `forward` if it is not `input`.
        self._ready = False
        self._given: Tensor | None = None
        self._checked = False
        # The passes of the present mode that are known to leave what they are given as it is.
        self._proven: frozenset[str] = frozenset()

    def __getstate__(self) -> dict[str, object]:
        """Return the attributes for a copy or a pickle, which begins with a new forward pass."""
        return {**vars(self), "_ready": False}

    # What a subclass implements.

    def _forward(self, x: Array) -> Array:
        """Return the output for `x`; the array may be reused in the next step."""
        raise NotImplementedError(f"{type(self).__name__} does not implement _forward(x)")

    def _backward(self, g: Array) -> Array | None:
        """Add to the gradient of each param; return g(L, input), or None if it is not needed."""
        raise NotImplementedError(f"{type(self).__name__} does not implement _backward(g)")

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of one output sample for one input sample, both without N.

        Raises:
            ShapeError: the layer cannot take such an input.
        """
        return input_shape

    @property
    def formulas(self) -> str:
        """One line of index notation for each array of the stages; see `core.formula`.

        A subclass assigns a string in the class, or overrides the property if lines depend on
        options.
        """
        return ""

    def formula_constants(self) -> dict[str, float]:
        """Return the constants and the sizes of letters that `formulas` uses, by name.

        A letter that stands alone on an axis needs no entry: its size is that of the axis.
        """
        return {}

    @classmethod
    def from_spec(cls, item: SpecItem, input_shape: Shape, rng: np.random.Generator) -> Self:
        """Create the layer that one item of a model's text stands for (see `core.io.text`)."""
        item.done()
        return cls()

    def to_spec(self) -> str:
        """Return the item of text from which `from_spec` creates this layer.

        Raises:
            ValueError: the class has options, but neither `to_spec` nor `from_spec`.
        """
        check_options(self)
        return self.keyword

    def forward_stages(self) -> Stages:
        """Return the inner stages of the last forward pass, each with its arrays by name.

        The arrays may be views into memory of the layer: copy them to keep them.
        """
        params = {name: param.value for name, param in self.params.items()}
        return {"output": {"X_in": self.input.value, **params, "X_out": self.output.value}}

    def backward_stages(self) -> Stages:
        """Return the inner stages of the last backward pass, each with its arrays by name."""
        grads = {f"g_{name}": param.grad for name, param in self.params.items()}
        arrays = {"g_X_out": self.output.grad, **grads}
        if self.needs_input_grad:
            arrays["g_X_in"] = self.input.grad
        return {"input gradient": arrays}

    def children(self) -> dict[str, Layer]:
        """Return the layers inside this one, by PyTorch's names.

        By default every attribute that is a layer, and every layer in lists, tuples and
        dictionaries, however deeply nested: `blocks.0`, `by_name.last`, `nested.a.0`. One that is
        held twice comes once.
        """
        found: dict[str, Layer] = {}
        for name, value in vars(self).items():
            if name in OWN_ATTRIBUTES:
                continue
            if isinstance(value, Layer):
                found[name] = value
            elif isinstance(value, NESTED):
                found.update(_layers_in(name, value))
        return _once(found) if len(found) > 1 else found

    def connect(self, tensor: Tensor) -> None:
        """Make `tensor` the input of this layer."""
        self.input = tensor

    def multiply_adds(self, input_shape: Shape) -> int:
        """Return how many multiplications with additions a forward pass of one sample takes.

        Only products of matrices count, as is usual; layers without them return 0. A table of a
        model (`Model.summary`) shows `?` for somebody's own class that does not define this.
        """
        return self._inside(input_shape, multiply_adds_of)

    def kept_per_sample(self, input_shape: Shape) -> int:
        """Return about how many numbers a training step keeps in memory for one sample.

        By default those of the output and its gradient, of the gradient of the input and of one
        more array like the input, and what the layers inside keep. A layer with larger arrays of
        its own adds them.
        """
        own = 2 * prod(input_shape) + 2 * prod(self.output_shape(input_shape))
        return own + self._inside(input_shape, kept_of)

    def _inside(self, input_shape: Shape, count: Callable[[Layer, Shape], int]) -> int:
        """Return the sum over the layers inside; 0 for one that must read something else."""
        total = 0
        for child in self.children().values():
            with suppress(ShapeError):
                total += count(child, input_shape)
        return total

    # What every layer can do.

    def forward(self, x: Tensor | ArrayLike) -> Tensor:
        """Compute the output and keep what `backward` needs.

        Args:
            x: the input (N, ...), a tensor or an array; its values become those of `input`.
                `backward` writes the gradient to a tensor too.

        Returns:
            `output`, whose value is overwritten by the next call.

        Raises:
            ShapeError: `x` does not fit the layer, or `_forward` does not return what
                `output_shape` promises.
            TypeError: a param or the output has another dtype than the layer, or is something else;
                or a layer or tensor in an attribute would not be trained.
            ValueError: `_forward` wrote into its input.
        """
        try:
            own = x is self.input
        except AttributeError:
            self.check_begun()
            raise
        self._given = x if isinstance(x, Tensor) and not own else None
        if not own:
            value = x.value if isinstance(x, Tensor) else np.asarray(x)
            self.input.value = value.astype(self.dtype, copy=False)
        value = self.input.value
        self._ready = False
        # Written by whoever comes next: a gradient of an earlier pass is none of this one.
        self.output.grad = None
        try:
            self.out_shape = self.output_shape(value.shape[1:])
        except ShapeError as error:
            raise error.of(self.name) from None
        if not self._checked:
            self.check_shape(self.out_shape)
            self._check_attributes()
        attributes = vars(self)
        for name, param in self.own_params().items():
            if param.value.dtype != self.dtype:
                raise self._wrong_dtype(f"the param {name!r} is", param.value)
            if attributes.get(name, param) is not param:
                raise RuntimeError(
                    f"{self.label}: {name} is another object than params[{name!r}], which the "
                    f"optimiser holds; assign to {name}.value, or to params[{name!r}] too"
                )
        if not len(value):
            made = np.zeros((0, *self.out_shape), self.dtype)
        elif "_forward" in self._proven:
            made = self._forward(value)
        else:
            made = self._prove("_forward", self._forward, value)
        if not isinstance(made, np.ndarray):
            raise self._no_array("_forward", made)
        expected = (len(value), *self.out_shape)
        if made.shape != expected:
            raise ShapeError(
                f"must return shape {expected} from _forward, as its output_shape says for an "
                f"input of {value.shape}",
                f"{made.shape}",
                self.name,
            )
        if made.dtype != self.dtype:
            raise self._wrong_dtype("_forward returned", made)
        self.output.value = made
        self._ready = True
        if self._forward_hooks:
            for hook in tuple(self._forward_hooks.values()):
                hook(self, self.input, self.output)
        return self.output

    def backward(self) -> None:
        """Read `output.grad`, add to the gradient of each param, write `input.grad`.

        Raises:
            RuntimeError: no forward pass came before, or `_backward` returned no gradient although
                `needs_input_grad` is set.
            ShapeError: `_backward` returned an array of another shape than the input's.
            TypeError: it returned another dtype, or no array.
            ValueError: it wrote into an array that it was given.
        """
        if not self._ready:
            raise RuntimeError(
                f"{self.label}: backward needs a forward pass before it: `forward(x)`, because a "
                "call keeps nothing for backward"
            )
        if not self.output.has_grad:
            raise RuntimeError(
                f"{self.label}: no gradient was written to its output since the last forward pass; "
                "compute the loss of what `forward(x)` returns, not of a call, or set output.grad"
            )
        grad: Array | None
        if not len(self.input):
            grad = np.zeros(self.input.shape, self.dtype)
        elif "_backward" in self._proven:
            grad = self._backward(self.output.grad)
        else:
            grad = self._prove("_backward", self._backward, self.output.grad)
        if grad is not None:
            if not isinstance(grad, np.ndarray):
                raise self._no_array("_backward", grad)
            if grad.shape != self.input.shape:
                raise ShapeError(
                    f"must return the gradient of its input, shape {self.input.shape}, from "
                    "_backward",
                    f"{grad.shape}",
                    self.name,
                )
            if grad.dtype != self.dtype:
                raise self._wrong_dtype("_backward returned", grad)
            self.input.grad = grad
            if self._given is not None:
                self._given.grad = grad
        elif self.needs_input_grad:
            raise RuntimeError(
                f"{self.label}: _backward returned nothing; expected the gradient of its input, "
                f"shape {self.input.shape}, because needs_input_grad is True"
            )
        if self._backward_hooks:
            for hook in tuple(self._backward_hooks.values()):
                hook(self, grad, self.output.grad)

    @property
    def label(self) -> str:
        """What errors call the layer: its name, or that of its class."""
        return self.name or type(self).__name__.lower()

    def _check_attributes(self) -> None:
        """Refuse layers and tensors in attributes that nothing would train or save.

        Raises:
            TypeError: there is one; the message says where.
        """
        every = list(self.walk())
        layers = {id(layer) for layer in every}
        tensors = {
            id(tensor)
            for layer in every
            for tensor in (layer.input, layer.output, *layer.own_params().values())
        }
        # Whoever writes `children` decides which layers are some.
        decided = not type(self).children.__module__.startswith("core.")
        for name, value in vars(self).items():
            if name in OWN_ATTRIBUTES or name in self.params:
                continue
            for where, item in held_in(name, value, (Layer, Tensor)):
                if isinstance(item, Tensor) and id(item) not in tensors:
                    key = re.sub(r"\W+", "_", where).strip("_")
                    raise TypeError(
                        f"{self.label}: the tensor {where!r} is in no table of params, so nothing "
                        f"would train or save it; write self.params[{key!r}] = self.{where} in "
                        "__init__"
                    )
                if isinstance(item, Layer) and id(item) not in layers and not decided:
                    raise TypeError(
                        f"{self.label}: the layer {where!r} is not among children(), so nothing "
                        "would train or save it; keep layers in attributes, lists, tuples or "
                        "dictionaries of a Layer, or return them from children()"
                    )
        self._checked = True

    def check_begun(self) -> None:
        """Refuse a layer without the attributes of the base class.

        Raises:
            TypeError: its `__init__` did not call that of the base class.
        """
        if not _has_begun(self):
            raise _not_begun(self, "first")

    def check_shape(self, shape: object) -> None:
        """Refuse a shape from `output_shape` that is none.

        Raises:
            TypeError: it is no tuple of whole numbers.
        """
        if not isinstance(shape, tuple) or not all(isinstance(n, int | np.integer) for n in shape):
            raise TypeError(
                f"{self.label}: output_shape returned {shape!r}; expected a tuple of whole "
                "numbers, the shape of one sample without N"
            )

    def own_params(self) -> dict[str, Tensor]:
        """Return `params`, each of which is a tensor, whatever was put there.

        Raises:
            TypeError: it is no dictionary, or one of them is no tensor; the message names it.
        """
        return _PARAMS.checked(self.label, self.params)

    def own_state(self) -> dict[str, Array]:
        """Return `state`, each entry of which is an array, whatever was put there.

        Raises:
            TypeError: it is no dictionary, or one of them is no array; the message names it.
        """
        return _STATE.checked(self.label, self.state)

    def _prove(self, name: str, run: Callable[[Array], T], given: Array) -> T:
        """Run a pass for the first time, on a copy of the array that it is given.

        Others still read that array: the layer before for its own gradient, the caller, a trace. So
        the copy is read-only while the pass runs. It lies in memory as the array does, because sums
        could be rounded otherwise if it did not.

        Raises:
            ValueError: the pass wrote into the array.
        """
        if type(self).__module__.startswith("core."):
            self._proven |= {name}
            return run(given)
        value, kept = self.input.value, layout_copy(given)
        pairs = [(given, kept)] if given is value else [(given, kept), (value, value.copy())]
        advice = (
            f"{self.label}: {name} changes an array that it was given, which others still need; "
            "make a new array, or write into self.work.like('X_out', x)"
        )
        kept.flags.writeable = False
        try:
            made = run(kept)
        except ValueError as error:
            if "read-only" in str(error):
                raise ValueError(advice) from error
            raise
        finally:
            kept.flags.writeable = True
        for array, before in pairs:
            if not np.array_equal(array, before, equal_nan=True):
                np.copyto(array, before)
                raise ValueError(advice)
        if isinstance(made, np.ndarray) and np.may_share_memory(made, kept):
            made.flags.writeable = True
        self._proven |= {name}
        return made

    def _no_array(self, name: str, made: object) -> TypeError:
        return TypeError(f"{self.label}: {name} returned {type(made).__name__}; expected an array")

    def _wrong_dtype(self, what: str, array: Array) -> TypeError:
        whole = f", or the whole model with astype(np.{array.dtype})"
        return TypeError(
            f"{self.label}: {what} {array.dtype} in a layer of {self.dtype}; convert the array: "
            f"array.astype(self.dtype){whole if array.dtype.kind == 'f' else ''}"
        )

    def __call__(self, x: Tensor | ArrayLike) -> Tensor:
        """Return the output for `x` as a new tensor, in the mode that the layer is in.

        Unlike `forward` this has no lasting effect: state, generators and what the last forward
        pass keeps for `backward` stay as they are. So a layer that draws random numbers draws
        the same ones each time. Hooks are called.

        Raises:
            ShapeError, TypeError: as `forward`.
        """
        with self._untouched():
            return Tensor(self.forward(x).value.copy(), self.output.name)

    @contextmanager
    def _untouched(self) -> Iterator[None]:
        """Run passes inside the block without any lasting effect."""
        state, layers = capture(self), list(self.walk())
        kept = [(layer, dict(vars(layer))) for layer in layers]
        tensors = {id(t): t for layer in layers for t in (layer.input, layer.output)}
        values = [(tensor, tensor.value, tensor._grad) for tensor in tensors.values()]
        for layer in layers:
            layer.work = Workspace()
        try:
            yield
        finally:
            for layer, attributes in kept:
                vars(layer).clear()
                vars(layer).update(attributes)
            for tensor, value, grad in values:
                tensor.value = value
                tensor.grad = grad
            restore(self, state)

    def register_forward_hook(self, hook: ForwardHook) -> HookHandle:
        """Call `hook(layer, input, output)` after each forward pass; both are tensors.

        Returns:
            A handle whose `remove` takes the hook off. Several hooks are called in their order.
        """
        return HookHandle(self._forward_hooks, hook)

    def register_backward_hook(self, hook: BackwardHook) -> HookHandle:
        """Call `hook(layer, grad_input, grad_output)` after each backward pass; both are arrays.

        `grad_input` is None where the gradient of the input was not needed.
        """
        return HookHandle(self._backward_hooks, hook)

    def walk(self) -> Iterator[Layer]:
        """Yield this layer and all layers inside it, in order of computation."""
        for child in self.children().values():
            yield from child.walk()
        yield self

    def train(self, mode: bool = True) -> Self:
        """Switch to train mode: batch statistics, dropout."""
        for layer in self.walk():
            if layer.training != mode:
                layer.training = mode
                # In another mode a pass may run other lines.
                layer._proven = frozenset()
        return self

    def eval(self) -> Self:
        """Switch to eval mode: running statistics, no dropout."""
        return self.train(False)

    def astype(self, dtype: type[np.floating] | np.dtype[np.floating]) -> Self:
        """Convert params and floating state in place to `dtype`; gradients start at zero."""
        wanted: np.dtype[np.floating] = np.dtype(dtype)
        if wanted.kind != "f":
            raise TypeError(f"a layer computes in a floating dtype, got {wanted}")
        for layer in self.walk():
            layer.dtype = wanted
            layer.work.clear()
            for param in layer.own_params().values():
                param.value = param.value.astype(layer.dtype)
                param.grad = np.zeros_like(param.value)
            for name, array in layer.own_state().items():
                if array.dtype.kind == "f":
                    layer.state[name] = array.astype(layer.dtype)
        return self

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
        """Yield all trained tensors with their dotted names, as PyTorch gives them.

        A tensor that several layers share comes once, by its first name.
        """
        seen = set[int]()
        for name, param in self._all_parameters(prefix):
            if id(param) not in seen:
                seen.add(id(param))
                yield name, param

    def _all_parameters(self, prefix: str) -> Iterator[tuple[str, Tensor]]:
        names = self.state_names
        for name, param in self.own_params().items():
            yield prefix + names.get(name, name), param
        for place, child in self.children().items():
            for name, param in child._all_parameters(f"{place}."):
                yield prefix + names.get(name, name), param

    def parameters(self) -> list[Tensor]:
        """Return all trained tensors."""
        return [param for _, param in self.named_parameters()]

    def zero_grad(self) -> None:
        """Set the gradient of every param to zero."""
        for param in self.parameters():
            param.zero_grad()

    def rename(self, name: str) -> None:
        """Give the layer, and with it its tensors and the layers inside it, a name."""
        self.name = name
        self.output.name = f"{name}.output"
        for key, param in self.own_params().items():
            param.name = f"{name}.{key}"
        for key, child in self.children().items():
            child.rename(f"{name}.{key}")

    def __repr__(self) -> str:
        return f"<{self.name}: {spec_or_class(self)}>"


def multiply_adds_of(layer: Layer, input_shape: Shape) -> int:
    """Return what `multiply_adds` of a layer returns.

    Raises:
        TypeError: it is no whole number.
    """
    return _count(layer, "multiply_adds", layer.multiply_adds(input_shape))


def kept_of(layer: Layer, input_shape: Shape) -> int:
    """Return what `kept_per_sample` of a layer returns.

    Raises:
        TypeError: it is no whole number.
    """
    return _count(layer, "kept_per_sample", layer.kept_per_sample(input_shape))


def _count(layer: Layer, method: str, count: object) -> int:
    if not isinstance(count, int | np.integer):
        raise TypeError(
            f"{layer.label}: {method} returned {shown(count)}; expected a whole number: of what a "
            f"sample of input_shape takes, 0 if nothing, or leave {method} out"
        )
    return int(count)


def _check_passes(kind: type[Layer]) -> None:
    """Refuse a class that puts its own pass in place of what calls and checks it.

    Raises:
        TypeError: it has a `forward` of its own without `_forward`, or a `backward` without
            `_backward`.
    """
    for name, given in (("forward", "x"), ("backward", "g")):
        inner = f"_{name}"
        is_own = getattr(kind, name) is not getattr(Layer, name)
        if is_own and getattr(kind, inner) is getattr(Layer, inner):
            raise TypeError(
                f"{kind.__name__} defines {name}; expected {inner}(self, {given}), which takes an "
                f"array and returns one: {name} of Layer calls it, checks what it returns, and "
                f"keeps it. Rename {name} to {inner}"
            )


def check_options(layer: Layer) -> None:
    """Refuse to write a layer whose options the text would lose.

    Raises:
        ValueError: `__init__` takes other options than that of the class which `to_spec` or
            `from_spec` is from.
    """
    kind = type(layer)
    options = _options_without_text(kind)
    if options:
        raise ValueError(
            f"{layer.label} has no text form: the class {kind.__name__} takes "
            f"{', '.join(options)}, which its text would lose; give it to_spec and from_spec"
        )


def spec_of(layer: Layer) -> str:
    """Return the text form of a layer that has a keyword.

    Raises:
        ValueError: the text would lose options, or `to_spec` returns none.
    """
    check_options(layer)
    # Without a type checker it may be anything.
    text: object = layer.to_spec()
    if not isinstance(text, str):
        raise ValueError(
            f"{layer.label} has no text form: to_spec of {type(layer).__name__} returned "
            f"{shown(text)}; expected a text that from_spec reads, such as {layer.keyword!r}"
        )
    return text


def _options_without_text(kind: type[Layer]) -> list[str]:
    author = next(base for base in kind.__mro__ if {"to_spec", "from_spec"} & vars(base).keys())
    init: Callable[..., None] = kind.__init__
    known: Callable[..., None] = author.__init__  # type: ignore[misc]
    if init is known:
        return []
    names = signature(known).parameters
    return [
        name
        # Behind the layer itself.
        for name, option in list(signature(init).parameters.items())[1:]
        if name not in names
        # `*args` and `**kwargs` are passed on, unless there is nothing that takes them.
        and (author is Layer or option.kind not in (option.VAR_POSITIONAL, option.VAR_KEYWORD))
    ]


def spec_or_class(layer: Layer) -> str:
    """Return the text form of a layer, or the name of its class if it has none."""
    if layer.keyword:
        with suppress(ValueError):
            return spec_of(layer)
    return type(layer).__name__


def kind_name(layer: Layer) -> str:
    """Return what a layer of this kind is called: its keyword, or the class's name."""
    name = layer.keyword or type(layer).__name__.lower()
    # Layers of a kind are numbered: `block1` could be the first `block`.
    return f"{name}_" if name[-1].isdigit() else name


def _layers_in(
    name: str, items: list[Any] | tuple[Any, ...] | dict[Any, Any]
) -> Iterator[tuple[str, Layer]]:
    """Yield the layers in a list, tuple or dictionary called `name`, with their dotted names."""
    for key, item in items.items() if isinstance(items, dict) else enumerate(items):
        if isinstance(item, Layer):
            yield f"{name}.{key}", item
        elif isinstance(item, NESTED):
            yield from _layers_in(f"{name}.{key}", item)


def _once(named: dict[str, Layer]) -> dict[str, Layer]:
    """Return the layers under the first of their names."""
    first = {id(layer): name for name, layer in reversed(named.items())}
    return {name: layer for name, layer in named.items() if first[id(layer)] == name}


def _begun(method: Callable[..., None]) -> Callable[..., None]:
    """Return the `__init__` of a class that says so if it forgets `super().__init__()`."""

    @wraps(method)
    def init(self: Layer, *args: Any, **kwargs: Any) -> None:
        try:
            method(self, *args, **kwargs)
        except AttributeError as error:
            if error.obj is self and error.name in OWN_ATTRIBUTES and not _has_begun(self):
                raise _not_begun(self, f"before it uses {error.name}") from error
            raise
        if type(self).__init__ is init:
            self.check_begun()
            self.own_params()
            self.own_state()

    return init


def _has_begun(layer: Layer) -> bool:
    return vars(layer).keys() >= OWN_ATTRIBUTES


def _not_begun(layer: Layer, when: str) -> TypeError:
    name = type(layer).__name__
    return TypeError(f"{name}: __init__ must call super().__init__() {when}")


# Containers whose layers are children.
NESTED = (list, tuple, dict)
# Attributes of the base class; none of them holds a layer.
OWN_ATTRIBUTES = frozenset(vars(Layer()))
