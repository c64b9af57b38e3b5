"""Hooks: functions that are called after a pass of a layer."""

from __future__ import annotations

from collections.abc import Callable


class HookHandle:
    """A registered hook; `remove` takes it off again."""

    def __init__(
        self, hooks: dict[int, Callable[..., object]], hook: Callable[..., object]
    ) -> None:
        self._hooks = hooks
        self._key = max(hooks, default=0) + 1
        hooks[self._key] = hook

    def remove(self) -> None:
        """Stop calling the hook. Removing it twice does nothing."""
        self._hooks.pop(self._key, None)
