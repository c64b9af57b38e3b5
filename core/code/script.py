"""An iteration as a script that computes it again and checks it against what was recorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.code.losses import LossText, loss_text
from core.code.moment import Moment
from core.code.optimisers import OptimiserText, optimiser_text
from core.code.text import assignment, template
from core.optim import Optimizer

# How far numbers may be apart, relative to the largest of an array, by the dtype of the weights;
# and which part of the largest gradient counts as one at least: a gradient that would be 0 is the
# rounding of others.
TOLERANCES = {"float64": 1e-9, "float32": 1e-3}
LEAST = {"float64": 1e-3, "float32": 1e-2}
# How many roundings are allowed for where the gradient of the loss is a difference of almost equal
# numbers.
ROUNDINGS = 256


@dataclass(frozen=True)
class Parts:
    """A moment, and its loss and optimiser as text; no optimiser if nothing is updated."""

    moment: Moment
    loss: LossText
    optimiser: OptimiserText | None

    @classmethod
    def of(cls, moment: Moment) -> Parts:
        """Return the parts of a moment.

        Raises:
            ValueError: loss or optimiser is of a class of somebody's own.
        """
        optimizer = moment.optimizer
        optimiser = None if optimizer is None else optimiser_text(optimizer)
        return cls(moment, loss_text(moment.loss), optimiser)

    @property
    def optimizer(self) -> Optimizer:
        """The optimiser before its step."""
        assert self.moment.optimizer is not None
        return self.moment.optimizer

    def script(self, how: str, imports: str, functions: str, iteration: str) -> str:
        """Return a script whose `iteration` leaves `loss`, `gradients` and `after`.

        Args:
            how: ends the sentence that it is computed again.
            imports: lines of imports, without those of `check`.
            functions: definitions that it uses.
            iteration: its lines.
        """
        about = (
            f'"""Iteration {self.moment.iteration} of a run in ConvScope, computed again {how}.\n\n'
            "Run it beside iteration.npz, which holds the batch and all that was there before. It\n"
            "asserts that the loss, the gradients and all that is updated are what ConvScope\n"
            'computed.\n"""'
        )
        blocks = [functions.strip(), self._check(), f"{iteration.strip()}\n\n{self._compare()}"]
        text = "\n\n\n".join(block for block in blocks if block)
        return f"{about}\n\n{imports.strip()}\n\n\n{text}\n"

    def _check(self) -> str:
        dtype = self.moment.model.dtype
        rounding = ROUNDINGS * float(np.finfo(dtype).eps)
        tolerance = max(TOLERANCES[dtype.name], rounding / max(self.loss.left, rounding))
        longest = self.optimiser.longest * self.optimizer.lr if self.optimiser else 0.0
        values = {
            "dtype": dtype.name,
            "tolerance": f"{tolerance:.3g}",
            "least": f"{LEAST[dtype.name]:g}",
            "longest": repr(longest),
            "eps": repr(getattr(self.moment.optimizer, "eps", 0.0)),
        }
        text = template("check")
        for name, value in values.items():
            text = text.replace(f"<{name}>", value)
        return text.strip() if longest else text[: text.index("\n\n\ndef magnified")].strip()

    def _compare(self) -> str:
        room = ", magnified(name) if name in updated else 0.0" if (
            self.optimiser and self.optimiser.longest
        ) else ""  # fmt: skip
        return template("compare").strip().replace("<room>", room)


def updated_names(moment: Moment) -> str:
    """Return the line that lists the params that are updated."""
    names = ", ".join(f'"{name}"' for name in moment.updated)
    return assignment(["updated"], f"[{names}]")
