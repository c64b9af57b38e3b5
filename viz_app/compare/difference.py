"""The one thing by which the second of two runs differs from the first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.data import load_dataset
from viz_app.compare.carried import carried
from viz_app.run.edits import changes as kinds
from viz_app.run.presets import PRESETS, with_network, with_preset
from viz_app.run.recipe import OWN_DATA, Recipe
from viz_app.run.replay import Change
from viz_app.run.settings import CHANGEABLE, SETTINGS, SettingValue

# By this name the text of the network differs.
NETWORK = "network"


@dataclass(frozen=True)
class Difference:
    """A setting that is another one from the beginning, or a change that is made on the way.

    Attributes:
        name: of the setting, or of the change; `NETWORK` for another network.
        value: what it is in the second run.
        at: the iteration behind which it is changed; None where it is so from the beginning.
    """

    name: str
    value: SettingValue
    at: int | None = None

    @property
    def words(self) -> str:
        """What it is that differs."""
        return SETTINGS[self.name].title.lower() if self.name in SETTINGS else self.name

    @property
    def title(self) -> str:
        """What differs, in a few words."""
        if self.name == "preset":
            return f"preset “{PRESETS[str(self.value)].title}”"
        if self.at is not None:
            return (
                f"{kinds.words(Change(self.at, self.name, self.value))}, after iteration {self.at}"
            )
        return f"{self.words} {SETTINGS[self.name].write(self.value)}"

    def recipe(self, first: Recipe) -> Recipe:
        """Return the recipe of the second run.

        Args:
            first: that of the first run.
        """
        if self.at is not None:
            return first
        if self.name == "preset":
            return carried(first, with_preset(first, str(self.value)))
        if self.name == NETWORK:
            return carried(first, with_network(first, str(self.value)))
        found = first.with_(**{self.name: self.value})
        return found if self.name != "dataset" else replace(found, data=load_dataset(found.dataset))

    def is_none(self, first: Recipe) -> bool:
        """Return whether the second run would be the first again."""
        return self.at is None and self.recipe(first).makes_the_run_of(first)

    def inverse(self, first: Recipe) -> Difference | None:
        """Return by what the first run differs from the second; None if no one thing says it.

        Args:
            first: recipe of the first run.
        """
        value = getattr(first, self.name, None) if self.at is None else None
        if not isinstance(value, str | int | float) or value in ("", OWN_DATA):
            return None
        found = Difference(self.name, value)
        return found if found.recipe(self.recipe(first)).makes_the_run_of(first) else None

    def changes(self, first: Iterable[Change]) -> list[Change]:
        """Return the changes of the second run: all of the first but for what differs.

        Args:
            first: those of the first run.
        """
        kept = [change for change in first if not self._decides(change)]
        if self.at is None:
            return kept
        own = Change(self.at, self.name, self.value)
        earlier = [change for change in kept if change.at <= self.at]
        return [*earlier, own, *kept[len(earlier) :]]

    def _decides(self, change: Change) -> bool:
        """Return whether a change of the first run is none of the second, which has its own value.

        Other numbers than settings are changed one by one: they do not replace each other.
        """
        is_setting = change.name == self.name and self.name in CHANGEABLE
        return is_setting and (self.at is None or change.at >= self.at)
