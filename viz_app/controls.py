"""The controls: widgets on one session."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, cast

import panel as pn
from panel.io.callbacks import PeriodicCallback
from panel.viewable import Viewable

from core.errors import DataError
from viz_app.components.files.download import Download
from viz_app.components.files.upload import Upload
from viz_app.components.navigation.grain import GrainChoice
from viz_app.cursor import GRAINS
from viz_app.session import Session, sentence
from viz_app.style import sheets
from viz_app.uploads import ChosenFile, read_upload
from viz_app.weights import weights_file

# Milliseconds from one iteration of Play to the next.
SPEEDS = {"slow": 1000, "normal": 250, "fast": 20}
# Without a server, the line to the page waits for it by itself; see `static/live.py`.
WAITS = sys.platform != "emscripten"
# Steps of Play that may wait to be drawn, and seconds after which none is waited for.
AHEAD, LOST = 3, 1.0
EVALUATION_PERIOD = TRAVEL_PERIOD = 20


class Controls:
    """Buttons, settings and the clockwork of Play and evaluation."""

    def __init__(self, session: Session) -> None:
        self.session = session
        number = {"format": "0.[000000]"}
        self.settings = [
            _field(pn.widgets.Select, session, "preset", "Preset", 145),
            _field(pn.widgets.Select, session, "dataset", "Data set", 172),
            _field(
                pn.widgets.FloatInput, session, "learning_rate", "Learning rate", 84, step=0.005,
                **number,
            ),
            _field(pn.widgets.IntInput, session, "batch_size", "Batch size", 66),
            _field(pn.widgets.IntInput, session, "seed", "Seed", 60),
        ]  # fmt: skip
        self.sample = pn.widgets.Select(
            label="Sample", width=150, stylesheets=[sheets.INLINE], margin=0
        )
        self.scale = pn.widgets.Select.from_param(
            session.param.scale,
            label="Colours",
            description=None,
            width=165,
            stylesheets=[sheets.INLINE],
            margin=0,
        )
        self.speed = pn.widgets.Select(
            label="Speed", options=SPEEDS, value=SPEEDS["normal"], width=78,
            stylesheets=[sheets.FIELD], margin=0,
        )  # fmt: skip
        self.grain = GrainChoice(margin=0, align="end")
        self.back = _button("Back", session.back)
        self.step = _button("Step", session.step, kind="primary")
        self.play = _button("Play", self.toggle_play)
        self.reset = _button("Reset", session.reset)
        self.evaluate = _button("Evaluate", self._toggle_evaluation, width=76, small=True)
        self.theme = pn.widgets.Button(
            label="Dark", width=56, stylesheets=[sheets.BUTTON, sheets.SMALL], margin=0
        )
        self.upload = Upload(self._on_upload, width=84, height=26, margin=0)
        self.weights = _button("Save weights", self._save_weights, width=96, small=True)
        self.download = Download(margin=0)
        self._undrawn, self._stepped = 0, 0.0
        self._playing: PeriodicCallback | None = None
        self._evaluating: PeriodicCallback | None = None
        self._travelling: PeriodicCallback | None = None
        self.sample.param.watch(lambda event: session.param.update(sample=event.new), "value")
        self.speed.param.watch(self._on_speed, "value")
        session.param.watch(self._on_playing, "playing")
        session.param.watch(self._on_evaluating, "evaluating")
        session.param.watch(self._on_journey, "journey")
        session.param.watch(self._on_trace, ["trace", "sample", "stage", "inner", "grain"])
        self.grain.on_msg(lambda event: self._on_grain(event.data))
        session.param.watch(lambda event: self.grain.param.update(at=event.new), "grain")
        self._on_trace()

    def toolbar(self) -> list[Viewable]:
        """All controls in their order on the screen."""
        moves = pn.Row(
            self.back, self.step, self.play, self.grain, stylesheets=[sheets.MOVES], margin=0
        )
        return [*self.settings, moves, self.speed, self.reset]

    def tools(self) -> list[Viewable]:
        """What chooses how things are looked at, and what is done now and then."""
        return [self.sample, self.scale, self.evaluate, self.weights, self.upload, self.theme]

    def toggle_play(self) -> None:
        """Start or pause Play."""
        if self.session.journey is not None:
            self.session.journey.stop()
        else:
            self.session.playing = not self.session.playing

    def _on_playing(self, *_: object) -> None:
        self.play.label = "Pause" if self.session.playing else "Play"
        self._undrawn = 0
        self._playing = _clockwork(
            self._playing, self._play_on, self.speed.value, self.session.playing
        )

    def _play_on(self) -> None:
        """Step, unless the browser is still drawing the steps before; it may have lost one."""
        now = perf_counter()
        if not WAITS or self._undrawn < AHEAD or now - self._stepped > LOST:
            self._undrawn, self._stepped = self._undrawn + 1, now
            self.session.step()

    def drawn(self) -> None:
        """Hear that the browser has drawn a step of Play."""
        self._undrawn = max(0, self._undrawn - 1)

    def _on_journey(self, *_: object) -> None:
        on_the_way = self.session.journey is not None
        self.play.label = "Stop" if on_the_way else "Play"
        # On the way, the model is ahead of what is shown.
        self.weights.disabled = on_the_way
        self._travelling = _clockwork(self._travelling, self._go_on, TRAVEL_PERIOD, on_the_way)

    def _go_on(self) -> None:
        if self.session.journey is not None:
            self.session.journey.go_on()

    def _on_speed(self, *_: object) -> None:
        if self._playing is not None:
            self._playing.period = self.speed.value

    def _toggle_evaluation(self) -> None:
        if self.session.evaluating:
            self.session.stop_evaluation()
        else:
            self.session.start_evaluation()

    def _on_evaluating(self, *_: object) -> None:
        self.evaluate.label = "Stop" if self.session.evaluating else "Evaluate"
        self._evaluating = _clockwork(
            self._evaluating,
            self.session.continue_evaluation,
            EVALUATION_PERIOD,
            self.session.evaluating,
        )

    def _save_weights(self) -> None:
        self.download.hand_over(*weights_file(self.session))

    def _on_upload(self, files: Sequence[ChosenFile], content: bytes) -> None:
        try:
            data, note = read_upload(files, content)
        except DataError as error:
            # The next iteration would take the message away.
            self.session.playing = False
            self.session.message = sentence(error)
            return
        self.session.use_data(data, note)

    def _on_grain(self, grain: str) -> None:
        if grain in GRAINS:
            self.session.grain = grain

    def _on_trace(self, *_: object) -> None:
        session = self.session
        self.back.disabled = session.at_start
        names = session.data.class_names
        options = {
            f"{k} · {names[target]}": k for k, target in enumerate(session.trace.targets.tolist())
        }
        self.sample.param.update(options=options, value=session.sample)


def _field(
    kind: type[pn.widgets.Widget],
    session: Session,
    name: str,
    label: str,
    width: int,
    **options: Any,
) -> pn.widgets.Widget:
    return kind.from_param(
        session.param[name],
        label=label,
        width=width,
        stylesheets=[sheets.FIELD],
        margin=0,
        **options,
    )


def _button(
    name: str,
    action: Callable[[], None],
    width: int = 58,
    kind: str = "default",
    *,
    small: bool = False,
) -> pn.widgets.Button:
    return pn.widgets.Button(
        label=name,
        color=kind,
        width=width,
        stylesheets=[sheets.BUTTON, sheets.SMALL] if small else [sheets.BUTTON],
        margin=0,
        align="start" if small else "end",
        on_click=lambda _: action(),
    )


def _clockwork(
    running: PeriodicCallback | None, action: Callable[[], None], period: int, on: bool
) -> PeriodicCallback | None:
    """Start or stop a periodic call; return it while it runs."""

    async def tick() -> None:
        action()
        # In the browser there is one loop for everything: without a pause, an action that takes
        # longer than its period would never let a press of Pause in.
        await asyncio.sleep(0)

    if on and running is None:
        started: PeriodicCallback = pn.state.add_periodic_callback(cast(Any, tick), period=period)
        return started
    if not on and running is not None:
        running.stop()
        return None
    return running
