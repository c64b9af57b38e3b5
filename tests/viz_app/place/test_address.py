from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.viz_app.viewers import USUAL, arrive, own_data, viewer_of
from viz_app.dashboard import Dashboard
from viz_app.place.address import WORDS, is_moment, parse, text, to_query
from viz_app.place.fields import FIELDS
from viz_app.place.place import COLOURS, GRAINS
from viz_app.run.presets import DEFAULT, PRESETS
from viz_app.run.run import Run
from viz_app.scene.registry import view_of
from viz_app.style.gradients import NOTATIONS
from viz_app.style.notation import markup
from viz_app.viewer import Viewer

ACTIONS = st.one_of(
    st.tuples(st.just("grain"), st.sampled_from(GRAINS)),
    st.tuples(st.sampled_from(["step", "step", "back"]), st.none()),
    st.tuples(st.just("rate"), st.floats(1e-6, 0.5)),
    st.tuples(st.just("batch"), st.integers(1, 12)),
    st.tuples(st.just("colours"), st.sampled_from(COLOURS)),
    st.tuples(st.just("notation"), st.sampled_from(NOTATIONS)),
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
        "notation": lambda: viewer.change(notation=value),
        "go": lambda: viewer.go_to_stage(*value),
        "select": lambda: select(viewer, value),
        "scroll": lambda: viewer.scroll({"c,s,t": value, "n,i,j": 2, "f": value}.items()),
    }
    actions[action]()


def select(viewer: Viewer, cell: int) -> None:
    """Select one of all cells that are drawn here."""
    look = viewer.look
    panels = [p for p in view_of(look)(look).panels.values() if p.title != markup("target t")]
    panel = panels[cell % len(panels)]
    shape = look.arrays[panel.array].shape
    index = tuple(int(k) for k in np.unravel_index(cell % int(np.prod(shape)), shape))
    viewer.select(panel.array, index, panel.coordinates(index))


def follow(viewer: Viewer, query: dict[str, str]) -> None:
    for word, text_of_it in USUAL.items():
        query.setdefault(word, text_of_it)
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
        st.sampled_from([*WORDS, *FIELDS, "iteration", "changes", "other"]),
        GARBAGE,
        max_size=5,
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
        ({"notation": "dots"}, "notation"),
        ({"data": "own"}, "data"),
        ({"data": "own 0"}, "data"),
        ({"iteration": ""}, "iteration"),
        ({"rate": "1e-400"}, "rate"),
        ({"seed": "1e-400"}, "seed"),
        ({"model": ""}, "model"),
    ],
)
def test_what_cannot_be_read_is_named(query: dict[str, str], named: str) -> None:
    viewer = viewer_of()
    follow(viewer, query)
    assert viewer.message.startswith(f"The address was read in part: {named}: ")
    preset = DEFAULT if named == "preset" else USUAL["preset"]
    assert viewer.status == viewer_of(preset).status


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
    assert "rate: Learning rate is 1e39" in viewer.message
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
    follow(viewer, {"stage": "1", "inner": "2", "scroll": scroll})
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


def test_changes_after_the_iteration_are_left_out_and_that_is_said() -> None:
    viewer = viewer_of("one")
    changes = "2:learning_rate:0.5;3:batch_size:3"
    follow(viewer, {"preset": "one", "iteration": "2", "changes": changes})
    assert "changes: 3:batch_size:3 is after iteration 2" in viewer.message
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


# What is wrong, and what is followed all the same


def read_in_part(query: str) -> tuple[Viewer, str]:
    """Follow an address; return who looks at it, and what was said of it."""
    viewer, start = viewer_of(), "The address was read in part: "
    follow(viewer, parse(query))
    assert viewer.message.startswith(start)
    return viewer, viewer.message.removeprefix(start)


