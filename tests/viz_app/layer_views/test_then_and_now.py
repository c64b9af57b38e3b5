"""A param before the first update, when an iteration was visited last, and now."""

from __future__ import annotations

import numpy as np
import pytest

from core.tensor import Array
from tests.viz_app.viewers import arrive, viewer_of
from viz_app.components.navigation.head import head_of
from viz_app.place.address import read, to_query
from viz_app.place.place import THEN
from viz_app.run.recipe import Recipe
from viz_app.scene.pins import scene_of
from viz_app.scene.scene import Panel
from viz_app.viewer import Viewer

FIRST, LAST, NOW = "then@first", "then@last", "after@now"


def compared(viewer: Viewer, layer: str = "conv", inner: int = 0) -> dict[str, Panel]:
    """What stands in place of the update of a param once that is asked for."""
    trace = viewer.trace
    stage = next(k for k, s in enumerate(trace.stages) if (s.phase, s.layer) == ("update", layer))
    viewer.go_to_stage(stage, inner)
    if THEN not in viewer.place.pinned:
        assert THEN in scene_of(viewer.look).offered
        viewer.pin(THEN)
    return dict(scene_of(viewer.look).panels)


def learnt(recipe: Recipe, iteration: int, layer: str = "conv", param: str = "weight") -> Array:
    """What a run of its own has learnt by an iteration."""
    trainer = recipe.trainer()
    for _ in range(iteration):
        trainer.step()
    found = next(each for each in trainer.model.walk() if each.name == layer)
    return found.params[param].value


def test_the_numbers_are_those_of_the_run_and_have_one_scale() -> None:
    viewer = viewer_of("one")
    for _ in range(11):
        viewer.step()
    viewer.goto(5)
    panels = compared(viewer)
    recipe = viewer.run.recipe
    for key, iteration in ((FIRST, 0), (LAST, 12), (NOW, 5)):
        (tile,) = panels[key].tiles
        np.testing.assert_array_equal(tile.values, learnt(recipe, iteration)[0, 0])
    assert panels[LAST].title == "last: after iteration 12"
    assert panels[NOW].title == "now: after iteration 5"
    assert set(panels) == {FIRST, LAST, NOW}
    # Side by side; the same weight is linked in all of them.
    assert scene_of(viewer.look).layout == [
        {"grid": [[FIRST, LAST, NOW]], "heads": ["first", "last", "now"]}
    ]
    assert {panel.coordinates((0, 0, 2, 1))["s"] for panel in panels.values()} == {2}
    # What it is updated from is a press away, and has the same scale.
    viewer.pin("before")
    pinned = scene_of(viewer.look).panels
    np.testing.assert_array_equal(pinned["before@pinned"].tiles[0].values, learnt(recipe, 4)[0, 0])
    assert len({panel.limits for panel in pinned.values()}) == 1
    viewer.pin("before")
    assert "last visit" in head_of(viewer.look)["text"]
    viewer.pin(THEN)
    assert {"before", "step", "after"} <= set(scene_of(viewer.look).panels)
    assert "last visit" not in head_of(viewer.look)["text"]


def test_an_update_alone_is_the_same_wherever_somebody_was_before() -> None:
    """A link to it shows what is seen by whoever came back to it."""
    back, there = viewer_of("one"), viewer_of("one")
    for _ in range(11):
        back.step()
    for viewer in (back, there):
        viewer.goto(5)
        stages = viewer.trace.stages
        viewer.go_to_stage(next(k for k, stage in enumerate(stages) if stage.phase == "update"))
    mine, theirs = (scene_of(viewer.look).panels for viewer in (back, there))
    assert {key: panel.limits for key, panel in mine.items()} == {
        key: panel.limits for key, panel in theirs.items()
    }


