from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import viz_app.layer_views  # noqa: F401  registers the views
from core.data import from_images
from viz_app.cursor import GRAINS
from viz_app.scene.registry import view_of
from viz_app.session import Session
from viz_app.url import FIELDS, follow, parse, text, to_query

ACTIONS = st.one_of(
    st.tuples(st.just("grain"), st.sampled_from(GRAINS)),
    st.tuples(st.sampled_from(["step", "step", "back"]), st.none()),
    st.tuples(st.just("rate"), st.floats(1e-6, 0.5)),
    st.tuples(st.just("batch"), st.integers(1, 12)),
    st.tuples(st.just("go"), st.tuples(st.integers(0, 99), st.integers(0, 9))),
    st.tuples(st.just("select"), st.integers(0, 10**6)),
)
# Words that an address may hold: anything, or nearly right.
WORDS = st.one_of(
    st.text(max_size=12),
    st.integers(-(10**20), 10**20).map(str),
    st.floats().map(repr),
    st.sampled_from(["X_in,0,0,0,0", "X_in,99,0,0,0", "loss", "1:learning_rate:0.5", "Layer"]),
    st.sampled_from(
        ["0:batch_size:1000000", "5:learning_rate:0.1;2:batch_size:3", "digits", "one"]
    ),
)


def act(session: Session, action: str, value: Any) -> None:  # noqa: ANN401
    if action == "grain":
        session.grain = value
    elif action == "step":
        session.step()
    elif action == "back":
        session.back()
    elif action == "rate":
        session.learning_rate = value
    elif action == "batch":
        session.batch_size = value
    elif action == "go":
        stage = value[0] % len(session.trace.stages)
        session.go(stage, value[1] % len(session.trace.stages[stage].inner))
    else:
        select(session, value)


def select(session: Session, cell: int) -> None:
    """Select one of all cells that are drawn here."""
    look = session.look()
    panels = [p for p in view_of(look)(look).panels.values() if p.title != "target t"]
    panel = panels[cell % len(panels)]
    shape = look.arrays[panel.array].shape
    index = tuple(int(k) for k in np.unravel_index(cell % int(np.prod(shape)), shape))
    session.select(
        {"key": panel.array, "index": list(index), "coordinates": panel.coordinates(index)}
    )


def arrive(session: Session, query: dict[str, str]) -> None:
    follow(session, query)
    while session.journey is not None:
        session.journey.go_on()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**40), actions=st.lists(ACTIONS, max_size=8))
def test_an_address_leads_back(seed: int, actions: list[tuple[str, Any]]) -> None:
    session = Session()
    session.begin(preset="one", seed=seed, batch_size=4)
    for action, value in actions:
        act(session, action, value)
    query = to_query(session)
    assert parse(text(query)) == query
    other = Session()
    arrive(other, parse(text(query)))
    assert other.message == ""
    assert to_query(other) == query
    assert other.status == session.status
    assert (other.learning_rate, other.batch_size) == (session.learning_rate, session.batch_size)
    assert other.selection.get("index") == session.selection.get("index")
    for key, array in session.look().arrays.items():
        np.testing.assert_array_equal(other.look().arrays[key], array)
    # And both go on alike.
    for one in (session, other):
        one.grain = "Iteration"
        one.step()
    assert other.status == session.status


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(query=st.dictionaries(st.sampled_from([*FIELDS, "other"]), WORDS, max_size=5))
def test_garbage_is_named_and_leaves_a_session_that_works(query: dict[str, str]) -> None:
    session = Session()
    if len(query.get("iteration", "")) > 1:
        # A long journey is tried elsewhere.
        query = {**query, "iteration": f"x{query['iteration']}"}
    arrive(session, parse(text(query)))
    session.look()
    assert to_query(session)
    session.grain = "Layer"
    before = session.stage
    session.step()
    # A learning rate of a billion is a number, but no step can be made with it: that is said.
    moved = session.stage == before + 1 or session.trace.iteration > 1
    assert moved or "learning rate" in session.message


@given(search=st.text(max_size=60))
def test_any_text_can_be_parsed(search: str) -> None:
    assert all(isinstance(word, str) for word in parse(search).values())


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"preset": "nothing"}, "preset"),
        ({"rate": "nan"}, "rate"),
        ({"rate": "-1"}, "rate"),
        ({"batch": "0"}, "batch"),
        ({"seed": "-1"}, "seed"),
        ({"iteration": "0"}, "iteration"),
        ({"stage": "last"}, "stage"),
        ({"cell": "X_in,-1"}, "cell"),
        ({"changes": "3:momentum:0.5"}, "changes"),
        ({"changes": "3"}, "changes"),
    ],
)
def test_what_cannot_be_read_is_named(query: dict[str, str], named: str) -> None:
    session = Session()
    arrive(session, query)
    assert session.message.startswith(f"The address was read in part: {named}: ")
    assert session.status == Session().status


@pytest.mark.parametrize(
    "query",
    [{"batch": "1000000"}, {"iteration": "3", "changes": "1:batch_size:1000000"}],
    ids=["from the start", "on the way"],
)
def test_a_batch_larger_than_the_data_is_no_obstacle(query: dict[str, str]) -> None:
    session = Session()
    arrive(session, query)
    session.step()
    assert len(session.trace.indices) <= len(session.data.train)


def test_a_place_that_the_run_does_not_have_becomes_the_nearest() -> None:
    session = Session()
    arrive(session, {"stage": "999", "inner": "99", "sample": "999", "cell": "X_in,999,0,0,0"})
    assert session.stage == len(session.trace.stages) - 1
    assert session.inner == len(session.current.inner) - 1
    assert session.sample == len(session.trace.indices) - 1
    assert session.selection == {}


def test_own_data_are_named_since_an_address_cannot_hold_them() -> None:
    session = Session()
    images = np.random.default_rng(0).integers(0, 256, (20, 8, 8)).astype(np.uint8)
    session.use_data(from_images(images, np.arange(20) % 2, name="halves"))
    other = Session()
    arrive(other, to_query(session))
    assert "data: " in other.message


def test_an_address_of_a_past_moment_leaves_later_changes_out() -> None:
    session = Session()
    session.step()
    session.learning_rate = 0.5
    session.step()
    assert to_query(session)["changes"] == "2:learning_rate:0.5"
    session.back()
    session.back()
    assert "changes" not in to_query(session)
