"""The kinds of changes of a run: settings, and numbers that are edited."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from core.data import DataSet
from core.errors import counted, listed
from core.layer import Layer
from core.training.trainer import Trainer
from viz_app.run.edits.edit import Edit, parse
from viz_app.run.replay import Change
from viz_app.run.settings import SETTINGS, Setting, SettingValue

# What the change of a number is called, beside the names of settings.
EDIT = "edit"


@dataclass(frozen=True)
class Kind:
    """A kind of change.

    Attributes:
        first: the first iteration behind which it can be made; 0 for before the first one.
        read: returns the value that a text stands for, given the data.
        write: returns the text of a value.
        apply: makes the change.
        check: raises ValueError where a model has nothing to be changed so.
    """

    first: int
    read: Callable[[str, DataSet], SettingValue]
    write: Callable[[Any], str]
    apply: Callable[[Trainer, Any], None]
    check: Callable[[Layer, Any], None]


def _of_setting(setting: Setting, change: Callable[[Trainer, Any], None]) -> Kind:
    return Kind(1, setting.parse, setting.write, change, lambda model, value: None)


CHANGES: Mapping[str, Kind] = MappingProxyType(
    {
        **{
            name: _of_setting(setting, setting.change)
            for name, setting in SETTINGS.items()
            if setting.change is not None
        },
        EDIT: Kind(
            0,
            lambda text, data: str(parse(text)),
            str,
            lambda trainer, value: parse(value).apply(trainer),
            lambda model, value: parse(value).check(model),
        ),
    }
)


def make(change: Change, trainer: Trainer) -> None:
    """Make a change of a trainer; it does the same whenever it is called."""
    CHANGES[change.name].apply(trainer, change.value)


def check(changes: Iterable[Change], model: Layer) -> None:
    """Raise ValueError where a model has nothing to be changed so."""
    for change in changes:
        CHANGES[change.name].check(model, change.value)


def replaced(new: Change, before: Change) -> bool:
    """Return whether nothing is left of a change once another one is made at the same moment."""
    if new.name != before.name:
        return False
    return new.name != EDIT or parse(str(new.value)).covers(parse(str(before.value)))


def edit_of(change: Change) -> Edit | None:
    """Return the edit that a change is; None if it is one of a setting."""
    return parse(str(change.value)) if change.name == EDIT else None


def by_hand(changes: Iterable[Change]) -> str:
    """Return how many numbers and kernels were changed by hand; empty if none was."""
    edits = [edit for edit in map(edit_of, changes) if edit is not None]
    kernels = sum(isinstance(edit.value, str) for edit in edits)
    counts = {"number": len(edits) - kernels, "kernel": kernels}
    parts = [counted(n, name) for name, n in counts.items() if n]
    return f"{listed(parts)} changed by hand" if parts else ""


def words(change: Change) -> str:
    """Return what a change does, as people read it."""
    edit = edit_of(change)
    return f"{SETTINGS[change.name].title} {change.value}" if edit is None else edit.words
