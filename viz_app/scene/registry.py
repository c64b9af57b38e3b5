"""Which view draws a stage: by phase and by the type of what made it, along its bases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from core.inspect.trace import Stage, StagePhase, StepTrace
from core.layer import Layer
from core.tensor import Array

# Views import the registry; it knows of them only what they return.
if TYPE_CHECKING:
    from viz_app.scene.scene import Scene


@dataclass(frozen=True)
class Look:
    """Where somebody looks: all that a view depends on.

    Attributes:
        trace: the iteration.
        stage: the stage of it.
        inner: index of the inner stage.
        sample: sample of the batch.
        channel: input channel in sight.
        out_channel: output channel in sight.
        limits: colour range of an array of this stage, by key; see `viz_app.style.scales`.
        each_channel: whether every channel of an image has a colour range of its own.
    """

    trace: StepTrace
    stage: Stage
    inner: int
    sample: int
    channel: int
    out_channel: int
    limits: Callable[[str, Array], tuple[float, float]]
    each_channel: bool = False

    @property
    def layer(self) -> Layer | None:
        """The layer at work as it was then; None for the loss."""
        return self.trace.layers.get(self.stage.layer)

    @property
    def arrays(self) -> dict[str, Array]:
        """All arrays of the stage; the inner stage at work comes first where a key recurs."""
        stages = list(self.stage.inner.values())
        merged = {key: array for arrays in stages for key, array in arrays.items()}
        return merged | stages[self.inner]

    @property
    def fresh(self) -> set[str]:
        """Keys of arrays that the inner stage at work has and those before it had not."""
        stages = list(self.stage.inner.values())
        before = {key for arrays in stages[: self.inner] for key in arrays}
        return set(stages[self.inner]) - before


View: TypeAlias = "Callable[[Look], Scene]"
_VIEWS: dict[tuple[StagePhase, type], View] = {}


def view(phase: StagePhase, *kinds: type) -> Callable[[View], View]:
    """Register a function as the view of types in a phase: of layers, losses or optimisers."""

    def register(function: View) -> View:
        for kind in kinds:
            _VIEWS[phase, kind] = function
        return function

    return register


def view_of(look: Look) -> View:
    """Return the view for what is looked at: the most specific registered one."""
    for kind in type(look.stage.maker).__mro__:
        if (look.stage.phase, kind) in _VIEWS:
            return _VIEWS[look.stage.phase, kind]
    return _VIEWS["forward", object]
