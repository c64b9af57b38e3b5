"""The settings of a run: the limits of each, and how it takes effect.

Widgets, links and the API ask the same table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from math import isfinite
from textwrap import shorten
from typing import Any, TypeAlias, TypeGuard

from core.data import DATASETS, DataSet
from core.layers.option import is_real
from core.training.trainer import Trainer
from viz_app.run.presets import PRESETS
from viz_app.run.recipe import OWN_DATA

DTYPES = ("float64", "float32")
LARGEST_RATE, LARGEST_SEED = 1e6, 2**53
# Characters of a refused value that are repeated in the refusal.
LONGEST_SHOWN = 60
SettingValue: TypeAlias = str | int | float
# Returns what to keep of a value, given the data; raises ValueError with a sentence otherwise.
Check = Callable[[object, DataSet], SettingValue]


@dataclass(frozen=True)
class Setting:
    """One setting.

    Attributes:
        title: what people read.
        check: returns the value, or says what is wrong with it.
        read: returns the value that a text stands for, from a field or an address.
        change: how it takes effect between two iterations; None where a new run begins.
    """

    title: str
    check: Check
    read: Callable[[str], object] = str
    change: Callable[[Trainer, Any], None] | None = None

    def parse(self, text: str, data: DataSet) -> SettingValue:
        """Return the value that a text stands for; raise ValueError with a sentence if none."""
        return self.check(self.read(text), data)

    def write(self, value: SettingValue) -> str:
        """Return the text that `parse` reads as a value."""
        return repr(value) if isinstance(value, float) else str(value)


def number(text: str) -> object:
    """Return the number that a person wrote: 0.02, 0,02, 2e-2 or 1e2; the text itself if none.

    A comma is a decimal point; one that may as well separate thousands, as in 1,000, is not read.
    """
    written = text.strip()
    if "_" in written or re.fullmatch(r"[+-]?[1-9]\d{0,2}(,\d{3})+", written):
        return text
    try:
        found = float(written.replace(",", ".") if written.count(",") == 1 else written)
    except ValueError:
        return text
    # A float holds whole numbers exactly up to some size; a larger one is read digit by digit.
    return int(written) if re.fullmatch(r"[+-]?\d+", written) and isfinite(found) else found


def _one_of(title: str, known: Collection[str]) -> Check:
    def check(value: object, data: DataSet) -> str:
        if not isinstance(value, str) or value not in known:
            raise ValueError(f"{title} is {shown(value)}; expected one of {', '.join(known)}.")
        return value

    return check


def _rate(value: object, data: DataSet) -> float:
    if not is_real(value) or not 0 < value <= LARGEST_RATE:
        raise ValueError(
            f"Learning rate is {shown(value)}; expected a number above 0, such as 0.02, and at "
            f"most {LARGEST_RATE:,.0f}."
        )
    return float(value)


def _batch_size(value: object, data: DataSet) -> int:
    most = len(data.train)
    if not _is_whole(value) or not 1 <= value <= most:
        raise ValueError(f"Batch size is {shown(value)}; expected a whole number from 1 to {most}.")
    return int(value)


def _seed(value: object, data: DataSet) -> int:
    if not _is_whole(value) or not 0 <= value <= LARGEST_SEED:
        raise ValueError(
            f"Seed is {shown(value)}; expected a whole number of at least 0 and at most "
            f"{LARGEST_SEED}."
        )
    return int(value)


def _set_rate(trainer: Trainer, value: float) -> None:
    trainer.optimizer.lr = value


def _set_batch_size(trainer: Trainer, value: int) -> None:
    trainer.batches.set_batch_size(value)


SETTINGS = {
    "preset": Setting("Preset", _one_of("Preset", PRESETS)),
    "dataset": Setting("Data set", _one_of("Data set", (*DATASETS, OWN_DATA))),
    "learning_rate": Setting("Learning rate", _rate, number, _set_rate),
    "batch_size": Setting("Batch size", _batch_size, number, _set_batch_size),
    "seed": Setting("Seed", _seed, number),
    "dtype": Setting("Numbers", _one_of("Numbers", DTYPES)),
}
# Those that take effect in mid-run.
CHANGEABLE = tuple(name for name, setting in SETTINGS.items() if setting.change)


def shown(value: object) -> str:
    """Return a refused value as the refusal repeats it."""
    return shorten(str(value), LONGEST_SHOWN) if value not in (None, "") else "empty"


def _is_whole(value: object) -> TypeGuard[float]:
    return is_real(value) and int(value) == value
