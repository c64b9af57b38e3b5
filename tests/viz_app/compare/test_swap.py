"""What only run B has: it is told, and swapped runs show it."""

from __future__ import annotations

import json

import pytest

from tests.viz_app.compare.test_beside import WITHOUT
from tests.viz_app.compare.test_comparison import FASTER, compared, second
from tests.viz_app.viewers import arrive, numbers, same, viewer_of
from viz_app.compare.difference import Difference
from viz_app.dashboard import Dashboard
from viz_app.place.address import parse, read, text, to_query
from viz_app.place.place import COMPARE, PROBE
from viz_app.probe.probe import Probe
from viz_app.run.edits.edit import parse as edit_of
from viz_app.viewer import Viewer
from viz_app.words import loss_text

WITH = Difference("preset", "digits")


def beside(viewer: Viewer) -> tuple[str, str]:
    """What is said beside the board of what only run A has, and only run B."""
    found = viewer.look.beside
    assert found is not None
    return found.said, found.more


def test_a_layer_that_only_run_b_has_is_told_and_swapped_runs_show_it() -> None:
    viewer = compared("no-norm", WITH, 3)
    dashboard = Dashboard(viewer)
    viewer.change(side=COMPARE)
    viewer.go_to_layer("conv1")
    told = "Only run B has bn1 next: swap A and B, under Compare, to see it."
    assert beside(viewer) == ("", told)
    assert told in dashboard.head.content["text"]
    lines = [line["html"] for line in dashboard.comparing.said.lines]
    assert "Only run B has bn1 and bn2: swap A and B to see it." in lines
    first, other = numbers(viewer), numbers(Viewer(second(viewer)))
    dashboard.comparing.swap.clicks += 1
    arrive(viewer)
    assert viewer.message == f"A and B are swapped: run A is the one with {WITH.title} now."
    assert viewer.against == Difference("preset", "no-norm")
    assert viewer.stage.layer == "conv1"
    assert same(numbers(viewer), other)
    assert same(numbers(Viewer(second(viewer))), first)
    viewer.go_to_layer("bn1")
    assert viewer.stage.layer == "bn1"
    assert beside(viewer) == ("Run B has no layer bn1: run A is shown alone.", "")
    assert "against=preset:no-norm" in dashboard.header.address
    link = viewer_of("one")
    Dashboard(link).open(parse(text(to_query(viewer.run, viewer.place))))
    arrive(link)
    assert link.stage.layer == "bn1"
    assert beside(link) == beside(viewer)
    viewer.swap()
    arrive(viewer)
    assert viewer.against == WITH
    assert same(numbers(viewer), first)


def test_what_an_update_has_only_in_run_b_is_told_there() -> None:
    viewer = compared("digits", WITHOUT, 2)
    viewer.go_to_layer("conv1", "update")
    assert beside(viewer) == (
        "", "Only run B has “bias” here: swap A and B, under Compare, to see it.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("preset", "difference"),
    [
        ("digits", WITHOUT),
        ("digits", FASTER),
        ("one", Difference("seed", 4)),
        ("one", Difference("optimizer", "adam")),
        ("digits", Difference("dataset", "strokes")),
        ("deep-relu", Difference("preset", "deep-sigmoid")),
    ],
)
def test_swapped_runs_have_the_same_numbers(preset: str, difference: Difference) -> None:
    viewer = compared(preset, difference, 2)
    viewer.set("batch_size", 5)
    viewer.step()
    first, other = numbers(viewer), numbers(Viewer(second(viewer)))
    viewer.swap()
    arrive(viewer)
    assert viewer.message.startswith("A and B are swapped: run A is the one with ")
    assert not viewer.is_refusal
    assert same(numbers(viewer), other)
    assert same(numbers(Viewer(second(viewer))), first)


def test_a_far_iteration_is_not_computed_from_its_beginning_again() -> None:
    viewer = compared("one", FASTER)
    viewer.run.replay(viewer.run.recipe, 120)
    arrive(viewer)
    first, other = numbers(viewer), numbers(Viewer(second(viewer)))
    viewer.swap()
    assert viewer.run.history.trainer.iteration >= 100
    assert second(viewer).history.trainer.iteration >= 100
    arrive(viewer)
    assert same(numbers(viewer), other)
    assert same(numbers(Viewer(second(viewer))), first)


def test_after_a_swap_it_is_said_which_run_goes_on_and_undo_leads_back_step_by_step() -> None:
    viewer = compared("one", FASTER, 3)
    viewer.edit(edit_of("conv.weight:0,0,1,1:0.5"))
    viewer.step()
    recipe, changes = viewer.run.recipe, list(viewer.run.changes)
    first, other = numbers(viewer), numbers(Viewer(second(viewer)))
    viewer.swap()
    arrive(viewer)
    assert viewer.message == "A and B are swapped: run A is the one with learning rate 0.2 now."
    assert viewer.offers_undo
    viewer.compare(None)
    assert viewer.message == (
        "The comparison has ended: run A (learning rate 0.2) goes on alone, without run B "
        "(learning rate 0.05)."
    )
    assert (viewer.offers_undo, viewer.against) == (True, None)
    viewer.step()
    assert (viewer.message, viewer.can_undo) == ("", True)
    viewer.back()
    viewer.undo()
    arrive(viewer)
    assert viewer.message == "Undone: the end of the comparison."
    assert same(numbers(viewer), other)
    assert same(numbers(Viewer(second(viewer))), first)
    viewer.undo()
    arrive(viewer)
    assert viewer.message == "Undone: swapping A and B."
    assert viewer.against == FASTER
    assert viewer.run.recipe.makes_the_run_of(recipe)
    assert same(numbers(viewer), first)
    assert same(numbers(Viewer(second(viewer))), other)
    assert viewer.run.changes == changes
    viewer.undo()
    arrive(viewer)
    assert viewer.run.changes == []
    assert not viewer.can_undo


