"""A comparison in the address."""

from __future__ import annotations

import pytest

from tests.viz_app.compare.test_comparison import FASTER, compared, second
from tests.viz_app.viewers import arrive, numbers, same, viewer_of
from viz_app.compare.difference import NETWORK, Difference
from viz_app.dashboard import Dashboard
from viz_app.place.address import parse, read, text, to_query
from viz_app.run.cost import Limits
from viz_app.run.presets import WITHOUT_NORM
from viz_app.viewer import Viewer


@pytest.mark.parametrize(
    ("difference", "expected"),
    [
        (FASTER, "rate:0.2"),
        (Difference("seed", 3), "seed:3"),
        (Difference("batch_size", 4), "batch:4"),
        (Difference("dtype", "float32"), "dtype:float32"),
        (Difference("preset", "no-norm"), "preset:no-norm"),
        (Difference("dataset", "few"), "data:few"),
        (Difference(NETWORK, WITHOUT_NORM), f"model:{WITHOUT_NORM}"),
        (Difference("learning_rate", 0.5, at=2), "2:learning_rate:0.5"),
        (Difference("optimizer", "adam"), "optimizer:adam"),
        (Difference("edit", "conv1.weight:0,0,1,1:0.5", at=0), "0:edit:conv1.weight:0,0,1,1:0.5"),
    ],
)
def test_an_address_leads_back(difference: Difference, expected: str) -> None:
    viewer = compared("digits", difference, 3)
    viewer.set("batch_size", 6)
    viewer.step()
    viewer.change(run="b", side="compare")
    query = to_query(viewer.run, viewer.place)
    assert query["against"] == expected
    assert read(query).against == difference
    assert read(query).wrong == ()
    other = viewer_of("one")
    Dashboard(other).open(parse(text(query)))
    arrive(other)
    assert other.message == ""
    assert to_query(other.run, other.place) == query
    assert same(numbers(viewer), numbers(other))
    assert same(numbers(Viewer(second(viewer))), numbers(Viewer(second(other))))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("rate", "Learning rate is"),
        ("rate:fast", "Learning rate is fast"),
        ("ratte:0.1", "is no difference; expected word:value"),
        ("batch:0", "Batch size is 0"),
        ("preset:two", "Preset is two"),
        ("data:own", "is no difference"),
        ("model:cnv 3", "cnv"),
        ("model:flatten", "no weights"),
        ("3:seed:1", "expected iteration:setting:value"),
        ("3:learning_rate:-1", "Learning rate is -1"),
    ],
)
def test_a_wrong_difference_is_named_and_nothing_is_compared(wrong: str, said: str) -> None:
    moment = read({"preset": "digits", "against": wrong})
    assert moment.against is None
    (sentence,) = moment.wrong
    assert sentence.startswith("against: ")
    assert said in sentence


def test_a_second_run_that_costs_too_much_is_refused_in_an_address() -> None:
    limits = Limits(300_000_000, 2_000_000)
    moment = read({"preset": "digits", "against": "batch:800"}, limits)
    assert moment.against is None
    assert "multiply-adds" in moment.wrong[0]


def test_an_address_without_a_comparison_ends_it() -> None:
    viewer = compared("one", FASTER, 3)
    dashboard = Dashboard(viewer)
    dashboard.open({"preset": "one", "iteration": "2"})
    arrive(viewer)
    assert viewer.run.companion is None
    dashboard.open({"preset": "one", "iteration": "2", "against": "rate:0.3"})
    arrive(viewer)
    assert viewer.against == Difference("learning_rate", 0.3)
    run = second(viewer)
    # Of the same run only the place is another one.
    dashboard.open({"preset": "one", "iteration": "3", "against": "rate:0.3"})
    arrive(viewer)
    assert second(viewer) is run
    assert run.trace.iteration == 3
    dashboard.open({"lesson": "1-one-iteration", "step": "2"})
    arrive(viewer)
    assert viewer.run.companion is None
