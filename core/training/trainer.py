"""Training: one batch, one update."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core.data import Batches, DataSet, Split
from core.data.augment import Augment
from core.data.batches import check_batch_size
from core.data.dataset import not_finite
from core.errors import DataError, DivergenceError
from core.inspect.recorder import Recorder
from core.inspect.trace import StepTrace
from core.kernels.overflow import unwarned
from core.kernels.workspace import Workspace
from core.layer import Layer
from core.losses import CrossEntropyLoss, Loss
from core.model import Model
from core.optim import Optimizer
from core.schedule import Schedule
from core.snapshot import Captured, capture, restore
from core.tensor import Array, Tensor
from core.training.arguments import check_epochs, check_parts, check_rate, check_split
from core.training.progress import progress_bar
from core.training.results import EpochResult, Evaluation, Means, StepResult
from core.training.undo import Undo


class Trainer:
    """Trains a model, one update a step.

    The same model, data and generator state give the same run, bit for bit on one machine.

    Args:
        model: what is trained.
        optimizer: updates the model's params, or some of them; it may hold others too.
        data: what it is trained on. The labels are targets of the loss: class numbers, or real
            numbers for a regression.
        batch_size: samples of a step; the last batch of an epoch may be shorter.
        rng: shuffles the samples in each epoch. None takes a fresh generator: the run cannot be
            repeated then.
        loss: cross-entropy if None.
        schedule: learning rate by iteration, counted from 0; the optimiser's own if None.
        drop_last: leave out a short last batch of an epoch.
        augment: changes the images of each step; none are changed if None.

    Attributes:
        iteration: number of updates so far.
        batches: gives the samples of each step.

    Raises:
        DataError: the batch size is not a whole number of at least 1.
        TypeError: an argument is of another kind.
        ValueError: the optimiser holds none of the model's params.
    """

    # The numbers of a data set do not change.
    referenced: ClassVar[frozenset[str]] = frozenset({"data"})

    def __init__(
        self,
        model: Model,
        optimizer: Optimizer,
        data: DataSet,
        batch_size: int,
        rng: np.random.Generator | None = None,
        loss: Loss | None = None,
        schedule: Schedule | None = None,
        drop_last: bool = False,
        augment: Augment | None = None,
    ) -> None:
        loss = CrossEntropyLoss() if loss is None else loss
        check_parts(model, optimizer, data, loss, schedule, augment)
        self.model = model
        self.optimizer = optimizer
        self.data = data
        self.loss = loss
        self.schedule = schedule
        self.augment = augment
        self.batches = Batches(len(data.train.images), batch_size, rng, drop_last)
        self.iteration = 0
        self._work = Workspace()

    @property
    def epoch(self) -> int:
        """How many times all training samples were gone through."""
        return self.batches.epoch

    def step(self) -> StepResult:
        """Make one update.

        Raises:
            DivergenceError: a number is not finite any more. It names the layer in which that
                began.
            DataError: the reason is a NaN or an infinite number in the samples; it names them.
            RuntimeError: `backward` of the loss wrote no gradient.
            ValueError: a setting of the optimiser, or the rate that the schedule returned, is out
                of range.

        After these and any other error the trainer is as before the step: params, the optimiser,
        the batch to come, the layers' `state`, generators and modes. Other attributes that layers
        or a loss change, such as a counter of a layer of your own, are not put back; a `History`
        goes back in all respects.
        """
        with self._undo() as undo:
            self._set_rate()
            result = self._step(self.batches.next(), None, undo)
        self.iteration = result.iteration
        return result

    def record_step(self) -> StepTrace:
        """Make the same update as `step` would, and keep everything that happened in it.

        Raises:
            DivergenceError, DataError, RuntimeError, ValueError: as in `step`.
        """
        with self._undo() as undo:
            self._set_rate()
            trace = self._recorded(self.batches.next(), undo)
        self.iteration = trace.iteration
        return trace

    def _undo(self) -> Undo:
        rng = None if self.augment is None else self.augment.rng
        return Undo(self.model, self.optimizer, self.batches, self._work, rng)

    def _recorded(self, indices: NDArray[np.int64], undo: Undo) -> StepTrace:
        recorder = Recorder(self.model, self.loss)
        try:
            result = self._step(indices, recorder, undo)
        finally:
            recorder.release()
        return StepTrace(
            iteration=result.iteration,
            loss=result.loss,
            metrics=dict(result.metrics),
            lr=result.lr,
            indices=indices,
            targets=self.data.train.labels[indices],
            stages=recorder.stages(self.optimizer),
            layers=recorder.layers,
            start=recorder.start,
            start_loss=recorder.start_loss,
            class_names=self.data.class_names,
            augmented=result.augmented,
        )

    def fit(
        self,
        epochs: int,
        validation: Split | None = None,
        on_step: Callable[[StepResult], object] | None = None,
        progress: bool | None = None,
    ) -> list[EpochResult]:
        """Train for some epochs.

        Args:
            epochs: how many; an epoch that has begun already is finished and counts as one.
            validation: a split to evaluate after each epoch.
            on_step: called with the result of each step; training stops where it returns False
                (NumPy's too; None goes on).
            progress: whether to show a progress bar, which needs the package `tqdm`; if None, it
                is shown where `tqdm` is installed.

        Returns:
            One result an epoch, the last one of an incomplete epoch if training was stopped.

        Raises:
            ModuleNotFoundError: `progress` is True and `tqdm` is not installed.
            DivergenceError, DataError: as in `step`.
            ValueError: `epochs` is not a whole number of at least 0; or as in `step`.
            TypeError: `validation` is no Split, or `on_step` cannot be called.
        """
        check_epochs(epochs)
        if validation is not None:
            check_split("validation", validation)
        if on_step is not None and not callable(on_step):
            raise TypeError(f"on_step is {on_step!r}; expected a function of a step's result")
        results: list[EpochResult] = []
        stopped = False
        with progress_bar(progress, epochs * self.batches.batches_per_epoch) as show:
            for _ in range(epochs):
                number, means, steps = self.epoch + 1, Means(), 0
                while self.epoch < number and not stopped:
                    result = self.step()
                    steps += 1
                    means.add(result.loss, result.metrics, len(result.indices))
                    show(f"epoch {number}, loss {result.loss:.4f}")
                    answer = None if on_step is None else on_step(result)
                    stopped = isinstance(answer, bool | np.bool_) and not answer
                done = self.epoch == number
                behind = self.evaluate(validation) if validation is not None and done else None
                results.append(EpochResult(means.loss, means.metrics, number, steps, behind))
                if stopped:
                    break
        return results

    def evaluating(self, split: Split, batch_size: int = 100) -> Iterator[Evaluation]:
        """Evaluate a split in eval mode, yielding what is known after each batch.

        The caller may stop at any time, and train in between: the run does not depend on it, and
        each layer is left in its mode. `backward` needs a new forward pass afterwards.

        Raises:
            TypeError: `split` is no Split.
            DataError: `batch_size` is not a whole number of at least 1.
        """
        check_split("split", split)
        return self._evaluating(split, check_batch_size(batch_size))

    def _evaluating(self, split: Split, batch_size: int) -> Iterator[Evaluation]:
        evaluations = self._evaluations(split, batch_size)
        while True:
            with self._aside():
                evaluation = next(evaluations, None)
            if evaluation is None:
                return
            yield evaluation

    def evaluate(self, split: Split, batch_size: int = 100) -> Evaluation:
        """Return loss and metrics over a whole split, in eval mode; see `evaluating`."""
        check_split("split", split)
        check_batch_size(batch_size)
        with self._aside():
            *_, last = self._evaluations(split, batch_size)
        return last

    def get_state(self) -> Captured:
        """Return a copy of all that the rest of the run depends on; see `core.snapshot`."""
        return capture(self)

    def set_state(self, state: Captured) -> None:
        """Go back to where `get_state` was called: the same future follows.

        The state may be of another trainer with a model of the same layers.
        """
        restore(self, state)

    def _set_rate(self) -> None:
        """Set the learning rate of the next update, and check all settings."""
        if self.schedule is not None:
            self.optimizer.lr = check_rate(self.schedule(self.iteration), self.iteration)
        self.optimizer.check()

    def _step(
        self, indices: NDArray[np.int64], recorder: Recorder | None, undo: Undo
    ) -> StepResult:
        images, labels = self.data.train.images[indices], self.data.train.labels[indices]
        augmented: tuple[str, ...] = ()
        if self.augment is not None:
            images, augmented = self.augment(images)
        layers = undo.layers
        if not all(layer.training for layer in layers):
            self.model.train()
        params = self._params(layers)
        for param in params:
            param.zero_grad()
        with unwarned():
            output = self.model.forward(images)
            loss = self.loss(output, labels)
            state = [array for layer in layers for array in layer.state.values()]
            if not (np.isfinite(loss) and _finite(state)):
                raise self._blame("forward", images, labels, indices)
            self._backward(output, input_grad=recorder is not None)
            if not _finite(param.grad for param in params):
                raise self._blame("backward", images, labels, indices)
            if recorder is not None:
                recorder.watch_loss(self.loss)
                self.optimizer.prepare()
                recorder.watch_update(self.optimizer)
            undo.before_update()
            self.optimizer.step()
            if not _finite(param.value for param in params):
                raise self._divergence("update")
        metrics = self.loss.metrics(output, labels)
        iteration, lr = self.iteration + 1, self.optimizer.lr
        return StepResult(loss, metrics, iteration, lr, indices, augmented)

    def _params(self, layers: Iterable[Layer]) -> list[Tensor]:
        """Return the params of the model, and those that only the optimiser holds."""
        params = {id(param): param for layer in layers for param in layer.own_params().values()}
        params |= {id(param): param for param in self.optimizer.params}
        return list(params.values())

    def _backward(self, output: Tensor, input_grad: bool) -> None:
        """Run the backward pass; nobody but a recorder needs the gradient of the images."""
        self.loss.backward()
        if not output.has_grad:
            raise RuntimeError(
                f"{type(self.loss).__name__}.backward wrote no gradient, so nothing would be "
                "trained: assign g(L, output) to output.grad, where output is the tensor that "
                "forward got; what backward returns is not used"
            )
        if output.grad.dtype != output.value.dtype:
            # A loss may compute in float64.
            output.grad = output.grad.astype(output.value.dtype)
        needed = self.model.needs_input_grad
        self.model.needs_input_grad = input_grad
        try:
            self.model.backward()
        finally:
            self.model.needs_input_grad = needed

    def _blame(
        self, phase: str, images: Array, labels: Array, indices: NDArray[np.int64]
    ) -> DataError | DivergenceError:
        """Return why numbers are not finite: the data, if some are not there already."""
        for name, array in (("images", images), ("labels", labels)):
            if not _finite([array]):
                return DataError(not_finite(f"the {name} to train on", array, indices))
        return self._divergence(phase)

    def _divergence(self, phase: str) -> DivergenceError:
        """Find the layer in which the first number that is not finite was computed."""
        iteration = self.iteration + 1
        leaves = self.model.leaves()
        for layer in leaves if phase == "forward" else reversed(leaves):
            params = layer.params.values()
            if phase == "forward":
                # A variance overflows before the numbers themselves do.
                made = [layer.output.value, *layer.state.values()]
            elif phase == "backward":
                made = [param.grad for param in params]
                made += [] if layer.input is self.model.input else [layer.input.grad]
            else:
                made = [param.value for param in params]
            if not _finite(made):
                return DivergenceError(layer.name, iteration, phase)
        return DivergenceError("loss", iteration, phase)

    @contextmanager
    def _aside(self) -> Iterator[None]:
        """Restore model and loss after the block, all but the params.

        What the last forward pass kept for `backward` is lost: that needs another one.
        """
        held = [self.model, self.loss]
        before = capture(held, without=self.model.parameters())
        try:
            with unwarned():
                yield
        finally:
            restore(held, before)
            for layer in self.model.walk():
                layer._ready = False

    def _evaluations(self, split: Split, batch_size: int) -> Iterator[Evaluation]:
        means, total, layers = Means(), len(split.images), list(self.model.walk())
        for start in range(0, total, batch_size):
            images = split.images[start : start + batch_size]
            labels = split.labels[start : start + batch_size]
            for layer in layers:
                layer.training = False
            output = self.model.forward(images)
            loss = self.loss(output, labels)
            means.add(loss, self.loss.metrics(output, labels), len(images))
            yield Evaluation(means.loss, means.metrics, means.count, total)


def _finite(arrays: Iterable[Array]) -> bool:
    return all(np.isfinite(array).all() for array in arrays)
