"""A moment of a history, to which it can go back whatever is changed afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.snapshot import Captured


@dataclass(frozen=True, eq=False)
class WayBack:
    """What `History.way_back` returns; `History.take` goes there.

    Attributes:
        state: of the trainer.
        held: what the history held, by the names of its attributes.
    """

    state: Captured
    held: Mapping[str, Any]

    @property
    def nbytes(self) -> int:
        """Bytes of memory of the state."""
        return self.state.nbytes
