"""Training: one batch, one update."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data import Batches, DataSet, Split
from core.errors import DivergenceError
from core.inspect.gradcheck import Replay
from core.inspect.recorder import Recorder
from core.inspect.trace import StepTrace
from core.io.weights import load_state_dict, state_dict
from core.losses import CrossEntropyLoss, Loss
from core.model import Model
from core.optim import Optimizer
from core.schedule import Schedule
from core.tensor import Array


@dataclass(frozen=True)
class StepResult:
    """What one iteration gave.

    Attributes:
        iteration: its number; the first update is iteration 1.
        loss: mean loss of the batch before the update.
        accuracy: share of the batch that was classified right before the update.
        lr: learning rate of the update.
        indices: which training samples made the batch, shape (N,).
    """

    iteration: int
    loss: float
    accuracy: float
    lr: float
    indices: NDArray[np.int64]


@dataclass(frozen=True)
class Evaluation:
    """How well a model does on the first `done` of `total` samples."""

    loss: float
    accuracy: float
    done: int
    total: int


class Trainer:
    """Trains a classifier, one update a step.

    The same model, data and generator state give the same run, bit for bit on one machine.

    Args:
        model: what is trained.
        optimizer: over the model's params.
        data: what it is trained on.
        batch_size: samples of a step; the last batch of an epoch may be shorter.
        rng: where the order of the samples comes from.
        loss: cross-entropy if None.
        schedule: learning rate by iteration; the optimiser's own if None.

    Attributes:
        iteration: how many updates were made.
    """

    def __init__(
        self,
        model: Model,
        optimizer: Optimizer,
        data: DataSet,
        batch_size: int,
        rng: np.random.Generator,
        loss: Loss | None = None,
        schedule: Schedule | None = None,
    ) -> None:
        self.model = model
        self.optimizer = optimizer
        self.data = data
        self.loss = loss or CrossEntropyLoss()
        self.schedule = schedule
        self.batches = Batches(len(data.train.images), batch_size, rng)
        self.iteration = 0
        model.needs_input_grad = False

    @property
    def epoch(self) -> int:
        """How many times all training samples were gone through."""
        return self.batches.epoch

    def step(self) -> StepResult:
        """Make one update.

        Raises:
            DivergenceError: a number is not finite any more. It names the layer in which that
                began; params are as before the step unless the update itself overflowed.
        """
        indices = self.batches.next()
        return self._step(indices, None)

    def record_step(self) -> StepTrace:
        """Make the same update as `step` would, and keep everything that happened in it.

        Raises:
            DivergenceError: as in `step`.
        """
        indices = self.batches.next()
        recorder = Recorder(self.model)
        try:
            result = self._step(indices, recorder)
        finally:
            recorder.release()
        return StepTrace(
            iteration=result.iteration,
            loss=result.loss,
            metrics={"accuracy": result.accuracy},
            lr=result.lr,
            indices=indices,
            targets=self.data.train.labels[indices],
            stages=recorder.stages(self.optimizer),
            layers=recorder.layers,
            start=recorder.start,
            class_names=self.data.class_names,
        )

    def _step(self, indices: NDArray[np.int64], recorder: Recorder | None) -> StepResult:
        images, labels = self.data.train.images[indices], self.data.train.labels[indices]
        if self.schedule is not None:
            self.optimizer.lr = self.schedule(self.iteration)
        self.model.train()
        self.optimizer.zero_grad()
        undo = Replay(self.model)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            output = self.model.forward(images)
            loss = self.loss.forward(output, labels)
            state = [array for layer in self.model.walk() for array in layer.state.values()]
            if not (np.isfinite(loss) and _finite(state)):
                error = self._divergence("forward")
                undo()
                raise error
            self.loss.backward()
            self.model.backward()
            if not _finite(p.grad for p in self.optimizer.params):
                error = self._divergence("backward")
                undo()
                raise error
            if recorder is not None:
                recorder.watch_loss(self.loss)
                recorder.watch_update(self.optimizer)
            self.optimizer.step()
            if not _finite(p.value for p in self.optimizer.params):
                raise self._divergence("update")
        self.iteration += 1
        right = output.value.argmax(axis=1) == labels
        return StepResult(self.iteration, loss, float(right.mean()), self.optimizer.lr, indices)

    def _divergence(self, phase: str) -> DivergenceError:
        """Find the layer in which the first number that is not finite was made."""
        iteration = self.iteration + 1
        leaves = self.model.leaves()
        for layer in leaves if phase == "forward" else reversed(leaves):
            params = layer.params.values()
            if phase == "forward":
                # A variance overflows before the numbers themselves do.
                made = [layer.output.value, *layer.state.values()]
            elif phase == "backward":
                made = [param.grad for param in params]
                made += [layer.input.grad] if layer.needs_input_grad else []
            else:
                made = [param.value for param in params]
            if not _finite(made):
                return DivergenceError(layer.name, iteration, phase)
        return DivergenceError("loss", iteration, phase)

    def evaluating(self, split: Split, batch_size: int = 100) -> Iterator[Evaluation]:
        """Evaluate a split in eval mode, yielding what is known after each batch.

        The caller may stop at any time; training is not affected.
        """
        total, done, loss, right = len(split.images), 0, 0.0, 0
        for start in range(0, total, batch_size):
            images = split.images[start : start + batch_size]
            labels = split.labels[start : start + batch_size]
            self.model.eval()
            try:
                output = self.model.forward(images)
                loss += self.loss.forward(output, labels) * len(images)
            finally:
                self.model.train()
            right += int((output.value.argmax(axis=1) == labels).sum())
            done += len(images)
            yield Evaluation(loss / done, right / done, done, total)

    def evaluate(self, split: Split) -> Evaluation:
        """Return loss and accuracy over a whole split, in eval mode."""
        *_, last = self.evaluating(split)
        return last

    def get_state(self) -> dict[str, Any]:
        """Return a copy of all that the rest of the run depends on; see `set_state`."""
        return {
            "iteration": self.iteration,
            "model": state_dict(self.model),
            "slots": {k: [a.copy() for a in v] for k, v in self.optimizer.slots.items()},
            "optimizer_steps": self.optimizer.steps,
            "lr": self.optimizer.lr,
            "batches": self.batches.get_state(),
            "generators": [rng.bit_generator.state for rng in self._generators()],
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Go back to where `get_state` was called: the same future follows."""
        load_state_dict(self.model, state["model"])
        for name, arrays in state["slots"].items():
            for slot, kept in zip(self.optimizer.slots[name], arrays, strict=True):
                np.copyto(slot, kept)
        self.optimizer.steps = state["optimizer_steps"]
        self.optimizer.lr = state["lr"]
        self.batches.set_state(state["batches"])
        for rng, kept in zip(self._generators(), state["generators"], strict=True):
            rng.bit_generator.state = kept
        self.iteration = state["iteration"]

    def _generators(self) -> list[np.random.Generator]:
        return [layer.rng for layer in self.model.leaves() if layer.rng is not None]


def _finite(arrays: Iterable[Array]) -> bool:
    return all(np.isfinite(array).all() for array in arrays)
