"""Batches without a short last one; the rest of their contract is in `test_data`."""

from __future__ import annotations

import json
from copy import deepcopy
from pickle import dumps, loads

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data import Batches
from core.errors import StateError
from core.snapshot import capture, restore


@given(n=st.integers(1, 40), batch_size=st.integers(1, 45), seed=st.integers(0, 9))
def test_without_short_batches_an_epoch_has_whole_ones(n: int, batch_size: int, seed: int) -> None:
    batches = Batches(n, batch_size, np.random.default_rng(seed), drop_last=True)
    for epoch in range(3):
        assert batches.epoch == epoch
        seen = [batches.next() for _ in range(batches.batches_per_epoch)]
        # More samples than there are cannot be asked for.
        assert {batch.size for batch in seen} == {min(batch_size, n)}
        assert len(set(np.concatenate(seen).tolist())) == sum(batch.size for batch in seen)
    assert batches.epoch == 3


def test_a_larger_batch_size_may_end_an_epoch_early() -> None:
    batches = Batches(10, 3, np.random.default_rng(0), drop_last=True)
    batches.next()
    batches.set_batch_size(8)
    assert batches.next().size == 8
    # Seven samples of the first epoch were left, and two of the second.
    assert (batches.epoch, batches.position) == (2, 0)


def test_the_state_says_whether_short_batches_are_dropped() -> None:
    batches = Batches(10, 3, np.random.default_rng(0), drop_last=True)
    batches.next()
    state = json.loads(json.dumps(batches.get_state()))
    other = Batches(10, 3, np.random.default_rng(1))
    other.set_state(state)
    assert other.drop_last
    assert [other.next().tolist() for _ in range(9)] == [batches.next().tolist() for _ in range(9)]
    # States from before there was a choice kept short batches.
    del state["drop_last"]
    other.set_state(state)
    assert not other.drop_last
    with pytest.raises(StateError, match="'drop_last' is 1, expected True or False"):
        other.set_state({**state, "drop_last": 1})


@pytest.mark.parametrize("copied", [deepcopy, lambda batches: loads(dumps(batches))])
def test_copies_go_on_alike(copied: object) -> None:
    assert callable(copied)
    batches = Batches(10, 3, np.random.default_rng(0))
    batches.next()
    other = copied(batches)
    assert [other.next().tolist() for _ in range(9)] == [batches.next().tolist() for _ in range(9)]


def test_a_snapshot_holds_no_order_of_samples() -> None:
    batches = Batches(100_000, 30, np.random.default_rng(0))
    batches.next()
    before = capture(batches)
    assert before.nbytes < 5000
    ahead = [batches.next().tolist() for _ in range(5)]
    batches.set_batch_size(7)
    restore(batches, before)
    assert [batches.next().tolist() for _ in range(5)] == ahead


def test_without_a_generator_orders_differ() -> None:
    assert Batches(100, 100).next().tolist() != Batches(100, 100).next().tolist()