def test_matrices_and_rows_are_compared_too() -> None:
    viewer = viewer_of("one")
    viewer.step()
    recipe = viewer.run.recipe
    row = {"grid": [[FIRST, LAST, NOW]], "heads": ["first", "last", "now"]}
    for inner, param in enumerate(("weight", "bias")):
        panels = compared(viewer, "linear", inner)
        for key, iteration in ((FIRST, 0), (LAST, 1), (NOW, 2)):
            values = panels[key].tiles[0].values
            wanted = learnt(recipe, iteration, "linear", param)
            np.testing.assert_array_equal(values, np.atleast_2d(wanted))
        assert scene_of(viewer.look).layout == [row]
    # Long rows stand below each other.
    viewer = viewer_of("digits")
    compared(viewer, "linear", 1)
    assert scene_of(viewer.look).layout == [[FIRST, NOW]]


def test_play_passes_by_and_a_moment_that_was_not_visited_is_said_to_be_none() -> None:
    viewer = viewer_of("one")
    panels = compared(viewer)
    assert LAST not in panels
    assert "no other iteration was visited" in panels[NOW].note
    viewer.step()
    viewer.playing = True
    for _ in range(4):
        viewer.step()
    viewer.playing = False
    assert compared(viewer)[LAST].title == "last: after iteration 2"
    viewer.playing = True
    viewer.step()
    assert compared(viewer)[LAST].title == "last: after iteration 6"


def test_a_replay_shows_what_was_seen_before_it_and_nothing_on_its_way() -> None:
    viewer = viewer_of("one")
    for _ in range(2):
        viewer.step()
    viewer.run.replay(viewer.run.recipe, 60)
    while viewer.run.replaying:
        viewer.go_on()
    assert LAST not in compared(viewer)
    viewer.goto(3)
    while viewer.run.replaying:
        viewer.go_on()
    assert compared(viewer)[LAST].title == "last: after iteration 60"


@pytest.mark.parametrize("preset", ["one", "digits"])
def test_what_was_left_for_a_branch_or_another_run_is_not_compared(preset: str) -> None:
    viewer = viewer_of(preset)
    layer = "conv" if preset == "one" else "conv1"
    for _ in range(3):
        viewer.step()
    viewer.goto(2)
    assert LAST in compared(viewer, layer)
    viewer.set("learning_rate", 0.01)
    viewer.change(sample=0, channel=0, out_channel=0, grain="Layer")
    assert LAST not in compared(viewer, layer)
    viewer.change(grain="Iteration")
    viewer.step()
    assert compared(viewer, layer)[LAST].title == "last: after iteration 2"
    viewer.reset()
    assert LAST not in compared(viewer, layer)


@pytest.mark.parametrize("visited", [3, 60])
def test_a_link_compares_with_the_same_visit(visited: int) -> None:
    viewer = viewer_of("one")
    viewer.set("learning_rate", 0.02)
    viewer.open(read({"iteration": str(max(visited, 40)), "changes": "1:learning_rate:0.02"}))
    arrive(viewer)
    viewer.goto(visited)
    arrive(viewer)
    viewer.goto(40)
    arrive(viewer)
    panels = compared(viewer)
    words = to_query(viewer.run, viewer.place)
    assert words["visited"] == str(visited)
    other = viewer_of("one")
    other.open(read(words))
    arrive(other)
    assert other.message == ""
    assert (other.trace.iteration, other.place) == (40, viewer.place)
    found = scene_of(other.look).panels
    assert list(found) == list(panels)
    for key, panel in panels.items():
        assert found[key].title == panel.title
        np.testing.assert_array_equal(found[key].tiles[0].values, panel.tiles[0].values)
    # Without the pin nothing is compared.
    viewer.pin(THEN)
    assert "visited" not in to_query(viewer.run, viewer.place)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"visited": "7", "iteration": "7"}, "no other iteration"),
        ({"visited": "3", "iteration": "7", "pin": ""}, "unless then_and_now is pinned"),
        ({"visited": "0"}, "not a whole number from 1"),
    ],
)
def test_what_cannot_be_compared_is_said(words: dict[str, str], said: str) -> None:
    viewer = viewer_of("one")
    words = {"pin": THEN, **words}
    viewer.open(read({word: text for word, text in words.items() if text}))
    arrive(viewer)
    assert said in viewer.message
    assert str(viewer.place.visited) != words["visited"] or not viewer.place.visited
