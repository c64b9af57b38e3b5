"""Names the module of `torch.nn` whose computation a module has."""

from __future__ import annotations

from typing import Any

from core.interop.layers import MODULES

# PyTorch is no dependency, so the type checker does not see its types.
Module = Any

# What a subclass may define anew without computing something else.
HARMLESS = {"reset_parameters", "extra_repr"}
# Python's own methods that decide what is computed; the others do not.
CALLED = {"__call__", "__getattr__", "__getattribute__"}


def kind_of(module: Module) -> str:
    """Return the name of the module with a layer here that computes what this one does.

    A subclass with its base's `forward`, such as one that only sets the options, computes the same.

    Returns:
        A key of `MODULES`; empty if there is none.
    """
    line = type(module).__mro__
    known = (i for i, one in enumerate(line) if one.__name__ in MODULES and _is_torch(one))
    first = next(known, None)
    if first is None:
        return ""
    base = line[first]
    own = [item for one in line[:first] for item in vars(one).items()]
    return base.__name__ if all(_is_harmless(base, *item) for item in own) else ""


def _is_torch(kind: type) -> bool:
    return kind.__module__.startswith("torch.nn.")


def _is_harmless(base: type, name: str, value: object) -> bool:
    """Return whether a subclass that defines this computes what its base does."""
    if name.startswith("__"):
        return name not in CALLED
    # A property may compute a weight anew, as parametrizations do.
    return name in HARMLESS or not (hasattr(base, name) or isinstance(value, property))


def called(where: str, module: Module) -> str:
    """Return what errors call a module: `conv1 (Conv2d)`, or its class if it is the whole."""
    kind = type(module).__name__
    return f"{where} ({kind})" if where else kind
