from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.viz_app.viewers import arrive, own_data, viewer_of
from viz_app.dashboard import Dashboard
from viz_app.place.address import FIELDS, WORDS, parse, text, to_query
from viz_app.place.place import COLOURS, GRAINS
from viz_app.scene.registry import view_of
from viz_app.viewer import Viewer

ACTIONS = st.one_of(
    st.tuples(st.just("grain"), st.sampled_from(GRAINS)),
    st.tuples(st.sampled_from(["step", "step", "back"]), st.none()),
    st.tuples(st.just("rate"), st.floats(1e-6, 0.5)),
    st.tuples(st.just("batch"), st.integers(1, 12)),
    st.tuples(st.just("colours"), st.sampled_from(COLOURS)),
    st.tuples(st.just("go"), st.tuples(st.integers(0, 99), st.integers(0, 9))),
    st.tuples(st.just("select"), st.integers(0, 10**6)),
    st.tuples(st.just("scroll"), st.integers(0, 30)),
)
# Words that an address may hold: anything, or nearly right.
GARBAGE = st.one_of(
    st.text(max_size=12),
    st.integers(-(10**20), 10**20).map(str),
    st.floats().map(repr),
    st.sampled_from(["X_in,0,0,0,0", "X_in,99,0,0,0", "loss", "1:learning_rate:0.5", "Layer"]),
    st.sampled_from(
        [
            "0:batch_size:1000000",
            "5:learning_rate:0.1;2:batch_size:3",
            "digits",
            "one",
            "c,s,t:3",
            "c,s,t:-3",
            ":",
            "nothing:1;c,s,t:99",
        ]
    ),
)


def act(viewer: Viewer, action: str, value: Any) -> None:  # noqa: ANN401
    actions: dict[str, Callable[[], None]] = {
        "grain": lambda: viewer.change(grain=value),
        "step": viewer.step,
        "back": viewer.back,
        "rate": lambda: viewer.set("learning_rate", value),
        "batch": lambda: viewer.set("batch_size", value),
        "colours": lambda: viewer.change(colours=value),
        "go": lambda: viewer.go_to_stage(*value),
        "select": lambda: select(viewer, value),
        "scroll": lambda: viewer.scroll({"c,s,t": value, "n,i,j": 2, "f": value}.items()),
    }
    actions[action]()


def select(viewer: Viewer, cell: int) -> None:
    """Select one of all cells that are drawn here."""
    look = viewer.look
    panels = [p for p in view_of(look)(look).panels.values() if p.title != "target t"]
    panel = panels[cell % len(panels)]
    shape = look.arrays[panel.array].shape
    index = tuple(int(k) for k in np.unravel_index(cell % int(np.prod(shape)), shape))
    viewer.select(panel.array, index, panel.coordinates(index))


def follow(viewer: Viewer, query: dict[str, str]) -> None:
    Dashboard(viewer).open(query)
    arrive(viewer)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**40), actions=st.lists(ACTIONS, max_size=8))
def test_an_address_leads_back(seed: int, actions: list[tuple[str, Any]]) -> None:
    viewer = viewer_of("one", seed=seed, batch_size=4)
    for action, value in actions:
        act(viewer, action, value)
    query = to_query(viewer.run, viewer.place)
    assert parse(text(query)) == query
    other = viewer_of()
    follow(other, parse(text(query)))
    assert other.message == ""
    assert to_query(other.run, other.place) == query
    assert other.place == viewer.place
    assert other.status == viewer.status
    assert other.run.settings == viewer.run.settings
    for key, array in viewer.look.arrays.items():
        np.testing.assert_array_equal(other.look.arrays[key], array)
        assert other.look.limits(key, array) == viewer.look.limits(key, array)
    # And both go on alike.
    for one in (viewer, other):
        one.change(grain="Iteration")
        one.step()
    assert other.status == viewer.status


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    query=st.dictionaries(
        st.sampled_from([*WORDS, *FIELDS, "iteration", "changes", "other"]), GARBAGE, max_size=5
    )
)
def test_garbage_is_named_and_leaves_a_viewer_that_works(query: dict[str, str]) -> None:
    viewer = viewer_of("one")
    if len(query.get("iteration", "")) > 1:
        # A long replay is tried elsewhere.
        query = {**query, "iteration": f"x{query['iteration']}"}
    follow(viewer, parse(text(query)))
    assert to_query(viewer.run, viewer.place)
    viewer.change(grain="Layer")
    before = viewer.place.stage
    viewer.step()
    # A learning rate of a million is a number, but no step can be made with it: that is said.
    moved = viewer.place.stage == before + 1 or viewer.trace.iteration > 1
    assert moved or "learning rate" in viewer.message


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
        ({"changes": "3:batch_size:1000000"}, "changes"),
        ({"changes": ";".join(["1:batch_size:3"] * 1000)}, "changes"),
        ({"batch": "100000"}, "batch"),
        ({"rate": "1e39"}, "rate"),
        ({"dtype": "float16"}, "dtype"),
        ({"colours": "all"}, "colours"),
        ({"data": "own"}, "data"),
        ({"data": "own 0"}, "data"),
    ],
)
def test_what_cannot_be_read_is_named(query: dict[str, str], named: str) -> None:
    viewer = viewer_of()
    follow(viewer, query)
    assert viewer.message.startswith(f"The address was read in part: {named}: ")
    assert viewer.status == viewer_of().status


def test_an_own_network_is_in_the_address() -> None:
    text_of_it = "conv 2 k3, tanh, flatten, linear {classes}"
    viewer = viewer_of()
    follow(viewer, {"model": text_of_it, "data": "strokes", "iteration": "5", "stage": "2"})
    assert viewer.message == ""
    assert (viewer.trace.iteration, viewer.stage.layer) == (5, "tanh")
    query = to_query(viewer.run, viewer.place)
    assert query["model"] == text_of_it
    other = viewer_of()
    follow(other, parse(text(query)))
    assert other.status == viewer.status
    other.set("preset", "one")
    assert "model" not in to_query(other.run, other.place)


