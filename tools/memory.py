"""How much memory an object holds."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from types import FunctionType, ModuleType

import numpy as np


def bytes_held(root: object, without: Sequence[object] = ()) -> int:
    """Return the bytes of all that can be reached from an object.

    Args:
        root: where to begin.
        without: objects that belong to others, with all that can be reached from them.
    """
    others: set[int] = set()
    for thing in without:
        _walk(thing, others)
    return _walk(root, others)


def _walk(root: object, seen: set[int]) -> int:
    """Return the bytes of all that can be reached and is not in `seen`; it is then."""
    total, todo = 0, [root]
    while todo:
        thing = todo.pop()
        if id(thing) in seen or isinstance(thing, type | ModuleType):
            continue
        seen.add(id(thing))
        total += sys.getsizeof(thing)
        if isinstance(thing, FunctionType):
            # Its globals belong to its module.
            todo += [thing.__closure__, thing.__defaults__]
        elif isinstance(thing, np.ndarray):
            # A view holds the memory of its base, of which the collector does not know.
            todo += [thing.base]
        else:
            todo += gc.get_referents(thing)
    return total
