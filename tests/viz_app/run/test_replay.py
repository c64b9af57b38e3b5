"""A replay is a state of the run in which only stopping is possible."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from core import SGD, Flatten, Layer, Linear, Model, load_dataset
from core.inspect.cell import Cell
from core.tensor import Array
from tests.viz_app.viewers import USUAL, arrive, numbers, own_data, same, viewer_of
from viz_app import explore
from viz_app.dashboard import Dashboard
from viz_app.place.address import Moment, read, text, to_query
from viz_app.place.place import Place
from viz_app.run.anew.data import use_data
from viz_app.run.anew.setting import change_setting, restart
from viz_app.run.presets import DEFAULT
from viz_app.run.replay import Change
from viz_app.viewer import Viewer

QUERY = {
    "preset": "one",
    "grain": "Iteration",
    "iteration": "4000",
    "changes": "1500:learning_rate:0.01",
}


def opened() -> Viewer:
    """A viewer on the way to an iteration far away."""
    viewer = viewer_of("one")
    viewer.open(read(QUERY))
    viewer.go_on()
    assert viewer.run.replaying
    assert viewer.run.history.trainer.iteration < 4000
    return viewer


ACTIONS: dict[str, Callable[[Viewer], object]] = {
    "step": lambda v: v.step(),
    "back": lambda v: v.back(),
    "goto": lambda v: v.goto(1),
    "rate": lambda v: v.set("learning_rate", 0.5),
    "batch": lambda v: v.set("batch_size", 3),
    "seed": lambda v: v.set("seed", 9),
    "preset": lambda v: v.set("preset", "digits"),
    "reset": lambda v: v.reset(),
    "data": lambda v: v.use_data(own_data()),
    "evaluate": lambda v: v.evaluate(),
    "stage": lambda v: v.go_to_stage(3),
    "select": lambda v: v.select("X_in", [0, 0, 1, 1], {}),
    "sample": lambda v: v.choose_sample(0),
    "visit": lambda v: v.visit(Cell("forward", "relu", "X_out", (0, 0, 0, 0))),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_nothing_changes_a_run_that_is_replayed(action: str) -> None:
    viewer, plain = opened(), viewer_of("one")
    for _ in range(3):
        ACTIONS[action](viewer)
        viewer.go_on()
    arrive(viewer)
    plain.open(read(QUERY))
    arrive(plain)
    assert viewer.trace.iteration == 4000
    assert viewer.run.changes == [Change(1500, "learning_rate", 0.01)]
    assert same(numbers(viewer), numbers(plain))
    assert to_query(viewer.run, viewer.place) == to_query(plain.run, plain.place)
    assert viewer.run.history.old_losses == []
    assert (viewer.message, viewer.run.evaluation.result) == ("", None)


def test_the_run_itself_refuses_too() -> None:
    run = opened().run
    calls: list[Callable[[], object]] = [
        run.advance, run.evaluate, lambda: run.goto(1), lambda: run.begin(run.recipe),
        lambda: restart(run), lambda: change_setting(run, "seed", 1),
        lambda: use_data(run, own_data()),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(RuntimeError, match="replayed to iteration 4000: stop that first"):
            call()


def test_stop_leaves_a_run_that_goes_on_from_there() -> None:
    viewer = opened()
    viewer.stop()
    reached = viewer.trace.iteration
    assert 1 <= reached < 4000
    assert not viewer.run.replaying
    assert viewer.run.progress is None
    viewer.step()
    assert viewer.trace.iteration == reached + 1
    plain = viewer_of("one")
    for _ in range(reached):
        plain.step()
    if reached < 1500:
        assert same(numbers(viewer), numbers(plain))


def test_a_change_is_made_at_its_iteration_and_shown_there() -> None:
    viewer = viewer_of("one")
    viewer.open(read({"preset": "one", "iteration": "9", "changes": "3:learning_rate:0.5"}))
    arrive(viewer)
    assert viewer.run.settings["learning_rate"] == viewer.trace.lr == 0.5
    viewer.goto(3)
    assert viewer.trace.lr == 0.05
    assert viewer.run.settings["learning_rate"] == 0.5
    viewer.goto(2)
    assert viewer.run.settings["learning_rate"] == 0.05


def test_a_replay_that_diverges_says_so_and_stays_where_it_could() -> None:
    viewer = viewer_of()
    viewer.open(read({**USUAL, "iteration": "500", "rate": "1000000"}))
    arrive(viewer)
    assert "diverged" in viewer.message
    assert 1 <= viewer.trace.iteration < 500
    viewer.set("learning_rate", 0.01)
    viewer.reset()
    viewer.step()
    assert (viewer.trace.iteration, viewer.message) == (2, "")


def test_a_failure_waits_until_somebody_can_hear_it() -> None:
    viewer = viewer_of("digits")
    viewer.is_shown = False
    viewer.open(read({**USUAL, "iteration": "500", "rate": "1000000"}))
    for _ in range(20):
        viewer.go_on()
    assert viewer.run.replaying
    assert viewer.message == ""
    viewer.is_shown = True
    viewer.go_on()
    assert not viewer.run.replaying
    assert viewer.run.progress is None
    assert "diverged" in viewer.message


def test_a_moment_of_the_same_run_is_gone_to_at_once() -> None:
    viewer = viewer_of("one")
    for _ in range(6):
        viewer.step()
    history, query = viewer.run.history, to_query(viewer.run, viewer.place)
    viewer.goto(2)
    viewer.open(read(query))
    assert not viewer.run.replaying
    assert viewer.run.history is history
    assert viewer.trace.iteration == 7


def test_nothing_is_drawn_until_the_moment_is_there() -> None:
    viewer = viewer_of("one")
    dashboard = Dashboard(viewer)
    before = dashboard.board.scene
    dashboard.open(QUERY)
    viewer.go_on()
    assert dashboard.board.scene is before
    assert not dashboard.strip.visible
    assert "Replaying to iteration 4000" in dashboard.player.told["progress"]["text"]
    assert dashboard.player.told["status"] == ""
    arrive(viewer)
    assert dashboard.strip.visible
    assert dashboard.board.scene is not before
    assert "iteration 4000 · " in dashboard.player.told["status"]


def test_a_click_on_a_stage_that_has_gone_is_dropped() -> None:
    viewer = viewer_of()
    dashboard = Dashboard(viewer)
    viewer.change(grain="Layer")
    for _ in range(60):
        stage = viewer.place.stage
        viewer.step()
        dashboard._choose_cell(stage, "X_in", [0, 0, 2, 2], {"n": 0, "c": 0})
        assert viewer.cell is None
        # One on the stage in sight that names no cell of it is dropped as well.
        dashboard._choose_cell(viewer.place.stage, "X_in", [99, 0, 0, 0], {})
        dashboard._choose_cell(viewer.place.stage, "nothing", [0], {})
        assert viewer.cell is None


def test_two_viewers_of_one_run_see_the_same_iteration() -> None:
    one = viewer_of("one")
    other = Viewer(one.run)
    other.go_to_stage(4)
    one.step()
    assert other.trace is one.trace
    assert (one.place.stage, other.place.stage) == (0, 4)


def test_a_selected_cell_follows_the_sample() -> None:
    viewer = viewer_of()
    viewer.go_to_stage(0, 1)
    columns = viewer.look.arrays["X_col"].shape[1]
    viewer.select("X_col", [4, 9], {"n": 0})
    viewer.choose_sample(2)
    assert viewer.place.index == (4, 9 + 2 * columns // 8)
    viewer.go_to_stage(0, 2)
    viewer.select("K", [1, 2], {"o": 1})
    viewer.choose_sample(1)
    assert viewer.place.index == (1, 2)
    np.testing.assert_equal(viewer.place.sample, 1)


def test_a_link_to_another_network_is_another_run() -> None:
    viewer = viewer_of()
    first, second = (
        {"model": f"conv {n} k3, relu, flatten, linear {{classes}}", "iteration": k}
        for n, k in ((2, "3"), (3, "2"))
    )
    viewer.open(read(first))
    arrive(viewer)
    viewer.open(read(second))
    arrive(viewer)
    assert viewer.trace.iteration == 2
    assert viewer.look.arrays["kernels"].shape[0] == 3
    assert to_query(viewer.run, viewer.place)["model"] == second["model"]


def test_the_address_stays_until_the_moment_is_there() -> None:
    viewer = viewer_of("one")
    dashboard = Dashboard(viewer)
    before = dashboard.browser.address
    dashboard.open(QUERY)
    viewer.go_on()
    assert dashboard.browser.address == before
    arrive(viewer)
    assert "iteration=4000" in dashboard.browser.address


def test_stop_keeps_the_place_and_the_note_of_a_link() -> None:
    viewer = viewer_of("one")
    viewer.open(read({**QUERY, "grain": "Layer", "stage": "3", "rate": "bad"}))
    viewer.go_on()
    viewer.stop()
    assert (viewer.place.grain, viewer.place.stage) == ("Layer", 2)
    assert "rate: " in viewer.message


def test_whoever_ends_a_replay_brings_both_viewers_to_their_places() -> None:
    one = viewer_of("one")
    other = Viewer(one.run)
    one.open(read({"preset": "one", "iteration": "30", "stage": "4", "grain": "Layer"}))
    arrive(other)
    assert (one.trace.iteration, one.place.stage, one.place.grain) == (30, 3, "Layer")
    assert other.trace is one.trace
    other.open(read({"preset": "one", "seed": "2", "iteration": "9", "stage": "2"}))
    arrive(one)
    assert (other.place.stage, one.place.stage) == (1, 0)


class Refusing(SGD):
    """Takes no learning rate above 0.3."""

    def __setattr__(self, name: str, value: object) -> None:
        if name == "lr" and isinstance(value, float) and value > 0.3:
            raise ValueError("too high")
        super().__setattr__(name, value)


def test_a_change_that_is_refused_leaves_the_others() -> None:
    explorer = explore("flatten, linear {classes}", load_dataset("digits"), optimizer=Refusing)
    viewer = explorer.viewer
    viewer.change(grain="Iteration")
    for _ in range(4):
        viewer.step()
    viewer.set("learning_rate", 0.1)
    viewer.step()
    viewer.goto(5)
    viewer.set("learning_rate", 0.5)
    assert viewer.message == "Too high. Learning rate stays 0.1."
    assert explorer.run.changes == [Change(5, "learning_rate", 0.1)]
    viewer.goto(6)
    assert viewer.trace.lr == explorer.run.settings["learning_rate"] == 0.1


class Failing(Layer):
    """Fails in its third forward pass."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error, self.count = error, 0

    def _forward(self, x: Array) -> Array:
        self.count += 1
        if self.count > 2:
            raise self.error
        return x.copy()

    def _backward(self, g: Array) -> Array:
        return g.copy()


