"""What all optimisers have in common: params, settings, slots, and their state as a dictionary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import StateError, first_of
from core.optim.clip import clip_factor, grad_norm
from core.optim.settings import Check, above_zero, at_least_zero, params_of, whole
from core.tensor import Array, Tensor


class Optimizer:
    """Updates tensors by their gradients.

    A subclass implements `_step`; `slot_names` says what it keeps for each param, and `formulas`
    states how the arrays of an update are computed. Settings (`lr`, and what a subclass adds) may
    be changed between steps; those in `ranges` are checked whenever they are assigned. A param with
    `requires_grad = False` is left as it is.

    Args:
        params: what to update, tensors; one that occurs twice is updated once.
        lr: learning rate.
        weight_decay: multiple of the value that is added to the gradient.
        max_norm: the largest norm that all gradients together may have: longer ones are scaled
            down before anything else, as in PyTorch's `clip_grad_norm_`. None does not clip.

    Attributes:
        slots: the state kept for each param, by name (`velocity`, say), arrays of its shape in the
            order of `params`.
        steps: how many steps were taken.

    Raises:
        ValueError: there are no params, or a setting is out of range.
        TypeError: the params are no tensors.
    """

    # Whether weight decay is added to the gradient; if not, it is a separate term of the step.
    decays_gradient: ClassVar[bool] = True
    # Settings that may be None.
    optional: ClassVar[frozenset[str]] = frozenset({"max_norm"})
    # What each setting may be. A subclass adds its own to those of its base class.
    ranges: ClassVar[Mapping[str, Check]] = {
        "lr": at_least_zero,
        "weight_decay": at_least_zero,
        "max_norm": above_zero,
        "steps": whole,
    }
    # Slots that hold means of squares, which are never below 0.
    squares: ClassVar[frozenset[str]] = frozenset()
    # Attributes that no later step depends on (see `core.snapshot`).
    transient: ClassVar[frozenset[str]] = frozenset({"_scale"})

    def __init__(
        self,
        params: Sequence[Tensor],
        lr: float,
        weight_decay: float = 0.0,
        max_norm: float | None = None,
    ) -> None:
        self.params = params_of(params)
        self.lr = lr
        self.weight_decay = weight_decay
        self.max_norm = max_norm
        self.slots: dict[str, list[Array]] = {}
        self.steps = 0
        # What gradients are multiplied by in the present step.
        self._scale = 1.0
        self.check()
        self.prepare()

    @property
    def slot_names(self) -> tuple[str, ...]:
        """Names of what is kept for each param with the present settings."""
        return ()

    def __setattr__(self, name: str, value: object) -> None:
        check = self.ranges.get(name)
        super().__setattr__(name, value if check is None else check(value, name))

    def check(self) -> None:
        """Raise ValueError if a setting is out of range; a subclass may add further checks.

        Each step checks first: a snapshot, say, is restored past the checks of assignments.
        """
        for name, check in self.ranges.items():
            check(getattr(self, name), name)

    def zero_grad(self) -> None:
        """Set the gradients of all params to zero."""
        for param in self.params:
            param.zero_grad()

    def step(self) -> None:
        """Update every param once.

        Raises:
            ValueError: a setting is out of range. Nothing has changed then.
        """
        self.check()
        self.prepare()
        self.steps += 1
        self._scale = self._clip()
        for k, param in enumerate(self.params):
            if param.requires_grad:
                value = param.value
                value -= self._step(param, k)

    def prepare(self) -> None:
        """Create the slots that settings and params need, filled with zeros.

        A slot that the settings no longer use, such as the velocity once there is no momentum, is
        given up.
        """
        names = self.slot_names
        if tuple(self.slots) != names:
            kept = {name: self.slots.get(name, []) for name in names}
            self.slots.clear()
            self.slots.update(kept)
        for slots in self.slots.values():
            slots += [np.zeros_like(param.value) for param in self.params[len(slots) :]]
            for k, param in enumerate(self.params):
                if slots[k].dtype != param.value.dtype:
                    slots[k] = slots[k].astype(param.value.dtype)

    def _step(self, param: Tensor, k: int) -> Array:
        """Return what to subtract from param number `k`, updating its slots."""
        raise NotImplementedError(f"{type(self).__name__} does not implement _step")

    def _clip(self) -> float:
        """Return what gradients are multiplied by."""
        return 1.0 if self.max_norm is None else clip_factor(grad_norm(self.params), self.max_norm)

    def _gradient(self, param: Tensor) -> Array:
        """Return the gradient of a param, clipped and with weight decay."""
        g = param.grad
        if self._scale < 1:
            g = g * self._scale
        if self.weight_decay and self.decays_gradient:
            g = g + self.weight_decay * param.value
        return g

    # How a recorded update is computed. What is recorded is a copy from before the step.

    @property
    def formulas(self) -> str:
        """One line of index notation for each array of an update, with the present settings."""
        was = "as the last update left it" if self.steps else "zero at first"
        lines = [
            "after[*i] = before[*i] + step[*i]",
            "ratio     = sqrt(quotient(sum[*i](step[*i] ** 2), sum[*i](after[*i] ** 2)))",
            *(f'{name}_before[*i] = "{was}"' for name in self.slot_names),
            *self._lines(),
        ]
        if self.max_norm is not None:
            lines.append("clipped[*i] = clip * gradient[*i]")
        return "\n".join(lines)

    def _lines(self) -> list[str]:
        """Return the lines of the slots and of the step."""
        return []

    def _gradient_text(self, factor: bool = True) -> str:
        """Return how `_gradient` is written; a sum is in parentheses if it is a `factor`."""
        text = "gradient[*i]" if self.max_norm is None else "clipped[*i]"
        if self.weight_decay and self.decays_gradient:
            text = f'{text} + note("weight decay", decay * before[*i])'
            return f"({text})" if factor else text
        return text

    def formula_constants(self) -> dict[str, float]:
        """Return the constants that `formulas` uses, by name."""
        return {"lr": self.lr, "decay": self.weight_decay, "clip": self._clip()}

    def update_arrays(self, arrays: dict[str, Array]) -> dict[str, Array]:
        """Return what lies between the slots of a recorded update and its step, by name.

        Args:
            arrays: the other arrays of the update of one param, by name.
        """
        if self.max_norm is None:
            return {}
        return {"clipped": arrays["gradient"] * self._clip()}

    # The state as a dictionary.

    def state_dict(self) -> dict[str, Array]:
        """Return settings, number of steps and copies of the slots as arrays by name.

        The slot `velocity` of param number 0 is called `velocity.0`. A setting that is None is left
        out.
        """
        self.prepare()
        settings = {name: np.asarray(value) for name, value in self._settings().items()}
        return settings | {
            f"{name}.{k}": slot.copy()
            for name, slots in self.slots.items()
            for k, slot in enumerate(slots)
        }

    def load_state_dict(
        self, state: Mapping[str, ArrayLike], names: Mapping[str, str] | None = None
    ) -> None:
        """Set what `state_dict` returned, in place: the same steps follow.

        Args:
            state: arrays by name.
            names: what errors call an entry, where that is not its name.

        Raises:
            StateError: an entry is missing, unknown, of another shape or kind, or out of range.
                Nothing has changed then.
        """
        loaded = copy(self)
        loaded.slots = {}
        known = self._settings().keys() | self.optional
        for name in sorted(known - self.optional):
            if name not in state:
                raise StateError(f"the optimiser's state has no {name!r}; it needs one")
        try:
            for name in sorted(known):
                value = _plain(name, state[name], getattr(self, name)) if name in state else None
                setattr(loaded, name, value)
            loaded.check()
        except StateError:
            raise
        except ValueError as error:
            raise StateError(f"the optimiser's state cannot be used: {error}") from error
        loaded.prepare()
        slots = {f"{name}.{k}": a for name, s in loaded.slots.items() for k, a in enumerate(s)}
        missing = [name for name in slots if name not in state]
        extra = [name for name in state if name not in slots and name not in known]
        if missing or extra:
            what = f"has no {missing[0]!r}" if missing else f"has {extra[0]!r}, which is unknown"
            raise StateError(
                f"the optimiser's state {what}: load it into a {type(self).__name__} over the same "
                "params as the one that was saved"
            )
        for name, slot in slots.items():
            called = (names or {}).get(name, name)
            is_square = name.partition(".")[0] in self.squares
            np.copyto(slot, _slot(called, state[name], slot, is_square))
        vars(self).update(vars(loaded))

    def _settings(self) -> dict[str, Any]:
        """Return the attributes that are numbers, or tuples of numbers, by name."""
        return {
            name: value
            for name, value in vars(self).items()
            if name not in self.transient
            and (isinstance(value, bool | int | float | np.number) or _is_numbers(value))
        }


def _is_numbers(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(item, int | float) for item in value)


def _plain(name: str, value: ArrayLike, now: object) -> object:
    """Return the entry of a state as a number or tuple of the kind that a setting has now."""
    array = np.asarray(value)
    shape = (len(now),) if isinstance(now, tuple) else ()
    kinds = "b" if isinstance(now, bool) else "fiu"
    if array.shape != shape or array.dtype.kind not in kinds:
        raise StateError(
            f"{name!r} of the optimiser's state is {value!r}; expected a value such as {now!r}"
        )
    return tuple(array.tolist()) if array.ndim else array.item()


def _slot(name: str, value: ArrayLike, slot: Array, is_square: bool) -> Array:
    """Return the entry of a state as a slot of the same dtype, if it can be one."""
    array = np.asarray(value)
    if array.shape != slot.shape:
        raise StateError(
            f"{name!r} of the optimiser's state has shape {array.shape}; the param has {slot.shape}"
        )
    if array.dtype.kind not in "fiu":
        raise StateError(
            f"{name!r} of the optimiser's state has type {array.dtype}, expected numbers"
        )
    with np.errstate(over="ignore"):
        converted: Array = array.astype(slot.dtype)
    _refuse(name, array, ~np.isfinite(converted), f"finite numbers of {slot.dtype}")
    if is_square:
        _refuse(name, array, converted < 0, "means of squares, which are never below 0")
    return converted


def _refuse(name: str, array: Array, wrong: NDArray[np.bool_], expected: str) -> None:
    """Refuse an array some of whose numbers are wrong."""
    if wrong.any():
        raise StateError(
            f"{name!r} of the optimiser's state holds {first_of(array, wrong)}, expected "
            f"{expected}: save it again from a run that goes well, or the weights alone"
        )
