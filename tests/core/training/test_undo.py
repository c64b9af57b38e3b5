"""A step that raises leaves the trainer as before it: the same step can be made again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.errors import DivergenceError
from core.optim import SGD, Adam
from core.training.trainer import Trainer
from tests.core.runs import fingerprint, future, make_trainer


class BrokenError(Exception):
    """What a part of a trainer raises here."""


def breaks_after(method: Callable[..., Any]) -> Callable[..., Any]:
    """Do the work, then raise."""

    def broken(*args: Any) -> None:
        method(*args)
        raise BrokenError

    return broken


def in_forward(trainer: Trainer) -> object:
    return trainer.model.layers[-1]


def in_backward(trainer: Trainer) -> object:
    return trainer.model.layers[0]


def in_loss(trainer: Trainer) -> object:
    return trainer.loss


def in_optimizer(trainer: Trainer) -> object:
    return trainer.optimizer


PLACES: dict[str, tuple[Callable[[Trainer], object], str]] = {
    "forward": (in_forward, "_forward"),
    "backward": (in_backward, "_backward"),
    "loss": (in_loss, "forward"),
    "loss backward": (in_loss, "backward"),
    "one update": (in_optimizer, "_step"),
    "all updates": (in_optimizer, "step"),
    "metrics": (in_loss, "metrics"),
}


@pytest.mark.parametrize("record", [False, True])
@pytest.mark.parametrize("optimizer", [SGD, Adam])
@pytest.mark.parametrize("place", PLACES)
# 16 of 1437 samples in a batch: the last of the epoch is the 90th.
@pytest.mark.parametrize("steps", [0, 3, 89])
def test_a_step_that_raises_leaves_all_as_before(
    place: str, optimizer: type[Any], steps: int, record: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer, untouched = make_trainer(), make_trainer()
    for each in (trainer, untouched):
        each.optimizer = optimizer(each.model.parameters(), 0.01)
        for _ in range(steps):
            each.step()
    find, method = PLACES[place]
    owner = find(trainer)
    with monkeypatch.context() as patch:
        patch.setitem(vars(owner), method, breaks_after(getattr(owner, method)))
        with pytest.raises(BrokenError):
            trainer.record_step() if record else trainer.step()
    assert fingerprint(trainer.get_state()) == fingerprint(untouched.get_state())
    assert future(trainer, 3) == future(untouched, 3)


def test_numbers_that_outgrow_in_the_update_leave_all_as_before() -> None:
    trainer = make_trainer(text="flatten, linear 8, tanh, linear 10")
    trainer.step()
    trainer.optimizer.params[-1].value.fill(3.4e38)
    trainer.model[-1].params["weight"].value[...] = 0
    trainer.optimizer.lr = 3e38
    before = fingerprint(trainer.get_state())
    for _ in range(2):
        with pytest.raises(DivergenceError, match="the update of linear2 in iteration 2"):
            trainer.step()
        assert fingerprint(trainer.get_state()) == before


def test_the_mode_of_the_layers_stays() -> None:
    trainer = make_trainer()
    trainer.model.eval()
    vars(trainer.loss)["backward"] = breaks_after(trainer.loss.backward)
    with pytest.raises(BrokenError):
        trainer.step()
    assert not any(layer.training for layer in trainer.model.walk())