def test_a_bad_change_leaves_the_good_ones() -> None:
    good = "2:learning_rate:0.3;4:batch_size:5"
    bad = "3:batch_size:100000;x:batch_size:3;3:momentum:1"
    viewer, said = read_in_part(f"iteration=6&changes=2:learning_rate:0.3;{bad};4:batch_size:5")
    assert to_query(viewer.run, viewer.place)["changes"] == good
    assert said == (
        "changes: 3:batch_size:100000 is left out: Batch size is 100000; expected a whole number "
        "from 1 to 1437 · changes: x:batch_size:3 is left out: x is not a whole number from 1 to "
        "100000 · changes: 3:momentum:1 is left out: expected iteration:setting:value, where the "
        "setting is one of learning_rate, batch_size, edit"
    )
    other = viewer_of()
    follow(other, parse(f"iteration=6&changes={good}"))
    assert other.message == ""
    assert other.status == viewer.status


def test_of_too_many_changes_the_first_are_followed_and_of_many_bad_ones_some_are_named() -> None:
    viewer, said = read_in_part("iteration=3&changes=" + ";".join(["1:batch_size:3"] * 300))
    assert said == "changes: of 300 changes the first 200 are followed"
    assert len(viewer.trace.indices) == 3
    _, said = read_in_part("changes=" + ";".join(["x"] * 100))
    assert said.count("x is left out") == 4
    assert "changes: 96 more are left out" in said


@pytest.mark.parametrize(
    ("network", "said"),
    [
        ("flatten, linear 3", "3 outputs, and the data have 10 classes: end the network with"),
        ("flatten, linear 1", "1 output, and the data have 10 classes: end the network with"),
        ("identity", "has no weights, so nothing of it can be trained: put a layer that has some"),
        ("conv 4, gap", "4×1×1 for each image, and cross-entropy needs a vector: end the network"),
    ],
)
def test_a_network_that_cannot_be_trained_leaves_the_rest(network: str, said: str) -> None:
    rest = "iteration=3&preset=residual&seed=4&stage=2&changes=1:learning_rate:0.3"
    viewer, message = read_in_part(f"{rest}&model={network}")
    assert message.startswith("model: the network ")
    assert said in message
    assert "linear 10, one output a class" in message
    other = viewer_of()
    follow(other, parse(rest))
    assert to_query(other.run, other.place) == to_query(viewer.run, viewer.place)
    assert other.status == viewer.status


def test_words_that_are_none_are_said_and_those_of_other_programs_are_not() -> None:
    viewer, said = read_in_part("nonsense=3&theme=dark&iteration=2")
    assert said.startswith("nonsense, theme are no words of an address; expected one of preset,")
    assert viewer.trace.iteration == 2
    assert read_in_part("ITERATION=3")[1] == (
        "ITERATION is no word of an address; expected iteration"
    )
    assert read_in_part("batches=3")[1] == "batches is no word of an address; expected batch"
    viewer = viewer_of()
    follow(viewer, parse("utm_source=a&utm_campaign=b&fbclid=c&gclid=d&msclkid=e&iteration=2"))
    assert (viewer.message, viewer.trace.iteration) == ("", 2)
    assert not is_moment(parse("utm_source=a&fbclid=c"))
    assert is_moment(parse("nonsense=3"))


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("iteration=3&iteration=5", "iteration"),
        ("iteration=5&changes=1:batch_size:4&changes=1:batch_size:3", "changes"),
    ],
)
def test_a_word_that_stands_there_twice_is_said_and_the_last_one_counts(
    query: str, word: str
) -> None:
    viewer, said = read_in_part(query)
    assert said == f"{word} stands there several times, the last one counts"
    assert viewer.trace.iteration == 5
    assert to_query(viewer.run, viewer.place).get("changes") in (None, "1:batch_size:3")


@pytest.mark.parametrize("text_of_it", ["4", "4.0", "4e0", " 4 ", "4,0"])
def test_there_is_one_reading_of_whole_numbers(text_of_it: str) -> None:
    viewer = viewer_of()
    words = ("iteration", "stage", "seed", "batch", "sample")
    follow(viewer, {**dict.fromkeys(words, text_of_it), "batch": "5"})
    assert viewer.message == ""
    assert viewer.trace.iteration == viewer.run.recipe.seed == viewer.place.sample == 4
    assert viewer.place.stage == 3