def test_what_was_done_after_the_end_of_a_comparison_is_undone_before_it() -> None:
    viewer = compared("one", FASTER, 3)
    viewer.compare(None)
    assert viewer.message == (
        "The comparison has ended: run A (learning rate 0.05) goes on alone, without run B "
        "(learning rate 0.2)."
    )
    viewer.edit(edit_of("conv.weight:0,0,1,1:0.5"))
    viewer.undo()
    assert (viewer.run.changes, viewer.against) == ([], None)
    viewer.undo()
    arrive(viewer)
    assert viewer.against == FASTER
    assert not viewer.can_undo
    # Of another run, it is not brought back.
    viewer.compare(None)
    viewer.open(read({"preset": "digits"}))
    arrive(viewer)
    assert not viewer.can_undo


def test_what_cannot_be_swapped_says_why_and_changes_nothing() -> None:
    viewer = viewer_of("digits")
    viewer.swap()
    assert viewer.message.startswith("No run is compared with this one")
    viewer = compared("one", Difference("learning_rate", 0.5, at=2), 3)
    viewer.swap()
    assert viewer.message.startswith("Run A cannot be made from run B by one setting")
    viewer = compared("one", FASTER, 3)
    viewer.set("learning_rate", 0.03)
    viewer.swap()
    assert viewer.message.startswith("The learning rate of run A was changed on its way")
    viewer = compared("one", FASTER, 3)
    viewer.edit(edit_of("conv.weight:0,0,1,1:0.5"))
    viewer.goto(1)
    viewer.swap()
    assert viewer.message.startswith("Run A was changed after iteration 2")
    assert viewer.against == FASTER
    assert len(viewer.run.changes) == 1


def test_the_status_says_whose_loss_and_accuracy_are_told() -> None:
    viewer = compared("digits", WITHOUT, 2)
    a, b = viewer.trace, second(viewer).trace
    told = (
        f"loss A {loss_text(a.loss)}, B {loss_text(b.loss)} · "
        f"accuracy A {a.accuracy:.2f}, B {b.accuracy:.2f}"
    )
    assert told in viewer.status
    # Also where only one of them has a layer.
    viewer.go_to_layer("bn1")
    assert told in viewer.status


def test_one_stop_ends_the_way_of_both() -> None:
    viewer = viewer_of("one")
    Dashboard(viewer).open({"preset": "one", "iteration": "5000", "against": "rate:0.2"})
    assert viewer.run.replaying
    viewer.go_on()
    viewer.stop()
    assert not viewer.run.replaying
    assert viewer.against == FASTER
    assert second(viewer).trace.iteration == viewer.trace.iteration


def test_a_second_run_that_cannot_go_on_is_told_as_a_fault() -> None:
    viewer = viewer_of("digits")
    dashboard = Dashboard(viewer)
    viewer.compare(Difference("learning_rate", 1e6))
    while not viewer.run.companion.failure:
        viewer.step()
    assert viewer.look.beside is not None
    assert viewer.look.beside.failed
    assert '<b class="failed">' in dashboard.head.content["text"]
    assert "loss A" in viewer.status
    assert ", B " not in viewer.status


def test_the_panel_of_a_probe_says_whose_answer_it_shows() -> None:
    viewer = compared("digits", FASTER, 2)
    dashboard = Dashboard(viewer)
    viewer.change(side=PROBE)
    viewer.ask(Probe("test", number=5))
    beside = viewer.look.beside
    assert beside is not None
    assert beside.trace is not None
    runs = json.loads(dashboard.probing.panel.content["text"])["answer"]["runs"]
    assert runs.startswith("Run A answers here. Run B: ")
    assert runs.endswith(f"loss {beside.trace.loss:.4g}.")
    viewer.compare(None)
    assert json.loads(dashboard.probing.panel.content["text"])["answer"]["runs"] == ""


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "rmsprop"])
def test_of_an_update_the_step_and_the_new_value_are_compared_first(optimizer: str) -> None:
    viewer = viewer_of("digits", optimizer=optimizer)
    viewer.compare(Difference("seed", 4))
    viewer.go_to_layer("conv1", "update")
    panels = viewer.scene(viewer.look).panels
    assert list(dict.fromkeys(panel.array for panel in panels.values())) == ["step", "after"]


def test_of_a_window_that_slides_only_readable_cells_are_compared_first() -> None:
    viewer = compared("digits", FASTER)
    viewer.change(grain="Inside")
    viewer.go_to_layer("conv1")
    assert list(viewer.scene(viewer.look).panels) == ["kernels", "kernels@second", "kernels@less"]
