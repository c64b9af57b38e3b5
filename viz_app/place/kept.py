"""By which names the key frames of a run are kept outside of it, and which of them it can use.

A name holds all that the numbers of a run follow from: the program, the words of its address, and
what its first iteration gave here. So a run never goes on from the numbers of another one.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import core
import viz_app.run
from viz_app.place import address
from viz_app.run.recipe import OWN_DATA
from viz_app.run.run import Run


def _program() -> str:
    """Return a digest of all code that computes a run."""
    folders = (Path(str(package.__file__)).parent for package in (core, viz_app.run))
    files = (path for folder in folders for path in sorted(folder.rglob("*.py*")))
    code = (path.read_bytes() for path in files if path.parent.name != "__pycache__")
    return sha256(b"".join(code)).hexdigest()[:16]


# Read while this is imported: in a saved heap the files are gone.
PROGRAM = _program()


@dataclass(frozen=True)
class Span:
    """The iterations of a run whose key frames are kept under one name: `first` to `last`."""

    key: str
    first: int
    last: int


def key_of(run: Run, iteration: int) -> str:
    """Return the name of the key frames of a run as it is after an iteration."""
    made = (change for change in run.planned if change.at <= iteration)
    words = address.text(address.words_of(run.recipe, made))
    return f"{PROGRAM} {run.fingerprint} {words}"


def can_be_kept(run: Run) -> bool:
    """Return whether an address leads to a run: a person's own files cannot be opened again."""
    return bool(run.recipe.dataset != OWN_DATA and run.recipe.weights is None)


def spans(run: Run, last: int) -> list[Span]:
    """Return where the key frames of a run up to an iteration may lie, the latest first.

    A change belongs to the name of all that comes behind it.
    """
    if not can_be_kept(run):
        return []
    changed = sorted({change.at for change in run.planned if 1 < change.at <= last})
    bounds = pairwise([1, *changed, last + 1])
    found = [Span(key_of(run, first), first, end - 1) for first, end in bounds if first < end]
    return found[::-1]
