"""What a run depends on is its state: any change in mid-run is replayed bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from core.inspect.checks.gradcheck import gradcheck
from core.layer import Layer
from core.layers import Dropout
from core.layers.option import Option
from core.losses import CrossEntropyLoss, Loss, MSELoss
from core.model import Model
from core.optim import SGD, Adam, AdamW, Optimizer, RMSprop
from core.schedule import Constant, Cosine, Schedule, StepDecay, WarmUp
from core.tensor import Array, Tensor
from core.training.history import History
from core.training.trainer import Trainer
from tests.core.runs import fingerprint, make_trainer, of_result, of_state, of_trace

TEXT = "conv 2 k3 p1, bn, leaky 0.1, pool 4, dropout 0.3, flatten, linear 10"
# The iterations behind which something is changed, and the length of the run.
CHANGED, LENGTH = (2, 5), 7

OPTIMIZERS: dict[str, Callable[[Any], Optimizer]] = {
    "SGD": lambda p: SGD(p, 0.05, 0.9, weight_decay=0.1, nesterov=True, max_norm=2.0),
    "plain SGD": lambda p: SGD(p, 0.05),
    "Adam": lambda p: Adam(p, 0.01, (0.8, 0.9), 1e-3, 0.1, max_norm=2.0),
    "AdamW": lambda p: AdamW(p, 0.01, max_norm=2.0),
    "RMSprop": lambda p: RMSprop(p, 0.01, 0.9, 1e-3, 0.1, 0.5, max_norm=2.0),
    "plain RMSprop": lambda p: RMSprop(p, 0.01),
}
SCHEDULES: dict[str, Schedule] = {
    "Constant": Constant(0.05),
    "StepDecay": StepDecay(0.05, 2, 0.7),
    "Cosine": Cosine(0.05, 9, 0.01),
    "WarmUp": WarmUp(StepDecay(0.05, 2, 0.7), 5),
}


def trainer_with(optimizer: str = "SGD", schedule: str = "") -> Trainer:
    trainer = make_trainer(text=TEXT, batch_size=60, loss=CrossEntropyLoss(label_smoothing=0.1))
    trainer.optimizer = OPTIMIZERS[optimizer](trainer.model.parameters())
    if schedule:
        # A copy: other tests use the same one.
        trainer.schedule = deepcopy(SCHEDULES[schedule])
    return trainer


def other(value: object, name: str) -> object:
    """Another value that a setting may have."""
    if name == "max_norm":
        return 0.5
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, tuple):
        return tuple(item * 0.9 for item in value)
    assert isinstance(value, float)
    return value * 0.7 if value else 0.05


def settings(thing: object) -> Iterator[str]:
    """The attributes of an object that are numbers, or may be."""
    for key, value in vars(thing).items():
        # A checked option lies behind an underscore.
        is_option = isinstance(getattr(type(thing), key[1:], None), Option)
        name = key[1:] if is_option else key
        numbers = isinstance(value, tuple) and all(isinstance(item, float) for item in value)
        if (isinstance(value, bool | int | float) or numbers or name == "max_norm") and (
            name not in getattr(thing, "transient", ())
        ):
            yield name


Change = Callable[[Trainer], None]


def changes() -> Iterator[tuple[str, Callable[[], Trainer], Change]]:
    """Every attribute of everything that has settings, from `vars`: what is new is covered too."""
    places: list[tuple[str, Callable[[], Trainer], Callable[[Trainer], Any]]] = [
        *((k, lambda k=k: trainer_with(k), lambda t: t.optimizer) for k in OPTIMIZERS),
        *((k, lambda k=k: trainer_with("SGD", k), lambda t: t.schedule) for k in SCHEDULES),
        ("after", lambda: trainer_with("SGD", "WarmUp"), lambda t: vars(t.schedule)["after"]),
        ("loss", trainer_with, lambda t: t.loss),
        ("batches", trainer_with, lambda t: t.batches),
        *(
            (layer.name, trainer_with, lambda t, k=k: t.model[k])
            for k, layer in enumerate(trainer_with().model)
        ),
    ]
    for title, make, find in places:
        is_layer = isinstance(find(make()), Layer)
        for name in settings(find(make())):
            if name == "n" or (is_layer and isinstance(getattr(find(make()), name), int)):
                # How many samples a data set has, how many channels a layer: no settings.
                continue

            def change(
                trainer: Trainer, find: Callable[[Trainer], Any] = find, name: str = name
            ) -> None:
                thing = find(trainer)
                setattr(thing, name, other(getattr(thing, name), name))

            yield f"{title}.{name}", make, change


def weights(trainer: Trainer) -> Array:
    return trainer.model[0].params["weight"].value


def scale_weights(trainer: Trainer) -> None:
    weights(trainer)[...] *= 0.5


def new_weights(trainer: Trainer) -> None:
    trainer.model[0].params["weight"].value = np.ones_like(weights(trainer))


def freeze(trainer: Trainer) -> None:
    param = trainer.model[0].params["weight"]
    param.requires_grad = not param.requires_grad


def new_optimizer(trainer: Trainer) -> None:
    adam = isinstance(trainer.optimizer, Adam)
    params = trainer.model.parameters()
    trainer.optimizer = SGD(params, 0.1, 0.5) if adam else Adam(params, 0.01)


def fewer_params(trainer: Trainer) -> None:
    trainer.optimizer = SGD(trainer.model.parameters()[-2:], 0.1, 0.5)


def new_loss(trainer: Trainer) -> None:
    trainer.loss = CrossEntropyLoss() if isinstance(trainer.loss, MSELoss) else MSELoss()


def new_schedule(trainer: Trainer) -> None:
    trainer.schedule = None if trainer.schedule else Cosine(0.1, 20)


def no_function(trainer: Trainer) -> None:
    trainer.schedule = lambda iteration: 0.1 / (iteration + 1)


def other_batches(trainer: Trainer) -> None:
    trainer.batches.set_batch_size(trainer.batches.batch_size // 2)


def other_precision(trainer: Trainer) -> None:
    wide = trainer.model.dtype == np.float64
    trainer.model.astype(np.float32 if wide else np.float64)


def other_data(trainer: Trainer) -> None:
    data = trainer.data
    trainer.data = replace(data, train=replace(data.train, images=1 - data.train.images))


def other_dropout(trainer: Trainer) -> None:
    dropout = trainer.model[4]
    assert isinstance(dropout, Dropout)
    dropout.p = 0.8 - dropout.p


def new_generator(trainer: Trainer) -> None:
    trainer.model[4].rng = np.random.Generator(np.random.MT19937(3))


def spawned(trainer: Trainer) -> None:
    rng = trainer.model[4].rng
    assert rng is not None
    (trainer.model[4].rng,) = rng.spawn(1)


FURTHER: dict[str, Change] = {
    change.__name__: change
    for change in (
        *(scale_weights, new_weights, freeze, new_optimizer, fewer_params, new_loss),
        *(new_schedule, no_function, other_batches, other_precision, other_data),
        *(new_generator, spawned, other_dropout),
    )
}
EVERY = {
    **{title: (make, change) for title, make, change in changes()},
    **{title: (trainer_with, change) for title, change in FURTHER.items()},
}


def test_every_setting_is_changed() -> None:
    known = {
        *("SGD.lr", "SGD.momentum", "SGD.nesterov", "SGD.weight_decay", "SGD.max_norm"),
        *("plain SGD.momentum", "plain SGD.max_norm", "plain RMSprop.momentum", "SGD.steps"),
        *("Adam.betas", "Adam.eps", "AdamW.weight_decay", "RMSprop.alpha", "RMSprop.momentum"),
        *("Constant.lr", "StepDecay.every", "StepDecay.factor", "Cosine.total", "Cosine.least"),
        *("WarmUp.iterations", "after.every", "loss.label_smoothing", "batches.batch_size"),
        *("batches.drop_last", "batches.position", "bn.eps", "bn.momentum"),
        *("leaky.negative_slope", "dropout.p"),
    }
    assert known - EVERY.keys() == set()


@pytest.mark.parametrize(("make", "change"), EVERY.values(), ids=EVERY)
def test_a_change_is_replayed(make: Callable[[], Trainer], change: Change) -> None:
    history, plain = History(make(), every=2), make()
    seen = []
    for k in range(1, LENGTH + 1):
        trace = history.advance()
        seen.append(of_trace(trace))
        # The history itself changes nothing.
        assert of_result(plain.step()) == of_result(trace)
        if k in CHANGED:
            before = of_state_of(history.trainer)
            history.change(change)
            change(plain)
            # Some changes are none when they are made again.
            assert k > CHANGED[0] or of_state_of(history.trainer) != before
    end = of_state_of(history.trainer)
    assert end == of_state_of(plain)
    for k in (*range(LENGTH, 0, -1), LENGTH):
        assert of_trace(history.goto(k)) == seen[k - 1], k
    assert of_state_of(history.trainer) == end


# What changes arrays and generators alone, which is not looked for.
UNNOTICED = {"scale_weights", "new_weights", "new_generator", "spawned"}
NOTICED = {title: pair for title, pair in EVERY.items() if title not in UNNOTICED}


@pytest.mark.parametrize(("make", "change"), NOTICED.values(), ids=NOTICED)
def test_a_change_past_the_history_is_refused(make: Callable[[], Trainer], change: Change) -> None:
    history, plain = History(make()), make()
    change(history.trainer)
    with pytest.raises(RuntimeError, match=r"changed since the last.*by history\.change\("):
        history.advance()
    history = History(make())
    seen = []
    for _ in range(3):
        seen.append(of_trace(history.advance()))
        plain.step()
    change(history.trainer)
    for step in (history.advance, history.skip):
        with pytest.raises(RuntimeError, match=r"changed since the last.*by history\.change\("):
            step()
    # Going to where it is undoes the change, too.
    assert of_trace(history.goto(3)) == seen[2]
    assert of_state_of(history.trainer) == of_state_of(plain)
    # As part of a change it is known.
    change(history.trainer)
    history.change(lambda trainer: None)
    change(plain)
    seen.append(of_trace(history.advance()))
    assert of_result(plain.step()) == of_result(history.goto(4))
    assert [of_trace(history.goto(k)) for k in (4, 2, 3, 1, 4)] == [
        seen[k - 1] for k in (4, 2, 3, 1, 4)
    ]


def test_a_step_past_the_history_is_refused() -> None:
    history = History(trainer_with())
    history.advance()
    history.trainer.step()
    with pytest.raises(RuntimeError, match=r"trainer\.iteration and .* more changed since"):
        history.advance()


def test_looking_on_is_no_change() -> None:
    history, plain = History(trainer_with()), trainer_with()
    for _ in range(2):
        history.advance()
        plain.step()
    model, x = history.trainer.model, history.trainer.data.test.images[:3]
    model(x)
    model.eval().predict(x)
    gradcheck(model, x)
    history.trainer.evaluate(history.trainer.data.test)
    next(history.trainer.evaluating(history.trainer.data.test))
    vars(history.trainer.loss)["note"] = float("nan")
    history.change(lambda trainer: None)
    vars(plain.loss)["note"] = float("nan")
    for _ in range(3):
        assert of_result(history.advance()) == of_result(plain.step())


def of_state_of(trainer: Trainer) -> object:
    return fingerprint(trainer.get_state()), float(trainer.data.train.images[0].sum())


def test_several_changes_behind_one_iteration_add_up() -> None:
    def slower(trainer: Trainer) -> None:
        trainer.optimizer.lr = 0.01

    history, plain = History(trainer_with(), every=2), trainer_with()
    for _ in range(5):
        history.advance()
        if history.length == 3:
            history.change(slower)
    history.goto(3)
    history.change(other_batches)
    for _ in range(3):
        plain.step()
    slower(plain)
    other_batches(plain)
    assert of_state_of(history.trainer) == of_state_of(plain)
    assert of_result(history.advance()) == of_result(plain.step())


def test_a_change_that_fails_changes_nothing() -> None:
    history = History(trainer_with())
    history.advance()
    before = fingerprint(history.trainer.get_state())

    def fail(trainer: Trainer) -> None:
        trainer.optimizer.lr = 7.0
        trainer.loss = MSELoss()
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        history.change(fail)
    assert fingerprint(history.trainer.get_state()) == before


class Stranger(Layer):
    """Keeps what it likes, where it likes."""

    def __init__(self) -> None:
        super().__init__()
        self.noise = np.random.default_rng(1)
        self.seen: dict[str, Any] = {"steps": 0, "sums": [0.0]}
        self.pair = (np.zeros(1), [np.zeros(1)])
        self.mean: Array | None = None

    def _forward(self, x: Array) -> Array:
        if not self.training:
            return x.copy()
        steps, sums = self.seen["steps"], self.seen["sums"]
        self.seen["steps"] = steps + 1
        sums.append(float(x.mean()))
        self.pair[0][...] += x.mean()
        self.pair[1][0] = self.pair[1][0] + self.pair[0]
        self.mean = x.mean(axis=0) if self.mean is None else 0.9 * self.mean + 0.1 * x.mean(axis=0)
        drawn = self.noise.spawn(1)[0].normal(0, 0.01, x.shape) + self.noise.normal(0, 0.01)
        shift = 0.01 * (steps % 3 + sum(sums) / len(sums) + self.pair[1][0][0])
        y: Array = x + self.mean + drawn + shift
        return y.astype(x.dtype)

    def _backward(self, g: Array) -> Array:
        return g.copy()


class StrangersLoss(Loss):
    """Depends on the losses before."""

    def __init__(self) -> None:
        self.inner = CrossEntropyLoss()
        self.before: list[float] = []

    def forward(self, output: Tensor, targets: ArrayLike) -> float:
        self.factor = 1 + 0.1 * float(np.mean(self.before or [0]))
        loss = self.inner.forward(output, targets)
        self.before.append(loss)
        return self.factor * loss

    def backward(self) -> None:
        self.inner.backward()
        self.inner.output.grad *= np.float32(self.factor)


class Plateau:
    """A schedule with a memory."""

    def __init__(self, lr: float) -> None:
        self.lr, self.calls = lr, 0

    def rate(self, iteration: int) -> float:
        self.calls += 1
        return self.lr / self.calls

    __call__ = rate


def strange_trainer(bound: bool = False) -> Trainer:
    plain = make_trainer(text="flatten, linear 6, linear 10", batch_size=8)
    plain.model = Model([plain.model[0], plain.model[1], Stranger(), plain.model[2]])
    plain.optimizer = SGD(plain.model.parameters(), 0.1, 0.9)
    plain.loss = StrangersLoss()
    plateau = Plateau(0.1)
    plain.schedule = plateau.rate if bound else plateau
    return plain


@pytest.mark.parametrize("bound", [False, True])
def test_what_strangers_keep_is_replayed(bound: bool) -> None:
    history = History(strange_trainer(bound), every=4)
    seen = []
    for _ in range(10):
        seen.append(of_trace(history.advance()))
        history.trainer.evaluate(history.trainer.data.test)
    for k in (3, 10, 1, 6, 5, 9):
        assert of_trace(history.goto(k)) == seen[k - 1]
    plain = strange_trainer(bound)
    assert [of_trace(plain.record_step()) for _ in range(10)] == seen
    # Another trainer of the same make takes over the state.
    another = strange_trainer(bound)
    another.set_state(plain.get_state())
    ahead = [of_trace(plain.record_step()) for _ in range(3)]
    assert [of_trace(another.record_step()) for _ in range(3)] == ahead
    assert of_state(plain.model) == of_state(another.model)


def test_layers_and_batches_may_share_a_generator() -> None:
    def make() -> Trainer:
        made, rng = trainer_with(), np.random.default_rng(0)
        made.model[4].rng = rng
        return Trainer(made.model, made.optimizer, made.data, 60, rng)

    history, plain = History(make(), every=3), make()
    # Into another epoch.
    length = plain.batches.batches_per_epoch + 4
    seen = [of_trace(history.advance()) for _ in range(length)]
    for k in (length, 5, length - 1, 2):
        assert of_trace(history.goto(k)) == seen[k - 1]
    assert [of_trace(plain.record_step()) for _ in range(length)] == seen
