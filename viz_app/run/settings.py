"""The settings of a run: the limits of each, and how it takes effect.

Widgets, links and the API ask the same table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import Any, TypeAlias

import numpy as np

from core.data import DATASETS, DataSet
from core.errors import SpecError
from core.init import INITIALISERS
from core.io.lines import one_line
from core.io.parts import NONE, plain_augment, plain_loss, plain_optimizer, plain_schedule
from core.layers.option import is_real
from core.training.trainer import Trainer
from viz_app.run.presets import PRESETS
from viz_app.run.recipe import OWN_DATA, Recipe
from viz_app.words import ended

DTYPES = ("float64", "float32")
LARGEST_RATE, LARGEST_SEED = 1e6, 2**53
# Characters of the text of a network: that are read at all, and that any program takes in a link.
LONGEST_NETWORK, LONGEST_IN_LINK = 20_000, 2_000
# Characters of a refused value that are repeated in the refusal.
LONGEST_SHOWN = 60
SettingValue: TypeAlias = str | int | float


@dataclass(frozen=True)
class Setting:
    """One setting.

    Attributes:
        title: what people read.
        keep: returns what to keep of a value, given the data; None where it is no value of this.
        expected: what is one, in words, given the data.
        read: returns the value that a text stands for, from a field or an address.
        change: how it takes effect between two iterations; None where a new run begins.
        titles: what people read of values that have names.
    """

    title: str
    keep: Callable[[object, DataSet], SettingValue | None]
    expected: Callable[[DataSet], str]
    read: Callable[[str], object] = str
    change: Callable[[Trainer, Any], None] | None = None
    titles: Mapping[str, str] = field(default_factory=dict)

    def check(self, value: object, data: DataSet) -> SettingValue:
        """Return what to keep of a value; raise ValueError with a sentence if it is none."""
        return self._kept(value, data, repr(value) if isinstance(value, str) else str(value))

    def parse(self, text: str, data: DataSet) -> SettingValue:
        """Return the value that a text stands for; raise ValueError with a sentence if none."""
        return self._kept(self.read(text), data, text)

    def _kept(self, value: object, data: DataSet, written: str) -> SettingValue:
        kept = self.keep(value, data)
        if kept is None:
            said = shown(written)
            raise ValueError(f"{self.title} is {said}; expected {self.expected(data)}.")
        return kept

    def write(self, value: SettingValue) -> str:
        """Return the text that `parse` reads as a value."""
        return repr(value) if isinstance(value, float) else str(value)

    def stays(self, value: object) -> str:
        """Return a sentence that says which value stays in force; empty of one without a text."""
        if not isinstance(value, SettingValue) or value == "":
            return ""
        written = self.write(value)
        return f"{self.title} stays {ended(shown(self.titles.get(written, written)))}"


def number(text: str) -> object:
    """Return the number that a person wrote: 0.02, 0,02, 2e-2 or 1e2; the text itself if none.

    A comma is a decimal point; one that may as well separate thousands, as in 1,000, is not read.
    The sign may be the one that the page prints.
    """
    written = text.strip().replace("−", "-")
    if "_" in written or re.fullmatch(r"[+-]?[1-9]\d{0,2}(,\d{3})+", written):
        return text
    try:
        found = float(written.replace(",", ".") if written.count(",") == 1 else written)
    except ValueError:
        return text
    if not found and re.match(r"[^eE]*[1-9]", written):
        # Too small for a float: no zero was meant.
        return text
    # A float holds whole numbers exactly up to some size; a larger one is read digit by digit.
    return int(written) if re.fullmatch(r"[+-]?\d+", written) and isfinite(found) else found


def whole(value: object, least: float = -inf, most: float = inf) -> int | None:
    """Return a whole number, 1000.0 as 1000; None if the value is none from `least` to `most`."""
    return int(value) if is_real(value) and int(value) == value and least <= value <= most else None


def shown(text: str) -> str:
    """Return a refused text as the refusal repeats it."""
    said = " ".join(text.split())
    return (said if len(said) <= LONGEST_SHOWN else f"{said[:LONGEST_SHOWN]}…") or "empty"


def _rate(value: object, data: DataSet) -> float | None:
    return float(value) if is_real(value) and 0 < value <= LARGEST_RATE else None


def _dtype(value: object, data: DataSet) -> str | None:
    """Take the types of NumPy and Python, as NumPy does, beside their names."""
    name = np.dtype(value).name if isinstance(value, type | np.dtype) else value
    return name if isinstance(name, str) and name in DTYPES else None


def _network(value: object, data: DataSet) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    if len(value) > LONGEST_NETWORK:
        raise SpecError(
            f"the network's text has {len(value):,} characters; at most {LONGEST_NETWORK:,} are "
            "read"
        )
    return one_line(value)


def too_long_for_a_link(network: str) -> str:
    """Return what to say of the text of a network that makes a link too long; empty for others."""
    if len(network) <= LONGEST_IN_LINK:
        return ""
    return (
        f"The network's text has {len(network):,} characters: mail and chat programs may cut links "
        f"with more than {LONGEST_IN_LINK:,}. Hand on the text itself, and paste it under Settings."
    )


def _part(title: str, plain: Callable[[str], str], example: str) -> Setting:
    """A part of the run that a text stands for; see `core.io.parts`."""

    def keep(value: object, data: DataSet) -> str | None:
        return plain(value) if isinstance(value, str) else None

    return Setting(title, keep, lambda data: f"a text, such as {example}")


def _one_of(title: str, known: Collection[str], titles: Mapping[str, str] | None = None) -> Setting:
    def keep(value: object, data: DataSet) -> str | None:
        return value if isinstance(value, str) and value in known else None

    return Setting(title, keep, lambda data: f"one of {', '.join(known)}", titles=titles or {})


def _set_rate(trainer: Trainer, value: float) -> None:
    # A schedule leads from this rate to others.
    owner: Any = trainer.optimizer if trainer.schedule is None else trainer.schedule
    owner.lr = value


def _set_batch_size(trainer: Trainer, value: int) -> None:
    trainer.batches.set_batch_size(value)


SETTINGS = {
    "preset": _one_of("Preset", PRESETS, {name: one.title for name, one in PRESETS.items()}),
    "dataset": _one_of("Data set", (*DATASETS, OWN_DATA), {**DATASETS, OWN_DATA: "your own"}),
    "learning_rate": Setting(
        "Learning rate",
        _rate,
        lambda data: f"a number above 0, such as 0.02, and at most {LARGEST_RATE:,.0f}",
        number,
        _set_rate,
    ),
    "batch_size": Setting(
        "Batch size",
        lambda value, data: whole(value, 1, len(data.train)),
        lambda data: f"a whole number from 1 to {len(data.train)}",
        number,
        _set_batch_size,
    ),
    "seed": Setting(
        "Seed",
        lambda value, data: whole(value, 0, LARGEST_SEED),
        lambda data: f"a whole number from 0 to {LARGEST_SEED}",
        number,
    ),
    "network": Setting(
        "Network",
        _network,
        lambda data: "layers, such as conv 8 k3, relu, flatten, linear {classes}",
    ),
    "optimizer": _part("Optimiser", plain_optimizer, "sgd momentum 0.9"),
    "loss": _part("Loss", plain_loss, "cross_entropy"),
    "schedule": _part("Schedule", plain_schedule, "warmup 20, cosine 300"),
    "init": _one_of("First weights", INITIALISERS),
    "augment": _part("Augmentation", plain_augment, f"shift 1, flip; or {NONE}"),
    "dtype": Setting("Precision", _dtype, lambda data: f"one of {', '.join(DTYPES)}"),
}
# Those that take effect in mid-run.
CHANGEABLE = tuple(name for name, setting in SETTINGS.items() if setting.change)


def what_stays(of: str, settings: Mapping[str, object], recipe: Recipe) -> str:
    """Return a sentence that says what stays in force where something is refused; or nothing.

    Args:
        of: what was asked for: the name of a setting, "data" or "weights".
        settings: those in force.
        recipe: of the run, which says what data and weights are called that a person brought.
    """
    if of == "weights":
        began = recipe.weights.name if recipe.weights else "drawn weights"
        return f"The run stays the one that began from {ended(began)}"
    if of in ("data", "dataset"):
        return f"{SETTINGS['dataset'].title} stays {ended(shown(recipe.data.title))}"
    return SETTINGS[of].stays(settings[of]) if of in SETTINGS else ""
