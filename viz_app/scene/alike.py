"""Which arrays of a stage share one colour scale: those of the same numbers, and terms of a sum.

A step is far smaller than the value that it is added to: on one scale it would show nothing, so it
has its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from itertools import chain

from core.inspect.trace import Stage, StagePhase
from viz_app.scene.kinds import kinds_of

# Names of arrays; `*` stands for any letters.
Group = tuple[str, ...]
_GROUPS: dict[tuple[StagePhase, type], list[Group]] = {}
BEFORE = "_before"


def one_scale(phase: StagePhase, kind: type, *groups: Group) -> None:
    """Register which arrays of a type of layer, loss or optimiser share a scale in a phase.

    A subclass shares them too, as long as that fits it (see `viz_app.scene.kinds`).
    """
    _GROUPS.setdefault((phase, kind), []).extend(groups)


def sharing(stage: Stage, inner: str, key: str, names: Iterable[str]) -> set[str]:
    """Return those of some arrays of a stage that share the scale of another one, with that.

    Args:
        stage: the stage.
        inner: name of the inner stage at work.
        key: name of the array.
        names: of the arrays that there are.
    """
    kinds = kinds_of(stage, inner)
    groups = chain.from_iterable(_GROUPS.get((stage.phase, kind), ()) for kind in kinds)
    own = [group for group in groups if any(fnmatchcase(key, name) for name in group)]
    if stage.phase == "update":
        own.append(_then_and_now(key))
    return {key} | {
        name for name in names for group in own if any(fnmatchcase(name, item) for item in group)
    }


def _then_and_now(key: str) -> Group:
    """Return the names of what stands in one place before and after an update."""
    if key in ("before", "after"):
        return "before", "after"
    now = key.removesuffix(BEFORE)
    return now, f"{now}{BEFORE}"
