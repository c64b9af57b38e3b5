"""The trail of visited numbers has the entries of the browser's history."""

from __future__ import annotations

from dataclasses import replace

from core.inspect.cell import Cell
from tests.viz_app.viewers import viewer_of
from viz_app.components.explanation.trail import LONGEST, Stop, Trail
from viz_app.dashboard import Dashboard
from viz_app.place.place import START, Place

X_COL = Cell("forward", "conv", "X_col", (4, 5))


def stop(row: int, iteration: int = 1) -> Stop:
    place = replace(START, array="X_col", index=(row, 5))
    return Stop(iteration, place, replace(X_COL, index=(row, 5)))


def trail_of(*rows: int) -> Trail:
    trail = Trail()
    for k, row in enumerate(rows):
        if k:
            trail.visit()
        trail.stay(stop(row))
    return trail


def aways(trail: Trail) -> list[int]:
    return [chip["away"] for chip in trail.message(1)["chips"]]


def test_visits_follow_each_other() -> None:
    trail = trail_of(0, 1, 2)
    assert aways(trail) == [-2, -1, 0]
    assert trail.message(1)["back"]
    assert not trail.message(1)["forward"]


def test_an_address_leads_along_the_trail() -> None:
    trail = trail_of(0, 1, 2)
    trail.open(1, stop(1).place)
    assert aways(trail) == [-1, 0, 1]
    # Of two stops with one number the nearer one.
    trail = trail_of(0, 1, 0, 2)
    trail.open(1, stop(0).place)
    assert trail.at == 2


def test_a_visit_gives_up_what_lay_behind() -> None:
    trail = trail_of(0, 1, 2)
    trail.open(1, stop(0).place)
    trail.visit()
    trail.stay(stop(7))
    assert aways(trail) == [-1, 0]


def test_an_address_from_elsewhere_begins_anew() -> None:
    trail = trail_of(0, 1, 2)
    trail.open(2, stop(1).place)
    assert (aways(trail), trail.at) == ([], 0)


def test_another_selection_takes_the_place_of_the_present_one() -> None:
    trail = trail_of(0, 1)
    trail.stay(stop(5))
    titles = [chip["title"] for chip in trail.message(1)["chips"]]
    assert [title.partition("row ")[2] for title in titles] == ["0, column 5", "5, column 5"]


def test_a_stop_in_another_iteration_says_so() -> None:
    trail = trail_of(0)
    trail.visit()
    trail.stay(stop(1, iteration=4))
    before, now = trail.message(4)["chips"]
    assert before["title"].endswith(", iteration 1")
    assert (before["elsewhere"], now["elsewhere"]) == (True, False)


def test_only_the_stops_near_the_present_one_are_shown() -> None:
    trail = trail_of(*range(30))
    assert aways(trail) == list(range(1 - LONGEST, 1))
    trail.open(1, stop(10).place)
    assert 0 in aways(trail)
    assert len(aways(trail)) == LONGEST


def test_beside_other_things_the_trail_leads_back_by_itself() -> None:
    board = Dashboard(viewer_of("one"), owns_page=False)
    why, viewer = board.explaining, board.viewer
    viewer.visit(replace(X_COL, array="K_X_col", index=(0, 5)))
    first: Place = viewer.place
    why.hear([3, 1], why.panel.content["number"])
    second: Place = viewer.place
    assert second.array == "X_col"
    assert [chip["away"] for chip in why.panel.trail["chips"]] == [-1, 0]
    why.hear("trail", away=-1)
    assert viewer.place == first
    why.hear("trail", away=1)
    assert viewer.place == second
    # There is nothing further on.
    why.hear("trail", away=1)
    assert viewer.place == second


def test_a_new_run_has_a_trail_of_its_own() -> None:
    board = Dashboard(viewer_of("one"))
    why = board.explaining
    board.viewer.visit(replace(X_COL, array="K_X_col", index=(0, 5)))
    why.hear([3, 1], why.panel.content["number"])
    assert len(why.trail.stops) == 2
    board.viewer.set("preset", "digits")
    assert len(why.trail.stops) == 1
