"""The dashboard on one run: controls and views put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import panel as pn
import param
from numpy.typing import NDArray
from panel.viewable import Viewable

import viz_app.layer_views  # noqa: F401  registers the views
from core.code.archive import Library
from core.data import DataSet
from core.inspect.flow import diagnose
from viz_app.answers.page import ANSWERS_PAGE
from viz_app.charts.charts import Charts
from viz_app.compare.comparison import second_curves
from viz_app.compare.panel import Comparing
from viz_app.compare.scene import not_edited, run_of
from viz_app.components.board.board import Board
from viz_app.components.component import Component
from viz_app.components.connection.connection import SERVED
from viz_app.components.lesson.listed import entries
from viz_app.components.navigation.head import Head, bare_head_of, head_of
from viz_app.components.navigation.header import Header
from viz_app.components.navigation.side import SideTabs
from viz_app.components.navigation.strip import NetworkStrip, ends_of, network_layers
from viz_app.components.page import Page
from viz_app.components.player.player import timeline_stages
from viz_app.components.wire import packed, whole_by_name, whole_numbers
from viz_app.controls.composing import Composing
from viz_app.controls.editing import Editing
from viz_app.controls.explaining import Explaining
from viz_app.controls.key_frames import KeyFrames
from viz_app.controls.lesson import OWN, Lessons
from viz_app.controls.probing import Probing
from viz_app.controls.reconnection import Reconnection
from viz_app.controls.settings.drawer import Drawer
from viz_app.controls.transport import Transport
from viz_app.cover.iteration import LOSS
from viz_app.handout import handout_step
from viz_app.lessons import FILES
from viz_app.place import address
from viz_app.place.address import LESSON_WORD, LESSON_WORDS
from viz_app.place.place import COMPARE, COMPOSE, GRAINS, LESSON, PROBE, SIDES, Place
from viz_app.run.code import code_file
from viz_app.run.edits.changes import by_hand
from viz_app.run.presets import PRESETS
from viz_app.run.weights import Weights
from viz_app.scene.registry import Look, View, default_view
from viz_app.scene.result import cells_of
from viz_app.scene.scene import Scene
from viz_app.scene.sight import with_covered
from viz_app.style import sheets, theme
from viz_app.style.away import mark, show
from viz_app.style.notation import plain
from viz_app.told import DRAWING, MESSAGE
from viz_app.viewer import Viewer
from viz_app.watch import watch
from viz_app.words import loss_text, sentence

# What stands beside the board, as people read it.
TITLES = (
    "Explain", "Gradient flow", "Heat map", "Loss", "Compare", "Probe", "Compose", "Lesson",
)  # fmt: skip
SIDE_TITLES = dict(zip(SIDES, TITLES, strict=True))


class Dashboard:
    """Draws what one viewer looks at. Each component gets only what changed for it.

    Args:
        viewer: who looks at which run.
        owns_page: whether it is the whole page, and may use its address, keys and title; otherwise
            it stands beside others, as in a notebook.
        query: words of the address under which the page is opened, as far as known.
    """

    def __init__(
        self, viewer: Viewer, *, owns_page: bool = True, query: Mapping[str, str] | None = None
    ) -> None:
        self.viewer, run = viewer, viewer.run
        wide = {"sizing_mode": "stretch_width", "margin": 0}
        self.transport = Transport(viewer)
        self.player = self.transport.player
        self.drawer = Drawer(
            viewer, self._use_data, self._use_weights, self._prepare, self._ask_picture
        )
        presets = [
            {"key": key, "title": preset.title, "look_for": preset.look_for}
            for key, preset in PRESETS.items()
        ]
        of_lessons = {"lessons": entries(), "answers": ANSWERS_PAGE} if owns_page else {}
        self.header = Header(presets=presets, whole=owns_page, **of_lessons, **wide)
        self.strip = NetworkStrip(stylesheets=[sheets.AWAY], css_classes=["cs-network"], **wide)
        self.head, self.board = Head(**wide), Board(**wide)
        self.charts = Charts(viewer, self._prepare)
        self.side = SideTabs(**wide)
        self.browser = Page(whole=owns_page)
        self.lessons = Lessons(viewer, self.browser, self._draw_lesson)
        self.composing = Composing(viewer, self.lessons, self._draw_lesson)
        self.key_frames = KeyFrames(viewer) if owns_page else None
        # Number of the last address that was opened, as the page counts them.
        self._asked = 0
        # Words of an address that waits for a person's own data or weights.
        self._waiting: Mapping[str, str] | None = None
        self.reconnection = (
            Reconnection(
                viewer,
                self.browser,
                self.transport,
                self.drawer,
                may_go_on=lambda: self._waiting is None,
            )
            if SERVED
            else None
        )
        self.editing = Editing(viewer, self.board)
        self.explaining = Explaining(viewer, self.browser, self.editing.begin)
        self.probing = Probing(viewer, lambda: self.lessons.is_on or self.composing.is_on)
        self.comparing = Comparing(viewer, self._prepare)
        self._drawn: Look | None = None
        # Words of the address of the step that was drawn last; none if it was no lesson's.
        self._lesson_words: Mapping[str, str] = {}
        # Counts the places that were arrived at: cells are computed within one of them.
        self._moment, self._arrived = 0, 0
        self._root = self._build()
        self._on(viewer, ["look"], self.draw)
        self._on(viewer, ["message"], self.draw_status)
        self._on(run.evaluation, ["result", "is_on"], self.draw_status)
        # After the viewer, who then looks where a replay has led.
        self._on(run, ["progress"], self._draw_progress, precedence=3)
        self._on(run, ["settings"], self._draw_change)
        self._on(run, ["settings", "recipe", "progress"], self._draw_header)
        self._on(self.drawer, ["opened"], self._draw_header)
        self.header.answer(lambda said: self._hear_header(**said))
        self.strip.answer(lambda said: self._hear_strip(**said))
        self.side.answer(self._choose_side)
        self.board.answer(self._hear_board)
        self.browser.answer(lambda said: self._hear(**said))
        for component in self._root.select(Component):
            self._prepare(component)
        self._on(self.browser, ["dark", "scale"], self._paint)
        self._on(self.browser, ["keys"], self._draw_header)
        self._on(viewer, ["playing"], self._begin_or_end_play)
        self._on(self.transport, ["speed"], self._begin_or_end_play)
        self._on(self.player, ["moves"], self._name_space)
        # Of a lesson inside a link only the page knows the text.
        if query and address.is_moment(query) and query.get(LESSON_WORD) != OWN:
            self.browser.opened = True
            self.open(query)
            if self.key_frames and pn.state.curdoc:
                # What changes while the page is still being drawn would be lost on the way.
                viewer.is_shown = False
                self._on(self.key_frames.store, ["ready"], self._page_is_there)
        self._draw_header()
        self.draw()
        if run.replaying:
            self._draw_progress()

    def _prepare(self, component: Component) -> None:
        component.attempt = partial(self.viewer.attempt, MESSAGE)

    def _on(
        self,
        source: param.Parameterized,
        names: list[str],
        action: Callable[[], None],
        precedence: int = 0,
    ) -> None:
        watch(source, names, lambda *_: self.viewer.attempt(DRAWING, action), precedence)

    def _page_is_there(self) -> None:
        self.viewer.is_shown = True

    # From the viewer to the screen.

    def draw(self) -> None:
        """Draw where the viewer looks, in one message to the browser.

        Nothing is drawn while the run is replayed: the moment to be shown is still to come.
        """
        if self.viewer.run.replaying:
            self.draw_status()
            return
        look: Look = self.viewer.look
        trace, place, before = look.trace, look.place, self._drawn
        if look is before:
            return
        is_new = before is None or before.trace is not trace or before.second != look.second
        if before is not None and not is_new and self._is_scroll(before.place, place):
            self._drawn = look
            self._draw_scroll()
            self.draw_address()
            return
        attempt = partial(self.viewer.attempt, DRAWING)
        with pn.io.hold():
            if is_new:
                attempt(self.charts.change)
                attempt(self._draw_run)
                stages = timeline_stages(trace)
                if stages != self.player.stages:
                    self.player.stages = stages
            elif before and before.place.notation != place.notation:
                attempt(self._draw_runs)
            elif before and before.place.side != place.side:
                attempt(self.charts.draw)
            if is_new or (before and before.sample != place.sample):
                attempt(lambda: self._draw_strip(look))
            if before is None or self._begins_anew(before, look):
                self._moment += 1
            self._arrived = self.viewer.arrivals
            self._drawn = look
            self.browser.present = self.header.present = place.present
            self._draw_side()
            self._dress()
            self.strip.at = {"layer": look.stage.layer, "phase": look.stage.phase}
            inners = list(look.stage.inner)
            self.player.at = {"stage": place.stage, "inner": place.inner, "inners": inners}
            if not attempt(lambda: self._draw_head(look)):
                self.head.content = bare_head_of(look)
            # What a view cannot draw is drawn as an array of any layer, or not at all.
            views = (self.viewer.scene, default_view(), lambda _: Scene({}, ()))
            any(attempt(partial(self._draw_board, look, view)) for view in views)
            self._draw_scroll()
            if not attempt(self.explaining.draw):
                self.explaining.clear()
            attempt(self.probing.draw)
            self.draw_status()
            self.draw_address()

    def _draw_side(self) -> None:
        """Bring what stands beside the board to the front."""
        front, is_on = self.viewer.place.side, {LESSON: self.lessons.is_on}
        is_on[COMPOSE] = self.composing.is_on
        # The lesson comes first.
        first = [SIDE_TITLES[side] for side in (LESSON, COMPOSE) if is_on[side]]
        self.side.titles = first + [SIDE_TITLES[side] for side in SIDES if side not in is_on]
        self.side.front = SIDE_TITLES[front]
        show(self.lessons.panel, front == LESSON)
        show(self.composing.panel, front == COMPOSE)
        show(self.comparing.panel, front == COMPARE)
        self.comparing.draw()
        show(self.probing.panel, front == PROBE)
        show(self.explaining.panel, front == SIDES[0])
        for part in (self._main, self._beside):
            mark(part, sheets.LED_CLASS, front in (LESSON, COMPOSE))

    def _draw_lesson(self) -> None:
        """Show what a lesson points at, and where one is in it."""
        self.board.spotlight = self.lessons.spotlight() or self.composing.spotlight()
        self.explaining.keep_apart(self.lessons.is_on)
        self.probing.give_way()
        self._draw_side()
        words = self.lessons.words()
        if words != self._lesson_words:
            self._lesson_words = words
            self.draw_address()

    def _draw_strip(self, look: Look) -> None:
        self.strip.covered = bool(look.covered.masks)
        self.strip.layers = packed(network_layers(look.trace, look.sample))
        self.strip.ends = packed(ends_of(look.trace, look.sample))

    def _draw_run(self) -> None:
        run, covered = self.viewer.run, self.viewer.covered
        self.player.draw_run(
            run.history.losses, run.history.old_losses, run.trace.iteration,
            is_covered=covered.hides(LOSS), beside=second_curves(run)[0],
        )  # fmt: skip
        findings = [] if covered.masks else diagnose(run.flows)
        found = "\n".join(plain(one.text, self.viewer.place.notation) for one in findings)
        self.side.warned = {SIDE_TITLES["flow"]: found} if found else {}

    def _draw_header(self) -> None:
        run = self.viewer.run
        self.header.param.update(
            preset=run.recipe.preset,
            data=run.recipe.data.title,
            free=not run.replaying,
            opened=self.drawer.opened,
            keys=self.browser.keys,
        )
        chosen = PRESETS.get(run.recipe.preset)
        # On other data there is something else to be seen.
        is_usual = chosen and run.recipe.dataset == chosen.dataset
        self.explaining.panel.look_for = chosen.look_for if chosen and is_usual else ""

    def _draw_head(self, look: Look) -> None:
        self.head.content = head_of(look)

    def _draw_board(self, look: Look, view: View) -> None:
        scene, place, phase = with_covered(view(look), look), look.place, look.stage.phase
        drawn = scene.message(of_params=phase == "update")
        selected = scene.selection(place.array, place.index)
        at = {"iteration": look.trace.iteration, "layer": look.stage.layer, "stage": place.stage}
        cells = {**cells_of(look, scene), "moment": self._moment}
        apart = {"apart": True} if look.covered.relations else {}
        self.board.scene = packed({**drawn, "phase": phase, **at, "cells": cells, **apart})
        self.board.selected = selected

    def _begins_anew(self, before: Look, look: Look) -> bool:
        """Return whether the browser is to take over how many cells are computed."""
        places = before.place, look.place
        first, second = ((place.stage, place.inner, place.grain) for place in places)
        # Where cells are covered, or not any more, it is the same iteration.
        same = first == second and before.trace.start is look.trace.start
        return not same or self._arrived != self.viewer.arrivals

    def _is_scroll(self, before: Place, place: Place) -> bool:
        """Return whether the browser, which did it, shows all of this place already."""
        is_here = self.board.scrolled["arrival"] == self.viewer.arrivals
        return is_here and before != place and replace(before, scroll=place.scroll) == place

    def _draw_scroll(self) -> None:
        # Behind the scene and the selection, which may bring something else into sight.
        first = dict(self.viewer.place.scroll)
        self.board.scrolled = {"arrival": self.viewer.arrivals, "first": first}

    def _draw_progress(self) -> None:
        """Show how far a replay is; what was drawn before is of another moment."""
        shown = self.viewer.run.progress is None
        with pn.io.hold():
            if shown:
                # In one message: nobody shall see the moment before.
                self.draw()
                # It may be the one that was drawn last.
                self.draw_address()
            for part in (self.strip, self._main):
                show(part, shown)
            self.draw_status()

    def draw_address(self) -> None:
        """Put this moment into the address of the page."""
        if self.browser.whole and not self.viewer.run.replaying:
            place = self.viewer.place
            shared = address.to_query(self.viewer.run, replace(place, side=_for_others(place.side)))
            here = self.lessons.words() or shared
            self.header.address = address.text(here)
            if self.composing.is_tried or place.side == COMPOSE:
                here = {**here, "side": COMPOSE}
            self.browser.param.update(address=address.text(here), answered=self._asked)
        if self.browser.playing:
            self.browser.moment += 1

    def _draw_change(self) -> None:
        self.draw_address()
        # A change of the past begins a branch. Panel tells it without the document's lock, which
        # figures need.
        pn.state.execute(self._draw_runs, schedule=True)

    def _draw_runs(self) -> None:
        self.charts.change()
        self._draw_run()

    def draw_status(self) -> None:
        """Say where we are, and below it what went wrong or what is known of the test split."""
        viewer, run = self.viewer, self.viewer.run
        evaluation, progress = run.evaluation, run.progress
        notes = [] if progress else [by_hand(c for c in run.changes if c.at < run.trace.iteration)]
        result = evaluation.result
        if result is not None and progress is None:
            verb = "evaluating the" if evaluation.is_on else "the"
            metrics = "".join(f"{name} {value:.3f}, " for name, value in result.metrics.items())
            notes.append(
                f"{verb} test split after iteration {evaluation.iteration}: "
                f"{result.done} of {result.total} images, {metrics}loss {loss_text(result.loss)}"
            )
        self.player.told = {
            # What is drawn is of another moment while the run is replayed.
            "status": viewer.status if progress is None else "",
            "message": viewer.message,
            "undo": viewer.offers_undo,
            "redo": viewer.offers_redo,
            "refused": viewer.is_refusal,
            "note": " · ".join(filter(None, notes)),
            "progress": progress
            and {"text": str(progress), "done": progress.share, "target": progress.target},
        }

    # From the screen to the viewer.

    def _hear_header(
        self,
        press: str = "",
        preset: str | None = None,
        lesson: dict[str, str] | None = None,
        handout: dict[str, Any] | None = None,
        code: Library | None = None,
        saved: str | None = None,
    ) -> None:
        if saved is not None:
            self.viewer.tell_saved(saved)
        elif code is not None:
            self._save_code(code)
        elif lesson is not None:
            self._begin_lesson(**lesson)
        elif handout is not None:
            self._make_handout(**handout)
        elif preset is not None:
            self.viewer.set("preset", preset)
        elif press == "settings":
            self.drawer.opened = not self.drawer.opened
        elif press == "present":
            self._switch_present()
        elif press == "theme":
            self._switch_theme()

    def _save_code(self, library: Library) -> None:
        """Hand over what is in sight as code; on the way to another iteration there is none."""
        if self.viewer.run.replaying:
            return
        if self.viewer.covered:
            self.viewer.refuse("A lesson asks about these numbers: answer it first.", "code")
            return
        try:
            name, content = code_file(self.viewer.trace, library)
        except ValueError as error:
            self.viewer.refuse(sentence(error), "code")
        else:
            self.header.hand_over(name, content)
            self.viewer.tell_saved(name)

    def _begin_lesson(self, name: str = "", text: str = "", kept: str = "") -> None:
        """Begin a lesson that comes along, or that of a file, which may be none."""
        refused = ""
        with pn.io.hold():
            if name in FILES:
                self.lessons.start(name, kept)
            else:
                refused = self.lessons.start_own(text, kept)
            answered = {"number": self.header.answered["number"] + 1, "refused": refused}
            self.header.answered = answered

    def _make_handout(self, name: str, step: int, number: int) -> None:
        """Answer the page, which asks for a lesson on paper step by step."""
        made = handout_step(self.lessons.named(name), step, self.viewer.run.limits)
        self.header.handout = packed({"number": number, **made})

    def _hear_strip(self, layer: str = "", sample: int | None = None) -> None:
        if sample is None:
            self.viewer.go_to_layer(layer)
        else:
            self.viewer.choose_sample(*whole_numbers([sample]))

    def _choose_side(self, title: str) -> None:
        sides = {shown: side for side, shown in SIDE_TITLES.items()}
        if title in sides:
            self.viewer.change(side=sides[title])

    def _hear_board(self, said: dict[str, Any]) -> None:
        """Answer the board: a click on a cell, how it is drawn, what was scrolled or saved."""
        if "scroll" in said:
            self._hear_scroll(**said)
        elif "picture" in said:
            self.viewer.change(picture=bool(said["picture"]))
        elif "edit" in said:
            self._hear_edit(**said["edit"])
        elif "pin" in said:
            self.viewer.pin(str(said["pin"]))
        elif "saved" in said:
            self.viewer.tell_saved(str(said["saved"]))
        elif "moment" in said:
            self._hear_cells(**said)
        else:
            self._choose_cell(**said)

    def _choose_cell(
        self, stage: int, key: str, index: list[int], coordinates: dict[str, int], panel: str = ""
    ) -> None:
        # A click on a stage that has gone meanwhile is none on the present one.
        is_here = stage == self.viewer.place.stage
        taken = is_here and any(
            part.takes(key, whole_numbers(index)) for part in (self.lessons, self.composing)
        )
        if is_here and not taken:
            named = whole_by_name(coordinates)
            self.viewer.select(key, whole_numbers(index), named, run_of(panel))

    def _hear_edit(
        self,
        stage: int | None = None,
        key: str = "",
        index: Sequence[int] = (),
        coordinates: Mapping[str, int] | None = None,
        panel: str = "",
        **said: Any,
    ) -> None:
        if stage is None:
            self.editing.hear(**said)
        elif not_edited(panel):
            self.viewer.refuse(not_edited(panel), "edit")
        elif stage == self.viewer.place.stage:
            self.viewer.select(key, whole_numbers(index), whole_by_name(coordinates or {}))
            self.editing.begin()

    def _hear_cells(
        self,
        moment: int,
        cells: int = 0,
        key: str = "",
        index: Sequence[int] = (),
        coordinates: Mapping[str, int] | None = None,
        onward: bool = False,
    ) -> None:
        # Cells of what has gone are none of the present result.
        if moment != self._moment:
            return
        if onward:
            if self.viewer.playing:
                self.viewer.step()
            return
        (count,) = whole_numbers([cells])
        named = whole_by_name(coordinates or {})
        self.viewer.compute(count, key, whole_numbers(index), named)

    def _hear_scroll(self, stage: int, arrival: int, scroll: dict[str, int]) -> None:
        # Nor is a scroll of what has gone.
        if (stage, arrival) == (self.viewer.place.stage, self.viewer.arrivals):
            self.viewer.scroll(scroll.items())

    def _name_space(self) -> None:
        self.browser.space = self.player.moves["play"].lower()

    def _begin_or_end_play(self) -> None:
        self.browser.playing = self.viewer.playing and SERVED
        self.board.play = self.transport.pace

    def _hear(
        self, key: str = "", opened: str | None = None, number: int = 0, drawn: bool = False
    ) -> None:
        """Answer the page: a key, the address that was opened, or that it has drawn."""
        if drawn:
            self.transport.drawn()
        elif opened is None:
            self._press(key)
        else:
            # First: whatever is written from now on is of this moment.
            self._asked = number
            self.open(address.parse(opened))
            # It may be the moment that was in sight already.
            self.draw_address()

    def open(self, query: Mapping[str, str]) -> None:
        """Go to the moment of an address, as far as it can be read; without words to the first."""
        run = self.viewer.run
        lacks_data = address.needs_own_data(query) and run.own is None
        lacks_weights = address.needs_own_weights(query, run.own_weights)
        self._waiting = query if lacks_data or lacks_weights else None
        if self._waiting is not None:
            # There the files are chosen.
            self.drawer.opened = True
        wrong: tuple[str, ...] = ()
        if LESSON_WORD in query:
            wrong = self.lessons.open(query)
            if not wrong:
                return
            query = {word: query[word] for word in query if word not in LESSON_WORDS}
        self.lessons.close()
        moment = address.read(query, run.limits, run.own, run.own_weights)
        moment = replace(moment, wrong=(*moment.wrong, *wrong))
        self.explaining.open(moment)
        self.viewer.open(moment)
        if moment.place.side == COMPOSE:
            self.composing.wake()

    def _use_data(self, data: DataSet, note: str) -> None:
        """Train on a person's own data, or open the address that has waited for them."""
        query, self._waiting = self._waiting, None
        if query is not None:
            self.viewer.stop()
        self.viewer.use_data(data, note)
        if query is not None:
            self.open(query)

    def _use_weights(self, weights: Weights) -> None:
        """Begin from a person's own weights, or open the address that has waited for them."""
        if self._waiting is None or address.needs_own_weights(self._waiting, weights):
            self.viewer.use_weights(weights)
            return
        self.viewer.stop()
        self.viewer.run.own_weights = weights
        self.open(self._waiting)

    def _ask_picture(self, pixels: NDArray[np.uint8], name: str) -> None:
        """Ask the network about a person's single picture, which makes no data set."""
        # It stands beside the board, where the settings are in front.
        self.drawer.opened = False
        self.viewer.change(side=PROBE)
        self.viewer.probe_picture(pixels, name)

    def _press(self, action: str) -> None:
        """Answer a key."""
        if action == "deselect":
            self._deselect()
        elif action == "present":
            self._switch_present()
        elif action == "answer":
            self.lessons.show_answer()
        elif action in GRAINS:
            self.transport.choose_grain(action)
        else:
            self.transport.press(action)

    def _deselect(self) -> None:
        """Take away what stands in front: the settings, or the selection and what is said."""
        if self.drawer.opened:
            self.drawer.opened = False
            return
        self.viewer.deselect()
        self.viewer.close_message()

    def _switch_theme(self) -> None:
        self.browser.param.update(dark=not self.browser.dark, touched=True)

    def _switch_present(self) -> None:
        self.drawer.opened = False
        self.viewer.change(present=not self.viewer.place.present)

    def _dress(self) -> None:
        """Make all of the page dark, or large, as it is to be; see `theme`."""
        if not self.browser.whole:
            worn = {"cs-dark": self.browser.dark, "cs-present": self.browser.present}
            self._root.css_classes = ["cs-dashboard", *(name for name in worn if worn[name])]

    def _paint(self) -> None:
        """Paint what does not follow the style sheet by itself."""
        colours = theme.DARK if self.browser.dark else theme.LIGHT
        palettes = theme.DARK_PALETTES if self.browser.dark else theme.PALETTES
        self.header.dark = self.browser.dark
        with pn.io.hold():
            self._dress()
            self.board.palettes = self.strip.palettes = self.probing.panel.palettes = palettes
            self.charts.paint(colours, self.browser.scale)

    # How it stands on the screen.

    def page(self) -> Viewable:
        """Return the dashboard as it stands on the screen."""
        return self._root

    def _build(self) -> pn.Column:
        view = pn.Column(
            self.head,
            pn.Row(self.board, stylesheets=[sheets.BOARD]),
            stylesheets=[sheets.CARD],
            css_classes=["cs-stage"],
        )
        self._beside = pn.Column(
            self.side,
            self.lessons.panel,
            self.composing.panel,
            self.comparing.panel,
            self.explaining.panel,
            self.probing.panel,
            self.charts.room,
            stylesheets=[sheets.SIDE],
            css_classes=["cs-beside"],
        )
        self._main = pn.Row(view, self._beside, stylesheets=[sheets.MAIN, sheets.AWAY], margin=0)
        own = [] if self.browser.whole else [theme.EMBEDDED_CSS]
        return pn.Column(
            self.header,
            # By the Tab key, next to its button.
            self.drawer.panel(),
            self.strip,
            self._main,
            self.player,
            self.browser,
            *([self.key_frames.store] if self.key_frames else []),
            *([self.reconnection.connection] if self.reconnection else []),
            stylesheets=[sheets.PAGE, *own],
            css_classes=["cs-dashboard"],
            margin=0,
        )


def _for_others(side: str) -> str:
    """Return what stands beside the board for whoever gets the address."""
    return side if side not in (COMPOSE, LESSON) else SIDES[0]
