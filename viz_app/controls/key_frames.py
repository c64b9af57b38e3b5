"""Key frames that the browser keeps, so that a moment that was computed once is there at once."""

from __future__ import annotations

from time import perf_counter

import param

from core.errors import StateError
from core.training.key_frame import pack, unpack
from viz_app.components.storage.key_frames import KeyFrameStore
from viz_app.place.kept import can_be_kept, key_of, spans
from viz_app.viewer import Viewer
from viz_app.watch import watch

# Fewer iterations than these are computed again sooner than a frame is sent.
LEAST = 50
# While the run is played: seconds between two frames, and which part of the way lies between them.
PAUSE, PART = 5.0, 0.1
LARGEST = 4_000_000  # bytes of a frame


class KeyFrames:
    """Gives key frames of a viewer's run to the browser, and goes on from those that it has.

    A frame is given where a replay or playing has ended, and now and then while it plays; never
    with a single step.
    """

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.store = KeyFrameStore(self._take, margin=0)
        # The last iteration that the browser has, by key.
        self._kept: dict[str, int] = {}
        self._given = 0.0
        watch(viewer.run, ["progress"], self._on_progress)
        watch(viewer, ["look"], self._on_look)
        watch(viewer, ["playing"], self._on_playing)

    def _on_progress(self, event: param.parameterized.Event) -> None:
        if event.new is None:
            self.store.wanted = []
            self._give(LEAST)
        elif event.old is None:
            self.store.look_for(spans(self.viewer.run, event.new.target - 1))

    def _on_playing(self, *_: object) -> None:
        if not self.viewer.playing and not self.viewer.run.replaying:
            self._give(LEAST)

    def _on_look(self, *_: object) -> None:
        if self.viewer.playing and perf_counter() - self._given > PAUSE:
            self._give(max(LEAST, PART * self.viewer.trace.iteration))

    def _give(self, least: float) -> None:
        """Give the last key frame before the iteration in sight, if it is far from the last one."""
        run = self.viewer.run
        # It holds what is covered.
        if self.viewer.covered or not can_be_kept(run):
            return
        frame = run.history.key_frame(run.trace.iteration - 1)
        key = key_of(run, frame.iteration)
        if frame.iteration - self._kept.get(key, 0) < least:
            return
        self._kept[key], self._given = frame.iteration, perf_counter()
        content = pack(frame, key)
        if len(content) <= LARGEST:
            self.store.keep(key, frame.iteration, content)

    def _take(self, key: str, content: bytes) -> None:
        """Go on from a frame that the browser had kept; what is not of this run is left."""
        run, progress = self.viewer.run, self.viewer.run.progress
        if progress is None:
            return
        span = next((one for one in spans(run, progress.target - 1) if one.key == key), None)
        if span is None or len(content) > LARGEST:
            return
        try:
            frame = unpack(content, key, run.history.trainer)
        except StateError:
            return
        if span.first <= frame.iteration <= span.last:
            self._kept[key] = frame.iteration
            self.store.resumed = frame.iteration
            self.viewer.resume(frame)