@pytest.mark.parametrize("error", [KeyError("mine"), ValueError("mine"), IndexError("mine")])
def test_what_an_own_layer_raises_is_said_and_ends_play_and_replay(error: Exception) -> None:
    model = Model(Flatten(), Failing(error), Linear(64, 10))
    explorer = explore(model, load_dataset("digits"))
    viewer = explorer.viewer
    viewer.change(grain="Iteration")
    viewer.playing = True
    for _ in range(3):
        viewer.step()
    assert "ine" in viewer.message
    assert not viewer.playing
    assert viewer.trace.iteration == 2
    recipe = explorer.run.recipe
    viewer.open(Moment(recipe.with_(seed=1), 50, (), Place(), ()))
    arrive(viewer)
    assert "ine" in viewer.message
    assert viewer.trace.iteration == 2


def test_a_schedule_decides_the_rate_that_is_shown() -> None:
    data, rates = load_dataset("digits"), [0.1, 0.05, 0.025]
    explorer = explore("flatten, linear {classes}", data, schedule=lambda k: rates[min(k, 2)])
    viewer = explorer.viewer
    viewer.change(grain="Iteration")
    for rate in rates:
        assert explorer.run.settings["learning_rate"] == viewer.trace.lr == rate
        viewer.set("learning_rate", 0.5)
        assert "schedule" in viewer.message
        viewer.step()


def test_a_replay_that_is_left_for_another_moment_shows_nothing_on_its_way_out() -> None:
    viewer = viewer_of("one")
    page, written = Dashboard(viewer).browser, list[str]()
    # A change on the way, so that the settings are others where it is left.
    viewer.open(read({**QUERY, "changes": "2:learning_rate:0.01"}))
    viewer.go_on()
    assert viewer.run.replaying
    page.param.watch(lambda event: written.append(event.new), "address")
    viewer.open(read({"preset": "one", "iteration": "30", "stage": "2"}))
    arrive(viewer)
    assert written == [text(to_query(viewer.run, viewer.place))]


def test_an_address_without_words_leaves_a_replay_for_the_first_moment() -> None:
    viewer = opened()
    dashboard = Dashboard(viewer)
    dashboard._hear(opened="", number=7)
    arrive(viewer)
    assert (viewer.status, viewer.place) == (viewer_of(DEFAULT).status, Place())
    assert dashboard.browser.answered == 7
