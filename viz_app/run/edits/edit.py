"""An edit: a number of a model, or a whole kernel, that is changed by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from core.init import he
from core.layer import Layer
from core.tensor import Array
from core.training.trainer import Trainer
from viz_app.run.edits.kernels import KERNELS, RANDOM
from viz_app.run.settings import number, shown

# Axes of a param that holds kernels (C_out, C_in, KH, KW).
KERNEL_AXES = 4
LARGEST_SEED = 10**9
_SEEDED = re.compile(RANDOM + r"(\d{1,9})")


@dataclass(frozen=True)
class Edit:
    """A number that is put into an array of a layer, or a kernel into a part of one.

    Attributes:
        layer: name of the layer.
        array: name of the param, or of the array of `state`.
        index: of the number; for a kernel, its first one or two axes: of all kernels of an output
            channel, or of one of them.
        value: the number; or a name of `KERNELS`, or `random` with a seed, such as random7.
    """

    layer: str
    array: str
    index: tuple[int, ...]
    value: float | str

    def __str__(self) -> str:
        """The edit as `parse` reads it: `conv1.weight:0,0,1,1:0.5` or `conv1.weight:0,0:blur`."""
        value = self.value if isinstance(self.value, str) else repr(self.value)
        return f"{self.layer}.{self.array}:{','.join(map(str, self.index))}:{value}"

    @property
    def place(self) -> str:
        """Which numbers it changes, as people read it: `conv1.weight[0, 0, 1, 1]`."""
        index = f"[{', '.join(map(str, self.index))}]" if self.index else ""
        return f"{self.layer}.{self.array}{index}"

    @property
    def words(self) -> str:
        """What it does, as people read it."""
        if not isinstance(self.value, str):
            return f"{self.place} = {self.value!r}"
        return f"{self.place} = {self.value} kernel"

    def covers(self, other: Edit) -> bool:
        """Return whether nothing is left of another edit once this one is made."""
        of = self.layer, self.array, self.index
        return of == (other.layer, other.array, other.index[: len(self.index)])

    def check(self, model: Layer) -> None:
        """Refuse what cannot be put into a model.

        Raises:
            ValueError: there is no such layer, array or index, or the number is none for it.
        """
        self._new(_layer(model, self.layer), _array(model, self.layer, self.array))

    def is_for_eval(self, model: Layer) -> bool:
        """Return whether no training step follows from the number, but eval mode does."""
        return self.array in _layer(model, self.layer).eval_only

    def apply(self, trainer: Trainer) -> None:
        """Put the value into the model of a trainer; it does the same whenever it is called."""
        layer = _layer(trainer.model, self.layer)
        array = _array(trainer.model, self.layer, self.array)
        new = self._new(layer, array)
        if not array.flags.writeable:
            array = array.copy()
            if self.array in layer.params:
                layer.params[self.array].value = array
            else:
                layer.state[self.array] = array
        array[self.index] = new

    def _new(self, layer: Layer, array: Array) -> Array:
        """Return what is put into an array of a layer."""
        axes, shape = len(self.index), array.shape
        if not np.issubdtype(array.dtype, np.floating):
            raise ValueError(f"{self.layer}.{self.array} counts what has happened in the run")
        inside = axes <= len(shape) and all(
            0 <= k < size for k, size in zip(self.index, shape, strict=False)
        )
        if not inside:
            raise ValueError(
                f"{self.layer}.{self.array} has shape {shape}; there is no {self.place}"
            )
        if isinstance(self.value, str):
            return self._kernel(array)
        if axes != len(shape):
            raise ValueError(f"{self.place} is no single number: give {len(shape)} indices")
        least = layer.least.get(self.array)
        if least is not None and self.value < least:
            raise ValueError(f"{self.place} is {self.value!r}; expected at least {least:g}")
        return self._number(self.value, array.dtype)

    def _number(self, value: float, dtype: np.dtype[np.floating]) -> Array:
        with np.errstate(over="ignore", under="ignore"):
            made = np.asarray(value, dtype)
        if not np.isfinite(made):
            largest = float(np.finfo(dtype).max)
            raise ValueError(
                f"{self.place} is {value!r}; expected a finite number, "
                f"in {dtype} up to {largest:.2g}"
            )
        if value and not made:
            raise ValueError(f"{value!r} is too small for {dtype}: it would be 0")
        return made

    def _kernel(self, array: Array) -> Array:
        name = str(self.value)
        if array.ndim != KERNEL_AXES or len(self.index) not in (1, 2):
            raise ValueError(f"{self.place} is no kernel: {shown(name)} cannot be put into it")
        shape = array.shape[len(self.index) :]
        seed = _SEEDED.fullmatch(name)
        if seed:
            # As the layer's own first weights are drawn.
            whole = (1, *array.shape[1:])
            drawn = np.asarray(he(whole, np.random.default_rng(int(seed[1]))))[0]
            return np.asarray(drawn[self.index[1:]], array.dtype)
        if name not in KERNELS:
            known = ", ".join([*KERNELS, f"{RANDOM}7"])
            raise ValueError(
                f"{shown(name)} is neither a number nor a kernel: expected one of {known}"
            )
        plane = KERNELS[name]((shape[-2], shape[-1]))
        return np.broadcast_to(plane, shape).astype(array.dtype)


def parse(text: str) -> Edit:
    """Return the edit that a text stands for.

    Raises:
        ValueError: it stands for none.
    """
    parts = text.rsplit(":", 2)
    layer, _, array = parts[0].rpartition(".")
    if len(parts) < 3 or not (layer and array):
        raise ValueError("expected layer.array:index:value, such as conv1.weight:0,0,1,1:0.5")
    places = [part for part in parts[1].split(",") if part]
    if not all(re.fullmatch(r"\d{1,9}", place) for place in places):
        raise ValueError(f"the index is {shown(parts[1])}; expected whole numbers, such as 0,0,1,1")
    return Edit(layer, array, tuple(map(int, places)), value_of(parts[2]))


def value_of(text: str) -> float | str:
    """Return the number, or the name of a kernel, that a person wrote.

    Raises:
        ValueError: it is neither.
    """
    found = number(text)
    if isinstance(found, int | float):
        return float(found)
    written = text.strip()
    if written in KERNELS or _SEEDED.fullmatch(written):
        return written
    raise ValueError(f"the value is {shown(text)}; expected a number, such as 0.5 or -2e-3")


def _layer(model: Layer, name: str) -> Layer:
    found = next((layer for layer in model.walk() if layer.name == name), None)
    if found is None:
        known = ", ".join(x.name for x in model.walk() if x.name and (x.params or x.state))
        raise ValueError(f"there is no layer {shown(name)} with numbers; there are {known}")
    return found


def _array(model: Layer, name: str, array: str) -> Array:
    layer = _layer(model, name)
    held = {key: param.value for key, param in layer.params.items()} | layer.state
    if array not in held:
        known = f"it has {', '.join(held)}" if held else "it has none"
        raise ValueError(f"{name} has no array {shown(array)} to be changed; {known}")
    return held[array]
