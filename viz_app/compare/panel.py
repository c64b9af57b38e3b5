"""The controls of a comparison, beside the board: what differs, how both stand, and its end."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from html import escape
from math import isfinite
from typing import Any

import panel as pn

from core.data import DATASETS
from core.errors import listed
from core.inspect.trace import StepTrace
from viz_app.compare.choices import choices
from viz_app.compare.comparison import Comparison
from viz_app.compare.difference import Difference
from viz_app.compare.traces import matched, only_second
from viz_app.components.caption.caption import Caption
from viz_app.components.component import Component
from viz_app.controls.widgets import Select, button
from viz_app.cover.covered import ANSWER_FIRST
from viz_app.place.address import WORDS, read_against
from viz_app.place.place import COMPARE, RUNS
from viz_app.run.presets import PRESETS
from viz_app.run.settings import DTYPES, SETTINGS, shown
from viz_app.style import sheets
from viz_app.style.away import show
from viz_app.viewer import Viewer
from viz_app.words import loss_text, sentence

ABOUT = (
    "Run A is the one in sight. Run B is made from it by one difference; both step together, from "
    "the same seed."
)
# What can differ beside the settings.
CHANGE, CHANGED = "change", "A change on the way"
# Of these a value is chosen.
KNOWN = {
    "preset": {preset.title: name for name, preset in PRESETS.items()},
    "data": {title: name for name, title in DATASETS.items()},
    "dtype": {name: name for name in DTYPES},
}
EXAMPLE = "{}:learning_rate:0.1"
CHANGE_TEXT = re.compile(r"\s*\d+:")


class Comparing:
    """Begins and ends a comparison; made when it is first looked at.

    Args:
        viewer: who looks.
        prepare: called with each new component.

    Attributes:
        panel: what is shown.
    """

    def __init__(self, viewer: Viewer, prepare: Callable[[Component], None]) -> None:
        self._viewer, self._prepare = viewer, prepare
        self.panel = pn.Column(
            stylesheets=[sheets.AWAY, sheets.COMPARING], sizing_mode="stretch_both", margin=0
        )
        self._offered: dict[str, Difference] | None = None
        self._lines: list[dict[str, str]] = []

    def draw(self) -> None:
        """Show how the comparison stands, if it is looked at."""
        if self._viewer.place.side != COMPARE:
            return
        if not self.panel.objects:
            self._build()
        comparison: Comparison | None = self._viewer.run.companion
        self._tell(comparison)
        on = comparison is not None
        self.explain.visible = self.swap.visible = self.end.visible = on
        self.what.visible = self.start.visible = not on
        show(self.quick, not on)
        if on:
            self.value.visible = self.known.visible = False
            self.explain.label = f"Explain run {'B' if self._viewer.place.run == RUNS[0] else 'A'}"
        else:
            self._offer()
            self._choose()

    def _build(self) -> None:
        style: dict[str, Any] = {
            "sizing_mode": "stretch_width", "stylesheets": [sheets.FIELD], "margin": 0,
        }  # fmt: skip
        self.said = Caption(margin=0)
        self._prepare(self.said)
        self.quick = pn.Column(
            sizing_mode="stretch_width", margin=0, stylesheets=[sheets.CHOICES, sheets.AWAY]
        )
        self.what = Select(label="What differs", **style)
        self.value = pn.widgets.TextInput(label="In run B", **style)
        self.known = Select(label="In run B", **style)
        self.start = button("Compare with this", self._start)
        self.explain = button("Explain run B", self._explain)
        self.swap = button("Swap A and B", self._viewer.swap)
        self.end = button("End the comparison", lambda: self._viewer.compare(None))
        self.what.param.watch(lambda _: self._choose(anew=True), "value")
        self.value.param.watch(lambda _: self._start(), "enter_pressed")
        self.panel.objects = [
            self.said, self.quick, self.what, self.value, self.known, self.start, self.swap,
            self.explain, self.end,
        ]  # fmt: skip

    # What is shown.

    def _tell(self, comparison: Comparison | None) -> None:
        lines = [ABOUT] if comparison is None else self._summary(comparison)
        written = [{"html": escape(line)} for line in lines]
        if written != self._lines:
            self._lines = self.said.lines = written

    def _summary(self, comparison: Comparison) -> list[str]:
        """Return how both runs stand, line by line."""
        viewer = self._viewer
        first = viewer.trace
        difference = comparison.difference
        # What was chosen at one press is called so.
        named = {one: title for title, one in choices(viewer.run).items()}
        lines = [f"Run B: {named.get(difference, difference.title)}."]
        lines += filter(None, [comparison.begins])
        if viewer.covered.masks:
            return [*lines, ANSWER_FIRST]
        lines += [f"Iteration {first.iteration}", f"A: {_said(first.loss, first.metrics)}"]
        beside = viewer.look.beside
        if beside is None:
            # Run B is on its way there.
            return lines
        second = beside.trace
        if second is not None:
            less = second.loss - first.loss
            lines += [f"B: {_said(second.loss, second.metrics)}"]
            lines += [f"B − A: loss {_signed(less)}"] if isfinite(less) else []
            lines += self._alone(first, second)
        return [*lines, beside.said] if beside.said else lines

    def _alone(self, first: StepTrace, second: StepTrace) -> list[str]:
        """Return which layers only run B has, which the board does not show."""
        found = only_second(second, matched(first, second))
        return [f"Only run B has {listed(found)}: swap A and B to see it."] if found else []

    def _offer(self) -> None:
        run = self._viewer.run
        offered = choices(run)
        if offered != self._offered:
            self._offered = offered
            self.quick.objects = [
                button(f"Compare {title}" if title.startswith("“") else title.capitalize(),
                       partial(self._viewer.compare, one))
                for title, one in offered.items()
            ]  # fmt: skip
        options = {
            SETTINGS[name].title: word for word, name in WORDS.items() if self._differs(word)
        }
        options[CHANGED] = CHANGE
        if self.what.options != options:
            self.what.param.update(options=options, value=options.get("Learning rate", CHANGE))
            self._choose(anew=True)

    def _differs(self, word: str) -> bool:
        """Return whether a second run can differ by a word: not by an object of somebody's own."""
        recipe = self._viewer.run.recipe
        if word in ("preset", "data"):
            return isinstance(recipe.network, str)
        is_free = word != "rate" or not recipe.has_own_schedule
        return is_free and isinstance(getattr(recipe, WORDS[word]), str | int | float)

    def _choose(self, anew: bool = False) -> None:
        """Show the field for what is to differ, with the value of the first run."""
        word, run = self.what.value, self._viewer.run
        is_known = word in KNOWN
        if anew:
            if is_known:
                self.known.options = KNOWN[word]
            elif word == CHANGE:
                self.value.value = EXAMPLE.format(run.trace.iteration)
            elif word in WORDS:
                name = WORDS[word]
                self.value.value = SETTINGS[name].write(getattr(run.recipe, name))
        self.known.visible, self.value.visible = is_known, not is_known

    # What somebody does.

    def _start(self) -> None:
        word = self.what.value
        text = str(self.known.value if word in KNOWN else self.value.value)
        viewer = self._viewer
        if word == CHANGE and not CHANGE_TEXT.match(text):
            example = EXAMPLE.format(viewer.trace.iteration)
            viewer.refuse(
                f"“{shown(text)}” is no change on the way; expected iteration:setting:value, such "
                f"as {example}.", "against",
            )  # fmt: skip
            return
        try:
            found = read_against(
                text if word == CHANGE else f"{word}:{text}", viewer.run.recipe, viewer.run.limits
            )
        except ValueError as error:
            viewer.refuse(sentence(error), "against")
            return
        if found is not None and found.is_none(viewer.run.recipe):
            viewer.refuse(f"Run B would be the same run: choose another {found.words}.", "against")
        else:
            viewer.compare(found)

    def _explain(self) -> None:
        run = RUNS[1] if self._viewer.place.run == RUNS[0] else RUNS[0]
        self._viewer.change(run=run)


def _said(loss: float, metrics: dict[str, float]) -> str:
    found = [f"{name} {value:.2f}" for name, value in metrics.items()]
    return ", ".join([f"loss {loss_text(loss)}", *found])


def _signed(value: float) -> str:
    return f"{'−' if value < 0 else '+'}{loss_text(abs(value))}"
