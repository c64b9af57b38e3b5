"""The explanation of the selected number, kept up with what is on the screen, and its trail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.inspect.cell import Cell
from core.inspect.checks.check import CellCheck, check_gradient, is_gradient
from core.inspect.trace import StepTrace
from viz_app.compare.numbers import explained_in, first_of, numbers_of
from viz_app.components.explanation.explanation import (
    Explained,
    ExplanationPanel,
    covered_message,
    explained,
)
from viz_app.components.explanation.trail import Stop, Trail
from viz_app.components.lesson.listed import entries
from viz_app.components.page import Page
from viz_app.components.wire import whole_numbers
from viz_app.place.address import Moment
from viz_app.place.place import RUNS
from viz_app.run.edits.origin import origin_of
from viz_app.run.edits.target import is_editable, pixel_of
from viz_app.style import sheets
from viz_app.viewer import Viewer


class Explaining:
    """Explains what a viewer has selected, and goes where its numbers lead.

    Args:
        viewer: who looks.
        browser: the page, whose history has an entry for every visit.
        edit: called when the number is to be changed.

    Attributes:
        panel: what is shown.
        trail: the numbers that were visited.
    """

    def __init__(self, viewer: Viewer, browser: Page, edit: Callable[[], None]) -> None:
        self._viewer, self._browser, self._edit = viewer, browser, edit
        self.panel = ExplanationPanel(
            whole=browser.whole,
            offer=entries()[0] if browser.whole else {},
            stylesheets=[sheets.AWAY],
            sizing_mode="stretch_both",
            margin=0,
        )
        self.panel.answer(lambda said: self.hear(**said))
        self.trail, self._recipe = Trail(), viewer.run.recipe
        self._shown: Explained | None = None
        self._by_size = False
        # What it is in both runs, while two are compared.
        self._numbers: dict[str, Any] = {}
        # In which it was shown.
        self._notation = viewer.place.notation
        # Tells one explanation from the next: the browser may still show an earlier one.
        self._number = 0

    def draw(self) -> None:
        """Show the explanation of the selected cell, if there is one, and the way to it."""
        viewer = self._viewer
        cell, trace = viewer.cell, viewer.trace
        found, numbers = explained_in(viewer.look), numbers_of(viewer.look)
        if found is None:
            self.clear()
        else:
            shown = self._shown
            is_same = shown is not None and shown.is_of(*found, viewer.covered)
            is_compared = self._numbers != numbers
            self._numbers = numbers
            if shown is None or not is_same:
                self._number += 1
                self._explain(*found)
            elif self._notation != viewer.place.notation or is_compared:
                self._show(shown)
        if viewer.run.recipe is not self._recipe:
            self._recipe, self.trail = viewer.run.recipe, Trail()
        self.trail.stay(Stop(trace.iteration, viewer.place, cell))
        self.panel.trail = self.trail.message(trace.iteration, viewer.place.notation)

    def clear(self) -> None:
        """Explain nothing."""
        self._shown, self.panel.content = None, {}

    def keep_apart(self, apart: bool) -> None:
        """Leave the page's history alone, whose entries are steps of a lesson, or no longer."""
        whole = self._browser.whole and not apart
        if self.panel.whole != whole:
            self.panel.whole, self.trail = whole, Trail()

    def open(self, moment: Moment) -> None:
        """Hear that an address is opened: the browser's Back and Forward lead along the trail."""
        self.trail.open(moment.iteration, moment.place)

    def hear(self, what: str | list[int], number: int = 0, away: int = 0) -> None:
        """Answer what was pressed.

        Args:
            what: "close"; "check" for a check of the gradient, "order" for another order of the
                terms, "edit" to change the number, "onward" for where it goes, "run" for that of
                the other run; "trail" for another stop; or a term and the place of a number in it.
            number: of the explanation that the browser shows. What is asked of an earlier one is
                dropped: its terms are not those of the present one.
            away: how many stops on, or back if negative.
        """
        if what == "close":
            self._viewer.deselect()
        elif what == "trail":
            self._go_along(*whole_numbers([away]))
        elif self._shown is None or number != self._number:
            return
        elif what == "run":
            self._change_run()
        elif what == "edit":
            self._edit()
        elif what == "check":
            self._check(self._shown)
        elif what == "order":
            self._by_size = not self._by_size
            self._number += 1
            self._show(replace(self._shown, by_size=self._by_size))
        elif what == "onward":
            self._visit(self._shown.onward)
        else:
            self._visit(self._shown.linked_cell(*whole_numbers(what)))

    def _show(self, shown: Explained, check: CellCheck | None = None) -> None:
        self._shown, self._notation = shown, self._viewer.place.notation
        at = shown.trace, shown.explanation.cell
        # Only numbers of the run that is drawn are changed.
        is_here = shown.trace is self._viewer.trace and not shown.covered
        is_pixel = self._viewer.probe is not None and pixel_of(*at) is not None
        editable = is_here and (is_pixel or is_editable(*at))
        self.panel.content = {
            **shown.message(check, self._notation),
            "number": self._number,
            **({"editable": True} if editable else {}),
            **({"beside": self._numbers} if self._numbers else {}),
        }

    def _explain(self, trace: StepTrace, cell: Cell) -> None:
        """Explain a number, or say that it is covered."""
        viewer, covered = self._viewer, self._viewer.covered
        if not (covered.relations or covered.hides(cell)):
            found = explained(trace, cell, by_size=self._by_size, covered=covered)
            beside, companion = viewer.look.beside, viewer.run.companion
            is_second = beside is not None and trace is beside.trace
            run = companion.run if is_second else viewer.run
            found = replace(found, origin=origin_of(run, trace, cell))
            if found.is_possible:
                self._show(found)
                return
        said = covered_message(cell, viewer.place.notation)
        self._shown, self.panel.content = None, {**said, "number": self._number}

    def _check(self, shown: Explained) -> None:
        trace, cell = shown.trace, shown.explanation.cell
        if not shown.covered and is_gradient(trace, cell.phase, cell.layer, cell.array):
            self._show(shown, check_gradient(trace, cell))

    def _change_run(self) -> None:
        run = RUNS[1] if self._viewer.place.run == RUNS[0] else RUNS[0]
        self._viewer.change(run=run)

    def _visit(self, cell: Cell | None) -> None:
        shown, viewer = self._shown, self._viewer
        if cell is not None and shown is not None and shown.trace is not viewer.trace:
            # One of the second run: it is looked for in the first, which is drawn.
            words, cell = cell.words, first_of(viewer.look, cell)
            if cell is None:
                viewer.refuse(f"Only run B has {words}: there is nothing to go to in run A.", "run")
        if cell is not None and cell != self._viewer.cell:
            # The browser's Back leads to where one was.
            self._browser.visited += int(self.panel.whole)
            self.trail.visit()
            self._viewer.visit(cell)

    def _go_along(self, away: int) -> None:
        """Go to another stop, where the page has no history of its own to do so."""
        at = self.trail.at + away
        if self.panel.whole or not 0 <= at < len(self.trail.stops):
            return
        stop = self.trail.stops[at]
        if stop is not None:
            self.trail.at = at
            if stop.iteration != self._viewer.trace.iteration:
                self._viewer.goto(stop.iteration)
            self._viewer.go(stop.place)
