"""Whatever is done to a run, what is in sight is what the address of that moment gives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.random import Generator

from tests.viz_app.viewers import arrive, numbers, opened, same, viewer_of
from viz_app.run.edits.edit import parse
from viz_app.run.past.runs import Left
from viz_app.run.past.undo import undoable
from viz_app.run.replay import Change
from viz_app.viewer import Viewer

PLACES = (
    *("conv1.weight:0,0,1,1", "conv1.weight:3,0", "bn1.weight:1", "bn1.running_var:2"),
    *("bn1.running_mean:0", "linear.bias:0", "conv2.weight:1,2"),
)
RATES, BATCHES = (0.5, 0.03, 0.1), (16, 32)


class Hand:
    """Does what people do, at random.

    Args:
        viewer: who looks.
        rng: decides what is done.
    """

    def __init__(self, viewer: Viewer, rng: Generator) -> None:
        self.viewer, self.rng = viewer, rng
        self.made: Change | Left | None = None

    def act(self) -> str:
        actions: list[Callable[[], object]] = [
            *(self.edit, self.edit, self.amend, self.amend, self.amend),
            *(self.viewer.undo, self.viewer.redo, self.viewer.step, self.viewer.step),
            *(self.rate, self.batch, self.goto),
        ]
        action = actions[self.rng.integers(len(actions))]
        action()
        arrive(self.viewer)
        return action.__name__

    def edit(self, amend: Change | Left | None = None) -> None:
        place = PLACES[self.rng.integers(len(PLACES))]
        is_kernel = place.count(",") == 1
        value = (
            ("blur", "random3", "zero")[self.rng.integers(3)]
            if is_kernel
            else repr(float(self.rng.integers(1, 40)) / 16)
        )
        behind = bool(self.rng.integers(2))
        if self.viewer.edit(parse(f"{place}:{value}"), behind=behind, amend=amend):
            self.made = undoable(self.viewer.run)

    def amend(self) -> None:
        self.edit(self.made)

    def rate(self) -> None:
        self.viewer.set("learning_rate", RATES[self.rng.integers(len(RATES))])

    def batch(self) -> None:
        self.viewer.set("batch_size", BATCHES[self.rng.integers(len(BATCHES))])

    def goto(self) -> None:
        self.viewer.goto(int(self.rng.integers(1, self.viewer.run.history.length + 1)))


@pytest.mark.parametrize("seed", range(6))
def test_what_is_in_sight_is_what_its_address_gives(seed: int) -> None:
    rng = np.random.default_rng(seed)
    viewer = viewer_of("digits", batch_size=16)
    hand, done = Hand(viewer, rng), list[str]()
    for _ in range(20):
        done.append(hand.act())
        assert not viewer.message.startswith("Iteration is"), done
        other = opened(viewer)
        assert other.trace.loss == viewer.trace.loss, done
        assert same(numbers(other), numbers(viewer)), done
        # Those of iterations that lie ahead are no part of it.
        until = [c for c in viewer.run.changes if c.at <= viewer.trace.iteration]
        assert other.run.changes == until, done
        assert other.run.settings == viewer.run.settings, done
        assert other.run.fingerprint == viewer.run.fingerprint, done
