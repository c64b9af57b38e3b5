"""What somebody is told: what was done, or why it was not, until that can have been read."""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic

import param

from viz_app.run.run import REFUSALS
from viz_app.words import followed, joined, sentence

LOG = logging.getLogger(__name__)
# Seconds for which what was refused can be read, whatever is done next.
READING = 8.0
# What failed, as it is said on the page.
DRAWING = "A part of this picture cannot be drawn"
MESSAGE = "What the page asked for cannot be done"


class Told(param.Parameterized):
    """Hears what can be said, and keeps of it what is in sight."""

    playing = param.Boolean(default=False, doc="Ends with an error.")
    message = param.String(default="", doc="What went wrong and what to do, or nothing.")

    def __init__(self) -> None:
        super().__init__()
        # What was refused, and since when it can be read; None if nothing is in sight.
        self._refused: tuple[object, float] | None = None
        # Since when something is said that was done on the way to something else.
        self._kept: float | None = None
        self._logged: set[str] = set()

    @property
    def is_refusal(self) -> bool:
        """Whether what is said is why something was not done."""
        return self._refused is not None

    @property
    def refused(self) -> object:
        """What was asked for that is not done, as long as that is said; None if nothing is."""
        return self._refused[0] if self._refused else None

    def refuse(self, message: str, of: object = "") -> None:
        """Say why something is not done; it stays to be read (see `READING`).

        Args:
            message: why, and what to do.
            of: what was asked for.
        """
        # Before the message is heard of.
        self._refused, self._kept = (of, monotonic()), None
        self.message = message

    def grant(self, of: object) -> None:
        """Hear that something is done after all: a refusal of the same is not true any more."""
        if self._refused is not None and self._refused[0] == of:
            self.close_message()

    def tell_saved(self, name: str, *more: str) -> None:
        """Say that a file was handed to the browser, which saves it as it saves every download.

        Args:
            name: of the file.
            more: sentences about what is in it.
        """
        self._tell(joined(f"Saved as {name}, where this browser keeps downloads.", *more), "saved")
        self.keep_said()

    def keep_said(self) -> None:
        """Hear that what is said was done on the way to something else: it stays to be read."""
        if self.message and not self.is_refusal:
            self._kept = monotonic()

    def close_message(self) -> None:
        """Take away what was said: it was read."""
        self.message, self._refused, self._kept = "", None, None

    def _tell(self, message: str, of: object) -> None:
        """Say something about what was done, or nothing, unless a refusal is still to be read."""
        if self._refused is not None and not message:
            what, since = self._refused
            if not (of is None or what == of or monotonic() - since >= READING):
                return
        is_kept = self._kept is not None and monotonic() - self._kept < READING
        if is_kept and not message and of is not None:
            return
        self._refused = self._kept = None
        self.message = message

    def attempt(self, what: str, action: Callable[[], None]) -> bool:
        """Do something for the page that must not stop it; return whether it was done.

        Args:
            what: what has failed if it raises, as it is said then.
            action: what to do.
        """
        try:
            action()
        except Exception as error:
            self._log(error)
            self.refuse(f"{what}: {type(error).__name__}: {error}", what)
            return False
        return True

    def _log(self, error: Exception) -> None:
        """Log an error, the first time it occurs: what is drawn may fail with every step."""
        if str(error) not in self._logged:
            self._logged.add(str(error))
            LOG.exception("something failed", exc_info=error)

    def stays(self, of: object) -> str:
        """Return a sentence that says what stays in force where something is refused; or nothing.

        Args:
            of: what was asked for.
        """
        return ""

    def say(self, error: Exception, of: object = "") -> None:
        """Say what went wrong; what only somebody's own code can raise is logged too."""
        self.playing = False
        if isinstance(error, (*REFUSALS, RuntimeError)):
            self.refuse(followed(sentence(error), self.stays(of)), of)
        else:
            self.refuse(f"{type(error).__name__}: {error}", of)
            self._log(error)
