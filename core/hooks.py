"""Hooks: functions that are called after a pass of a layer."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

# A key that came twice would let a removed handle take off somebody else's hook.
_KEYS = count(1)


class HookHandle:
    """A registered hook; `remove` takes it off again."""

    def __init__(
        self, hooks: dict[int, Callable[..., object]], hook: Callable[..., object]
    ) -> None:
        self._hooks = hooks
        self._key = next(_KEYS)
        hooks[self._key] = hook

    def remove(self) -> None:
        """Stop calling the hook. Removing it twice does nothing."""
        self._hooks.pop(self._key, None)