@pytest.mark.parametrize("network", ["conv 2 k30", "nothing", "conv 2, linear 3", "", "(" * 500])
def test_a_network_that_cannot_be_read_is_named(network: str) -> None:
    viewer = viewer_of()
    follow(viewer, {"model": network})
    assert "model: " in viewer.message
    assert viewer.status == viewer_of().status


def test_what_was_wrong_is_still_said_at_the_end_of_a_replay() -> None:
    viewer = viewer_of("one")
    follow(viewer, {"preset": "one", "iteration": "40", "rate": "1e39", "stage": "x"})
    assert viewer.trace.iteration == 40
    assert "rate: Learning rate is 1e+39" in viewer.message
    assert "stage: " in viewer.message


LIMITS = {
    "stage": ("999", "999 is not from 1 to 26"),
    "inner": ("99", "99 is not from 1 to 4"),
    "sample": ("-1", "-1 is not from 0 to 7"),
    "channel": ("999999", "999999 is not from 0 to 63"),
    "out": (str(10**30), f"{10**30} is not from 0 to 63"),
}


@pytest.mark.parametrize("word", LIMITS)
def test_a_number_that_the_moment_does_not_have_becomes_the_nearest_and_that_is_said(
    word: str,
) -> None:
    viewer, (text_of_it, said) = viewer_of(), LIMITS[word]
    follow(viewer, {word: text_of_it})
    assert viewer.message == f"The address was read in part: {word}: {said}, the nearest is shown"
    last = said.rpartition(" ")[2]
    nearest = last if not text_of_it.startswith("-") else "0"
    assert to_query(viewer.run, viewer.place)[word] == nearest
    # The address of what is shown is right.
    other = viewer_of()
    follow(other, to_query(viewer.run, viewer.place))
    assert (other.message, other.place) == ("", viewer.place)


def test_all_that_is_not_there_is_said_at_once() -> None:
    viewer = viewer_of()
    follow(
        viewer,
        {"iteration": "x", "stage": "99", "cell": "X_in,9,0,0,0", "scroll": "n:3", "channel": "70"},
    )
    for word in ("iteration", "stage", "channel", "cell", "scroll"):
        assert f"{word}: " in viewer.message
    assert viewer.message.count("The address was read in part") == 1
    assert viewer.cell is None
    assert viewer.place.scroll == ()


def test_a_channel_may_be_one_that_only_another_layer_has() -> None:
    viewer = viewer_of()
    viewer.change(grain="Layer")
    viewer.go_to_layer("conv2")
    viewer.select("X_out", (0, 5, 0, 0), {"n": 0, "o": 5, "i": 0, "j": 0})
    viewer.go_to_layer("conv1")
    other = viewer_of()
    follow(other, to_query(viewer.run, viewer.place))
    assert (other.message, other.place) == ("", viewer.place)
    assert other.place.out_channel == 5


@pytest.mark.parametrize(
    ("scroll", "found", "missed"),
    [
        ("c,s,t:4;n,i,j:20", (("c,s,t", 4), ("n,i,j", 20)), ""),
        ("n,i,j:99", (("n,i,j", 63),), "n,i,j:99"),
        ("c,s,t:4;f:3", (("c,s,t", 4),), "f:3"),
        ("across:7;down:3", (("across", 7), ("down", 3)), ""),
    ],
)
def test_what_is_scrolled_into_sight_is_in_the_address(
    scroll: str, found: tuple[tuple[str, int], ...], missed: str
) -> None:
    viewer = viewer_of()
    follow(viewer, {"stage": "1", "scroll": scroll})
    assert viewer.place.scroll == found
    assert (f"scroll: {missed} is not in the matrices" in viewer.message) == bool(missed)
    assert bool(viewer.message) == bool(missed)
    # It stays at a step, and is gone with the stage.
    viewer.step()
    assert (viewer.trace.iteration, viewer.place.scroll) == (2, found)
    viewer.change(grain="Layer")
    viewer.step()
    assert "scroll" not in to_query(viewer.run, viewer.place)


@pytest.mark.parametrize("scroll", ["c,s,t", "c,s,t:-1", "c,s,t:x", ""])
def test_a_scroll_that_cannot_be_read_is_named(scroll: str) -> None:
    viewer = viewer_of()
    follow(viewer, {"scroll": scroll})
    assert viewer.message.startswith("The address was read in part: scroll: ")


def test_changes_behind_the_iteration_are_left_out_and_that_is_said() -> None:
    viewer = viewer_of("one")
    changes = "2:learning_rate:0.5;3:batch_size:3"
    follow(viewer, {"preset": "one", "iteration": "2", "changes": changes})
    assert "changes: 3:batch_size:3 is behind iteration 2" in viewer.message
    assert to_query(viewer.run, viewer.place)["changes"] == "2:learning_rate:0.5"


def test_own_data_are_named_since_an_address_cannot_hold_them() -> None:
    viewer = viewer_of()
    viewer.use_data(own_data())
    other = viewer_of()
    follow(other, to_query(viewer.run, viewer.place))
    assert "data: " in other.message


def test_an_address_of_a_past_moment_leaves_later_changes_out() -> None:
    viewer = viewer_of()
    viewer.step()
    viewer.set("learning_rate", 0.5)
    viewer.step()
    assert to_query(viewer.run, viewer.place)["changes"] == "2:learning_rate:0.5"
    viewer.back()
    viewer.back()
    assert "changes" not in to_query(viewer.run, viewer.place)
