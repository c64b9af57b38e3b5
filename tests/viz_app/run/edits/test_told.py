"""What is said of a change, and what Undo then takes back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.inspect.cell import Cell
from core.inspect.explain import explain
from tests.viz_app.viewers import arrive, numbers, own_data, same, trained, viewer_of
from viz_app.compare.difference import Difference
from viz_app.components.explanation.explanation import explained
from viz_app.controls.settings.tools import Tools
from viz_app.dashboard import Dashboard
from viz_app.run.edits.edit import parse
from viz_app.run.edits.origin import origin_of
from viz_app.run.past.undo import undoable
from viz_app.run.weights import read_weights, weights_file

EDIT = parse("conv1.weight:0,0,1,1:0.5")


def test_undo_is_offered_beside_its_own_change_only() -> None:
    viewer = trained(2)
    viewer.edit(EDIT)
    assert viewer.offers_undo
    assert not viewer.is_refusal
    viewer.enter("learning_rate", "-1")
    assert viewer.is_refusal
    assert not viewer.offers_undo
    viewer.undo()
    assert viewer.message == f"Undone: {EDIT.words}."
    assert not viewer.is_refusal
    assert not viewer.offers_undo


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("optimizer", "adam", "optimiser adam"),
        ("seed", 9, "seed 9"),
        ("preset", "one", "preset One convolution"),
        ("dtype", "float32", "precision float32"),
    ],
)
def test_a_setting_that_begins_anew_says_so_and_is_undone(
    name: str, value: object, words: str
) -> None:
    viewer = trained(4)
    viewer.edit(EDIT)
    before, recipe, changes = numbers(viewer), viewer.run.recipe, list(viewer.run.changes)
    viewer.set(name, value)
    assert viewer.message == f"A new run begins at iteration 1: {words}."
    assert viewer.trace.iteration == 1
    assert viewer.offers_undo
    viewer.undo()
    arrive(viewer)
    assert viewer.message == f"Undone: {words}."
    assert viewer.run.recipe == recipe
    assert viewer.run.changes == changes
    assert same(numbers(viewer), before)


def test_beginning_anew_is_said_and_undone() -> None:
    viewer = trained(4)
    viewer.edit(EDIT)
    before, changes = numbers(viewer), list(viewer.run.changes)
    viewer.reset()
    assert viewer.message == (
        "A new run begins at iteration 1: new beginning with the same settings."
    )
    assert (viewer.trace.iteration, viewer.offers_undo) == (1, True)
    viewer.undo()
    arrive(viewer)
    assert (viewer.trace.iteration, viewer.run.changes) == (4, changes)
    assert same(numbers(viewer), before)
    other = viewer_of()
    other.reset()
    assert (other.message, undoable(other.run)) == ("", None)


def test_the_removal_of_own_data_is_said_and_undone() -> None:
    viewer, data = viewer_of(), own_data()
    viewer.use_data(data)
    for _ in range(3):
        viewer.step()
    before = numbers(viewer)
    viewer.forget_data()
    assert viewer.message == "A new run begins at iteration 1: data set Digits 8×8."
    assert (viewer.run.own, viewer.run.data.name, viewer.trace.iteration) == (None, "digits", 1)
    assert viewer.offers_undo
    viewer.undo()
    arrive(viewer)
    assert viewer.run.own is data
    assert viewer.run.data is data
    assert same(numbers(viewer), before)


def test_nothing_is_said_where_nothing_was_done() -> None:
    viewer = viewer_of()
    viewer.set("optimizer", "adam")
    assert (viewer.message, undoable(viewer.run)) == ("", None)


def test_loaded_weights_are_told_and_explained() -> None:
    viewer = trained(3)
    _, content = weights_file(viewer.run.history.trainer)
    viewer.use_weights(read_weights("mine.npz", len(content), content))
    assert viewer.message == (
        "A new run begins at iteration 1: weights of mine.npz, with the optimiser's state."
    )
    viewer.select("kernels", (0, 0, 1, 1), {})
    cell = viewer.cell
    assert cell is not None
    assert origin_of(viewer.run, viewer.trace, cell) == "from mine.npz"
    viewer.edit(EDIT)
    assert origin_of(viewer.run, viewer.trace, cell) == "changed by hand before this iteration"


@pytest.mark.parametrize("iteration", [1, 3])
def test_a_number_that_was_typed_is_explained_so(iteration: int) -> None:
    viewer = trained(iteration)
    viewer.edit(EDIT)
    viewer.go_to_stage(0, 0)
    viewer.select("kernels", (0, 0, 1, 1), {})
    cell = viewer.cell
    assert cell is not None
    found = explained(viewer.trace, cell)
    assert explain(viewer.trace, cell).terms[0].note.startswith("learned: ")
    told = replace(found, origin=origin_of(viewer.run, viewer.trace, cell)).message()
    assert told["terms"][0]["note"] == "learned: changed by hand before this iteration"
    other = replace(cell, index=(0, 0, 0, 0))
    assert origin_of(viewer.run, viewer.trace, other) == ""
    viewer.step()
    assert origin_of(viewer.run, viewer.trace, cell) == ""


def test_the_settings_have_a_button_that_undoes() -> None:
    viewer = trained(2)
    tools = Tools(viewer, viewer.use_data, viewer.use_weights)
    assert tools.undo.disabled
    viewer.edit(EDIT)
    viewer.close_message()
    assert not tools.undo.disabled
    viewer.undo()
    assert tools.undo.disabled
    viewer.set("seed", 5)
    assert not tools.undo.disabled


def test_a_refusal_of_files_ends_with_good_ones() -> None:
    viewer = viewer_of()
    viewer.refuse("notes.pdf is no picture", "data")
    viewer.grant("probe")
    assert viewer.message
    viewer.grant("data")
    assert viewer.message == ""


def test_only_run_a_is_edited_and_a_click_explains_its_own_run() -> None:
    viewer = viewer_of("one")
    dashboard = Dashboard(viewer)
    viewer.compare(Difference("learning_rate", 0.5))
    arrive(viewer)
    viewer.go_to_stage(0, 0)
    at = {"stage": 0, "key": "kernels", "index": [0, 0, 1, 1], "coordinates": {}}
    for panel, said in (("kernels@second", "Run B takes over"), ("kernels@less", "This is B − A")):
        dashboard._hear_board({"edit": {**at, "panel": panel}})
        assert viewer.message.startswith(said)
        assert dashboard.board.editing == {}
    dashboard._hear_board({**at, "panel": "kernels@second"})
    assert viewer.place.run == "b"
    dashboard._hear_board({**at, "panel": "kernels"})
    assert viewer.place.run == "a"
    dashboard._hear_board({"edit": {**at, "panel": "kernels"}})
    assert dashboard.board.editing


@pytest.mark.parametrize("behind", [False, True])
def test_a_running_statistic_says_where_it_shows(behind: bool) -> None:
    viewer = trained(2)
    loss = viewer.trace.loss
    viewer.edit(parse("bn1.running_mean:0:3"), behind=behind)
    assert "it shows where the test images are evaluated" in viewer.message
    assert viewer.trace.loss == loss
    viewer.edit(parse("bn1.weight:0:3"), behind=behind)
    assert "test images" not in viewer.message


def test_a_running_statistic_before_the_batch_is_explained_by_where_it_comes_from() -> None:
    viewer = trained(2)
    cell = Cell("forward", "bn1", "running_mean_before", (0,))
    told = explained(viewer.trace, cell).message()
    assert "=" in told["formula"]
    assert told["own"] == ""
    assert told["terms"][0]["note"] == "left by the iteration before"
    viewer.edit(parse("bn1.running_mean:0:3"))
    found = explained(viewer.trace, cell)
    told = replace(found, origin=origin_of(viewer.run, viewer.trace, cell)).message()
    assert told["terms"][0]["note"] == "changed by hand before this iteration"


def test_weights_loaded_after_a_new_beginning_are_undone_and_so_is_that() -> None:
    viewer = trained(4)
    viewer.edit(EDIT)
    before, changes = numbers(viewer), list(viewer.run.changes)
    _, content = weights_file(viewer.run.history.trainer)
    viewer.reset()
    fresh = numbers(viewer)
    viewer.use_weights(read_weights("mine.npz", len(content), content))
    loaded = numbers(viewer)
    assert viewer.offers_undo
    # What is begun from a run in which nothing was done says nothing, and loses nothing.
    viewer.set("seed", 9)
    assert viewer.message == ""
    viewer.set("seed", 0)
    assert same(numbers(viewer), loaded)
    viewer.undo()
    arrive(viewer)
    assert viewer.run.recipe.weights is None
    assert same(numbers(viewer), fresh)
    viewer.set("seed", 9)
    assert (viewer.message, viewer.can_undo) == ("", True)
    viewer.undo()
    arrive(viewer)
    assert viewer.run.changes == changes
    assert undoable(viewer.run) == changes[-1]
    assert same(numbers(viewer), before)


def test_weights_that_give_way_to_others_or_to_drawn_ones_come_back() -> None:
    viewer = viewer_of()
    _, content = weights_file(viewer.run.history.trainer)
    first, other = (read_weights(name, len(content), content) for name in ("a.npz", "b.npz"))
    viewer.use_weights(first)
    viewer.use_weights(other)
    viewer.use_weights(None)
    assert viewer.message == "A new run begins at iteration 1: weights that the seed draws."
    for weights in (other, first, None):
        assert viewer.can_undo
        viewer.undo()
        arrive(viewer)
        assert viewer.run.recipe.weights is weights
    assert not viewer.can_undo


def test_runs_that_hold_much_of_their_persons_are_given_up_but_for_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    viewer = viewer_of()
    monkeypatch.setattr("viz_app.run.past.runs.RUN_BUDGET", 2 * own_data().train.images.nbytes)
    for n in (20, 22, 24, 26):
        viewer.use_data(own_data(n=n))
        viewer.step()
    viewer.reset()
    sizes = []
    while viewer.can_undo:
        viewer.undo()
        arrive(viewer)
        sizes.append(len(viewer.run.data.train) + len(viewer.run.data.test))
    assert sizes == [26, 24]