def test_what_is_no_cell_is_said_with_the_arrays_that_there_are() -> None:
    _, said = read_in_part("stage=1&cell=Y,0,0")
    assert "it has X_in (8×1×8×8), " in said
    assert ", X_out (8×8×8×8)" in said
    # Of the params of an update the one in sight.
    _, said = read_in_part("stage=26&inner=2&cell=Y,0")
    assert "it has before (10), " in said


def test_a_cell_that_the_inner_stage_does_not_draw_is_drawn_beside_it() -> None:
    viewer = viewer_of()
    follow(viewer, parse("?preset=digits&grain=Inside&stage=1&inner=3&cell=X_out,1,3,2,2"))
    assert viewer.message == ""
    assert (viewer.place.array, viewer.place.index) == ("X_out", (1, 3, 2, 2))
    assert viewer.place.pinned == ("X_out",)
    # Its channel is the one in sight.
    scene = viewer.scene(viewer.look)
    found = next(panel for panel in scene.panels.values() if panel.array == "X_out")
    assert found.tiles[0].prefix == (1, 3)


def test_what_is_no_axis_is_said_with_the_axes_that_there_are() -> None:
    _, said = read_in_part("stage=1&inner=3&scroll=z:1")
    assert said.startswith("scroll: z:1 is not in the matrices of this stage, the nearest is shown")
    assert "c,s,t (0 to 8)" in said
    assert "n,i,j (0 to 63)" in said


def test_sentences_do_not_run_together() -> None:
    _, said = read_in_part("rate=1e39&stage=99&model=conv 4 k99")
    assert said == (
        "rate: Learning rate is 1e39; expected a number above 0, such as 0.02, and at most "
        "1,000,000\nmodel: conv 4 k99 needs an input of at least 99×99, the image gives 8×8 "
        "(character 1)\n  conv 4 k99\n  ^\nstage: 99 is not from 1 to 26, the nearest is shown"
    )
    assert " at most 1,000,000 · stage: 99" in read_in_part("rate=1e39&stage=99")[1]


def test_what_is_wrong_stays_said_where_the_way_to_an_iteration_fails() -> None:
    viewer = viewer_of()
    follow(viewer, parse("iteration=300&preset=mnist&rate=1000000&nonsense=3&stage=99"))
    assert viewer.message.startswith("Training diverged: ")
    assert "The address was read in part: nonsense is no word" in viewer.message
    assert "stage: 99 is not from 1 to 26" in viewer.message
    assert viewer.trace.iteration == 13


def test_an_address_that_cannot_be_followed_at_all_says_so() -> None:
    viewer = viewer_of()
    viewer.use_data(own_data(size=3))
    assert "needs an input" in viewer.message
    viewer.run.own = own_data(size=2)
    follow(viewer, parse("data=own&preset=digits&stage=99&nonsense=1"))
    assert viewer.message.startswith("The address cannot be followed: ")
    assert "nonsense is no word" in viewer.message


def test_present_is_in_the_address_and_stays_when_a_run_begins() -> None:
    viewer = viewer_of()
    follow(viewer, {"present": "1"})
    assert viewer.place.present
    viewer.set("preset", "one")
    query = to_query(viewer.run, viewer.place)
    assert query["present"] == "1"
    viewer.change(present=False)
    assert "present" not in to_query(viewer.run, viewer.place)
    follow(viewer, {"present": "large"})
    assert "present: large is not one of 0, 1" in viewer.message


def test_what_an_address_leaves_out_is_as_on_the_first_screen() -> None:
    viewer = Viewer(Run(PRESETS["digits"].recipe("digits")))
    Dashboard(viewer).open({"seed": "1"})
    assert viewer.run.recipe.preset == DEFAULT == "one"
    assert (viewer.place.grain, viewer.place.stage, viewer.place.inner) == ("Inside", 0, 0)
    Dashboard(viewer).open({"preset": "digits"})
    assert (viewer.run.recipe.preset, viewer.place.grain) == ("digits", "Inside")
