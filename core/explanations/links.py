"""Which number of the neighbour a number of a layer is: what hangs together in a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.explanations.names import latex, letters
from core.explanations.parts import Reason, constant, term, total
from core.explanations.place import Place, Source

if TYPE_CHECKING:
    from core.inspect.trace import StagePhase
    from core.layer import Layer


def same(at: Place, source: Source, note: str = "") -> Reason:
    """Return that the number is the one at the same index of `source`."""
    index = at.index
    where = _where(at, source)
    return total(
        lambda *k: f"{latex(at.array, *k)} = {latex(source.name, *k)}{where}",
        letters(index, source.name),
        index,
        [term(source(*index), note=note)],
    )


def _where(at: Place, source: Source) -> str:
    """Tell two arrays of one name apart: of which layer, or of which pass, the other one is."""
    if source.phase == "loss":
        return r"\text{ by the loss}"
    if source.layer != at.cell.layer:
        return rf"\text{{ of {source.layer}}}"
    return rf"\text{{ ({source.phase})}}" if source.phase != at.cell.phase else ""


def leaf(at: Place, value: float, note: str) -> Reason:
    """Return that the number came into the iteration from outside."""
    written = latex(at.array, *at.index)
    return Reason(latex(at.array), f"{written} = {value:.6g}", (term(constant(value), note=note),))


def before(at: Place) -> Source | None:
    """Return the output that is the input of this layer; None at the image."""
    found = None
    for name, layer in at.trace.layers.items():
        if name == at.cell.layer:
            break
        if layer.output.value is at.layer.input.value:
            found = name
    return None if found is None else _shown(at, "X_out", "forward", found)


def behind(at: Place) -> Source | None:
    """Return the gradient that is the output gradient of this layer; None behind everything."""
    layers, grad = at.trace.layers, at.layer.output.grad
    for name, layer in layers.items():
        ends = [leaf_name(branch, layers, -1) for branch in layer.children().values()]
        if at.cell.layer in ends and layer.output.grad is grad:
            return _shown(at, "g_X_out", "backward", name)
    names = list(layers)
    for name in names[names.index(at.cell.layer) + 1 :]:
        if layers[name].input.grad is grad:
            return _shown(at, "g_X_in", "backward", name)
    if names[-1] != at.cell.layer:
        return None
    return _shown(at, "g_logits", "loss", "loss") or _shown(at, "g_X_out", "loss", "loss")


def _shown(at: Place, name: str, phase: StagePhase, layer: str) -> Source | None:
    return at.of(name, phase, layer) if at.has(name, phase, layer) else None


def leaf_name(branch: Layer, layers: dict[str, Layer], end: int) -> str:
    """Return the name of the first (0) or last (-1) recorded layer of a branch."""
    while branch.name not in layers:
        branch = list(branch.children().values())[end]
    return branch.name
