"""A subclass has the picture and the words of its base as long as it computes as that does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import viz_app.layer_views  # noqa: F401  registers views and words
from core.inspect.trace import StagePhase, StepTrace
from core.layer import LAYERS, Layer
from core.losses import CrossEntropyLoss, MSELoss
from core.model import Model
from tests.core.cases import CASES, Case
from tests.viz_app.recorded import trace_of
from viz_app.layer_views.default import default
from viz_app.place.place import Place
from viz_app.scene import registry
from viz_app.scene.captions import words_of
from viz_app.scene.kinds import METHODS
from viz_app.scene.registry import Look, View, view_of
from viz_app.scene.scene import Scene

PHASES: tuple[StagePhase, ...] = ("forward", "backward")
METHODS_OF_LAYERS = [(phase, method) for phase in PHASES for method in METHODS[phase]]


def case_of(kind: type[Layer]) -> Case:
    """The first case of a class in train mode."""
    return next(c for c in CASES if c.training and type(c.layer()) is kind)


def passed_on(kind: type, method: str) -> Callable[..., Any]:
    """A method of its own that computes the same: nobody can tell that from the class."""

    def calls(self: object, *given: Any) -> Any:  # noqa: ANN401
        return getattr(kind, method)(self, *given)

    return calls


def own(kind: type[Layer], *methods: str) -> type[Layer]:
    """A subclass with methods of its own."""
    return type(f"Own{kind.__name__}", (kind,), {name: passed_on(kind, name) for name in methods})


def recorded(kind: type[Layer], maker: type[Layer]) -> StepTrace:
    """One step of a layer of a class, made into one of a subclass."""
    case = case_of(kind)
    layer = case.layer()
    layer.__class__ = maker
    model, x = Model(layer).astype(np.float64), case.input()
    return trace_of(model, x, MSELoss(), np.zeros_like(model(x).value))


def number_of(trace: StepTrace, phase: StagePhase) -> int:
    """The stage of the layer itself; a composite has layers inside."""
    layer = next(s.layer for s in trace.stages[::-1] if s.phase == "forward")
    return next(k for k, s in enumerate(trace.stages) if (s.phase, s.layer) == (phase, layer))


def views(trace: StepTrace, phase: StagePhase) -> set[View]:
    number = number_of(trace, phase)
    inners = range(len(trace.stages[number].inner))
    return {view_of(Look(trace, Place(number, inner))) for inner in inners}


def words(trace: StepTrace, phase: StagePhase) -> list[tuple[str, str] | None]:
    stage = trace.stages[number_of(trace, phase)]
    return [words_of(stage, inner) for inner in stage.inner]


@pytest.mark.parametrize("keyword", LAYERS)
def test_each_layer_has_a_picture_and_words_of_its_own(keyword: str) -> None:
    kind = LAYERS[keyword]
    trace = recorded(kind, kind)
    for phase in PHASES:
        assert default not in views(trace, phase)
        assert None not in words(trace, phase)


@pytest.mark.parametrize("keyword", LAYERS)
def test_a_subclass_that_computes_the_same_looks_the_same(keyword: str) -> None:
    kind = LAYERS[keyword]
    base, same = recorded(kind, kind), recorded(kind, own(kind))
    for phase in PHASES:
        assert views(same, phase) == views(base, phase)
        assert words(same, phase) == words(base, phase)


@pytest.mark.parametrize(("phase", "method"), METHODS_OF_LAYERS)
@pytest.mark.parametrize("keyword", LAYERS)
def test_a_subclass_with_a_method_of_its_own_has_neither_picture_nor_words_of_its_base(
    keyword: str, phase: StagePhase, method: str
) -> None:
    kind = LAYERS[keyword]
    base, other = recorded(kind, kind), recorded(kind, own(kind, method))
    assert views(other, phase) == {default}
    said = {found for found in words(other, phase) if found is not None}
    assert not said & set(words(base, phase))
    # The other pass is still that of the base.
    (rest,) = set(PHASES) - {phase}
    assert views(other, rest) == views(base, rest)
    assert words(other, rest) == words(base, rest)


def test_a_subclass_may_register_a_picture_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = LAYERS["conv"]
    maker = own(kind, "_forward", "_backward")
    monkeypatch.setattr(registry, "_VIEWS", dict(registry._VIEWS))

    @registry.view("forward", maker)
    def drawn(look: Look) -> Scene:
        return default(look)

    trace = recorded(kind, maker)
    assert views(trace, "forward") == {drawn}
    assert views(trace, "backward") == {default}


class Temperature(CrossEntropyLoss):
    """Another forward pass."""

    def forward(self, output: Any, targets: Any) -> float:  # noqa: ANN401
        return super().forward(output, targets)


def test_a_loss_with_a_forward_pass_of_its_own_is_drawn_by_the_default_view() -> None:
    x, targets = np.random.default_rng(0).normal(size=(3, 4)), np.array([0, 2, 1])
    drawn = []
    for loss in (CrossEntropyLoss(), Temperature()):
        model = Model(LAYERS["identity"]()).astype(np.float64)
        drawn.append(trace_of(model, x, loss, targets))
    plain, own_one = drawn
    number = next(k for k, s in enumerate(plain.stages) if s.phase == "loss")
    inners = list(plain.stages[number].inner)
    for inner, name in enumerate(inners):
        of_base = view_of(Look(plain, Place(number, inner)))
        found = view_of(Look(own_one, Place(number, inner)))
        # The gradient is computed as before.
        assert found is (of_base if "gradient" in name else default), name
