"""Asks the network about pictures: what is drawn, opened or chosen in the panel of a probe."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from typing import Any

import numpy as np

from viz_app.components.probe.probe import NOT_CHOSEN, PAGE, ProbePanel, content_of, gallery_of
from viz_app.components.wire import packed, whole_numbers
from viz_app.controls.clock import Clock
from viz_app.place.place import PROBE
from viz_app.probe.probe import Probe, as_bytes
from viz_app.probe.tested import Tested
from viz_app.scene.registry import Look
from viz_app.style import sheets
from viz_app.viewer import Viewer
from viz_app.watch import watch

MOST_REPLACED = 50  # pictures whose place another one took
PERIOD = 20  # ms from one slice of the search for wrong images to the next


class Probing:
    """Shows a panel what the network answers, and hears it.

    Args:
        viewer: who looks.
        is_led: whether a lesson says what is seen; then nothing is asked.

    Attributes:
        panel: what is drawn on.
    """

    def __init__(self, viewer: Viewer, is_led: Callable[[], bool]) -> None:
        self._viewer, self._is_led = viewer, is_led
        self.panel = ProbePanel(stylesheets=[sheets.AWAY], sizing_mode="stretch_both", margin=0)
        self.panel.answer(lambda said: self._hear(**said))
        # Of the drawing that was heard last: whoever draws is ahead of what is shown.
        self._number = 0
        # What was asked about before the training batch came back.
        self._before: Probe | None = None
        # Whose place a picture from elsewhere took: whoever draws can take that back.
        self._replaced: list[Probe] = []
        self._shown: tuple[object, ...] = ()
        self._tested: Tested | None = None
        self._count, self._data = PAGE, viewer.run.data
        self._is_stale = True
        self._clock = Clock(self._go_on, PERIOD)
        watch(viewer.run, ["recipe"], lambda *_: self._forget())

    def draw(self) -> None:
        """Show what is asked, and the answer, if the panel is in sight."""
        look: Look = self._viewer.look
        is_front = look.place.side == PROBE
        self.panel.front = is_front
        led = self._is_led()
        second = look.beside.trace if look.beside else None
        asked = (look.place.probe, self._before, self._number)
        shown = (look.trace, *asked, look.notation, led, second)
        if not is_front or shown == self._shown:
            return
        self._shown = shown
        data = self._viewer.run.data
        self.panel.content = packed(
            content_of(
                look.trace, look.place.probe, data, self._number, look.notation, led, second,
                before=self._before,
            )
        )  # fmt: skip
        if self._is_stale:
            self._draw_gallery()

    def give_way(self) -> None:
        """Show the training batch where a lesson says what is seen."""
        if self._is_led() and self._viewer.probe is not None:
            self._before = self._viewer.probe
            self._viewer.change(probe=None)
        self.draw()

    def _hear(
        self,
        drawn: str | None = None,
        number: int = 0,
        opened: dict[str, Any] | None = None,
        label: int | None = None,
        test: int | None = None,
        end: bool = False,
        again: bool = False,
        show: bool = False,
        find: bool | None = None,
        more: bool = False,
    ) -> None:
        if find is not None:
            self._find(find)
        elif more:
            self._count += PAGE
            self._draw_gallery()
        elif not self._is_led():
            if drawn is not None:
                self._draw_on(b64decode(drawn), *whole_numbers([number]))
            elif opened is not None:
                self._open(**opened)
            elif label is not None:
                self._choose_label(*whole_numbers([label]))
            elif test is not None:
                self._choose_test(*whole_numbers([test]))
            elif end:
                self._keep()
                self._before = self._viewer.probe
                self._ask(None)
            elif again and self._before is not None:
                self._ask(self._before)
            elif show:
                self._show_gradient()

    def _ask(self, probe: Probe | None) -> None:
        # What is asked by hand goes on by hand.
        self._viewer.ask(probe)
        self.draw()

    def _choose_test(self, number: int) -> None:
        wanted = Probe("test", number=number)
        if wanted != self._viewer.probe:
            self._keep()
        self._ask(wanted)

    def _keep(self) -> None:
        """Keep what is asked about, whose place another picture takes."""
        if self._viewer.probe is not None:
            self._replaced = [*self._replaced[1 - MOST_REPLACED :], self._viewer.probe]

    def _draw_on(self, pixels: bytes, number: int) -> None:
        """Ask about what is drawn so far; a chosen class stays, or that of a test image.

        A picture whose place another one took is asked about as it was.
        """
        before, self._number = self._viewer.probe, number
        data = self._viewer.run.data
        last = self._replaced[-1] if self._replaced else None
        if last is not None and as_bytes(last.image(data)[0], data).tobytes() == pixels:
            self._replaced.pop()
            self._ask(last)
            return
        target = None if before is None else before.target(data)
        self._ask(Probe("drawn", pixels=pixels, label=None if target is None else int(target[0])))

    def _open(self, name: str, width: int, height: int, pixels: str) -> None:
        width, height = whole_numbers([width, height])
        content = np.frombuffer(b64decode(pixels), np.uint8)
        self._keep()
        self._viewer.probe_picture(content.reshape(height, width, 4), name)
        self.draw()

    def _choose_label(self, label: int) -> None:
        probe = self._viewer.probe
        # It is the class of all that is drawn from now on.
        self._replaced = []
        if probe is not None:
            self._ask(probe.with_label(None if label == NOT_CHOSEN else label))

    def _show_gradient(self) -> None:
        """Look at the gradient of the picture on the board."""
        stages = self._viewer.trace.stages
        self._viewer.go_to_stage(len(stages) - 1, len(stages[-1].inner) - 1)

    # The gallery.

    def _forget(self) -> None:
        """Leave what was found of another run."""
        self._clock.run(False)
        self._tested = self._before = None
        self._replaced = []
        if self._data is not self._viewer.run.data:
            self._data, self._count = self._viewer.run.data, PAGE
        self._is_stale = True

    def _find(self, is_on: bool) -> None:
        """Begin to look for what the network of this iteration gets wrong, or stop that."""
        run = self._viewer.run
        if is_on and not run.replaying:
            self._tested = Tested(run.trace, run.data, run.samples_at_once)
            self._count = PAGE
        self._clock.run(is_on and self._tested is not None)
        self._draw_gallery(is_on)

    def _go_on(self) -> None:
        tested = self._tested
        if tested is None or tested.is_whole:
            self._clock.run(False)
            return
        tested.go_on()
        if tested.is_whole:
            self._clock.run(False)
        self._draw_gallery(not tested.is_whole)

    def _draw_gallery(self, is_on: bool = False) -> None:
        self._is_stale = False
        self.panel.gallery = gallery_of(self._viewer.run.data, self._tested, is_on, self._count)
