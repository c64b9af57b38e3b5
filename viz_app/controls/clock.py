"""A clock in the loop of the session."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import panel as pn
from panel.io.callbacks import PeriodicCallback


class Clock:
    """Calls an action again and again while it runs.

    Args:
        action: what to call.
        period: milliseconds from one call to the next.
    """

    def __init__(self, action: Callable[[], None], period: int) -> None:
        self._action, self._period = action, period
        self._running: PeriodicCallback | None = None

    @property
    def period(self) -> int:
        """Milliseconds from one call to the next."""
        return self._period

    @period.setter
    def period(self, period: int) -> None:
        self._period = period
        if self._running is not None:
            self._running.period = period

    def run(self, on: bool) -> None:
        """Start or stop."""
        if on and self._running is None:
            self._running = pn.state.add_periodic_callback(cast(Any, self._tick), self._period)
        elif not on and self._running is not None:
            self._running.stop()
            self._running = None

    async def _tick(self) -> None:
        self._action()
        # In the browser there is one loop for everything: without a pause, an action that takes
        # longer than its period would never let a press of Pause in.
        await asyncio.sleep(0)
