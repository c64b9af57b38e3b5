"""The update of a parameter: what the optimiser remembers, the step, and the value it changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import prod
from typing import TypeVar, cast

from core.inspect.trace import Stage
from core.optim import SGD, Adam, AdamW, Optimizer, RMSprop
from core.tensor import Array
from viz_app.place.place import THEN
from viz_app.scene.alike import one_scale
from viz_app.scene.captions import Words, describe
from viz_app.scene.panels import images, is_flat, made, matrix, side_by_side
from viz_app.scene.registry import Look, view
from viz_app.scene.scene import Axis, Panel, Scene

# What is compared: only what stands there now is an array of the stage.
FIRST, LAST, NOW = "then@first", "then@last", "after@now"
# What a gradient is multiplied by to have about the size of any other.
ROOT = "inv_root"
# Names of a parameter's dimensions, by how many it has.
KERNEL = ("c", "s", "t")
DIMS = {2: ("u", "f"), 4: ("o", *KERNEL)}
Kind = TypeVar("Kind", bound=Optimizer)

# Of momentum, the velocity before and the gradient are terms.
one_scale("update", SGD, ("velocity_before", "gradient", "velocity"))


@view("update", Optimizer)
def update(look: Look) -> Scene:
    """Each memory of the optimiser before and after it saw the gradient; value + step = value.

    What else the optimiser has on the way to its step stands beside them.
    """
    arrays = look.at_work
    slots = [key for key in arrays if f"{key}_before" in arrays]
    befores = {f"{slot}_before" for slot in slots}
    entering = "clipped" if "clipped" in arrays else "gradient"
    optimizer = cast(Optimizer, look.stage.maker)
    rows = _memories(optimizer, slots, entering, has_root=ROOT in arrays)
    rows.append(["before", "+", "step", "=", "after"])
    # What nothing of the rows is made from, such as the gradient that was clipped.
    in_rows = {key.split("@")[0] for row in rows for key in row}
    shown = {"ratio", *befores, *in_rows}
    rest = [key for key in arrays if key not in shown]
    width = max(map(len, rows))
    rows = [[*row, *[""] * (width - len(row))] for row in rows]
    keys = [key for row in rows for key in row if key.split("@")[0] in arrays] + rest
    panels = {key: replace(_param(look, key.split("@")[0]), key=key) for key in keys}
    panels["step"] = replace(panels["step"], title=f"{panels['step'].title}, λ = {look.trace.lr:g}")
    ratio = matrix(look, "ratio", (), (), index="", note="RMS of each")
    panels["ratio"] = replace(ratio, limits=(0.0, 1.0))
    results = [key for key in arrays if key not in ("before", "gradient") and "_before" not in key]
    # Long rows of numbers stand below each other, an equation in a column.
    columns = [[item.replace("→", "↓") for item in row if item] for row in rows]
    # A kernel is a square, other params of few rows are long rows.
    grid = columns if is_flat(panels["before"]) else [{"grid": rows}]
    layout = [*grid, [*rest, "ratio"]]
    then = _then_and_now(look)
    return Scene(made(panels, *results), layout, then=then, compared=("step", "after"))


def _memories(
    optimizer: Optimizer, slots: list[str], entering: str, *, has_root: bool
) -> list[list[str]]:
    """Return a row for each memory, from what it is made; without any, the gradient's."""
    if not slots:
        return [["", "", entering, "", ""]]
    before, after = _signs(optimizer)
    rows: list[list[str]] = []
    for slot in slots:
        # An array has one panel of a name: others say whose row they stand in.
        gradient = f"{entering}@{slot}" if rows else entering
        rows.append([f"{slot}_before", before, gradient, after, slot])
    if not has_root:
        return rows
    root_of = max(k for k, slot in enumerate(slots) if slot in optimizer.squares)
    rows[root_of] += ["→", ROOT]
    # A memory behind the squares collects gradients that their root divides.
    for k, slot in enumerate(slots[root_of + 1 :], root_of + 1):
        rows[k] = [f"{slot}_before", "", f"{entering}@{slot}", "", f"{ROOT}@{slot}", "→", slot]
    return rows


def _then_and_now(look: Look) -> Scene | None:
    """The param before the first update, when an iteration was visited last, and now."""
    moments = look.earlier_values()
    if not moments:
        return None
    (_, first), *last = moments
    panels = [_then(look, FIRST, first, "before iteration 1")]
    heads = ["first", *["last" for _ in last], "now"]
    for iteration, value in last:
        panels.append(_then(look, LAST, value, f"last: after iteration {iteration}"))
    title = f"now: after iteration {look.trace.iteration}"
    alone = "" if last else "no other iteration was visited"
    panels.append(_then(look, NOW, look.arrays["after"], title, alone))
    return Scene(*side_by_side([panels], heads))


def _then(look: Look, key: str, value: Array, title: str, note: str = "") -> Panel:
    panel = _param(look, "after", value)
    return replace(panel, key=key, title=title, note=note or panel.note, now=False)


def _signs(optimizer: Optimizer) -> tuple[str, str]:
    """What stands between memory before, gradient and memory after, if that is short."""
    is_plain = isinstance(optimizer, SGD) and optimizer.momentum and not optimizer.nesterov
    if is_plain and not optimizer.weight_decay:
        return f"× {cast(SGD, optimizer).momentum:g} +", "="
    return "", "→"


def _param(look: Look, key: str, value: Array | None = None) -> Panel:
    """An array of the parameter's shape: the kernel in sight, or a matrix, a row an output."""
    whole = look.arrays[key] if value is None else value
    # Then and now have one scale; an update alone shows nothing of where somebody was before.
    is_compared = THEN in look.place.pinned and key in ("before", "after")
    limits = look.limits(key, *(there for _, there in look.earlier_values() if is_compared))
    if _is_kernel(whole):
        out = min(look.out_channel, len(whole) - 1)
        array, fixed = whole[out : out + 1], {"o": out}
        kernel = images(look, key, KERNEL, array=array, fixed=fixed, note=f"kernel {out}")
        return replace(kernel, limits=limits)
    rows, columns = _axes(look, whole)
    row_count, column_count = prod(s for _, s in rows), prod(s for _, s in columns)
    panel = matrix(
        look,
        key,
        rows,
        columns,
        array=whole.reshape(row_count, column_count),
        index="dims",
        note=" × ".join(map(str, whole.shape)) if whole.ndim > 1 else "",
    )
    return replace(panel, limits=limits)


def _is_kernel(param: Array) -> bool:
    """Return whether a parameter is the kernels of a convolution, one of which is in sight."""
    return param.ndim == len(DIMS[4])


def _axes(look: Look, param: Array) -> tuple[Axis, Axis]:
    """What rows and columns of the matrix stand for; a vector is one row."""
    dims: Axis = tuple(zip(_names(look, param), param.shape, strict=True))
    return ((), dims) if param.ndim == 1 else (dims[:1], dims[1:])


def _names(look: Look, param: Array) -> tuple[str, ...]:
    if param.ndim == 1:
        weight = look.layer.params.get("weight") if look.layer else None
        return ({2: "u", 4: "o"}.get(weight.value.ndim, "c") if weight else "c",)
    return DIMS.get(param.ndim) or tuple(f"dimension {k}" for k in range(param.ndim))


# A sentence and an equation each, as in `Words`.
PLAIN = (
    "Each number goes a small step against its gradient; λ is the learning rate.",
    r"<step> = -<lr> \, <gradient>, \quad <after> = <before> + <step>",
)
MOMENTUM = (
    "The velocity v remembers earlier gradients; the step goes against it.",
    r"<velocity> = <momentum> <velocity_before> + <gradient>, \quad"
    r" <step> = -<lr> <velocity>, \quad <after> = <before> + <step>",
)
NESTEROV = (
    "The velocity v remembers earlier gradients; the step looks ahead.",
    r"<velocity> = <momentum> <velocity_before> + <gradient>, \quad"
    r" <step> = -<lr> (<gradient> + <momentum> <velocity>), \quad <after> = <before> + <step>",
)
ROOT_OF_MOMENT = r" <inv_root> = 1 / (\sqrt{<second_moment> / (<correction2>)} + <eps>),"
ADAM = (
    "m is a running mean of the gradient, v of its square: all steps have about one size; t counts "
    "the updates.",
    r"<step> = -<lr> \, <first_moment> \, <inv_root> / (<correction1>), \quad"
    + ROOT_OF_MOMENT
    + r" \quad <after> = <before> + <step>",
)
ADAMW = (
    "Adam's step, and every value shrinks a little besides; δ is the weight decay, t counts the "
    "updates.",
    r"<step> = -<lr> \, (<first_moment> \, <inv_root> / (<correction1>) + <decay> <before>), \quad"
    + ROOT_OF_MOMENT
    + r" \quad <after> = <before> + <step>",
)
RMSPROP = (
    "s is a running mean of the squared gradient; dividing by its root evens out the steps.",
    r"<mean_square> = <alpha> <mean_square_before> + (1 - <alpha>) <gradient>^2, \quad"
    r" <step> = -<lr> \, <gradient> / (\sqrt{<mean_square>} + <eps>), \quad"
    r" <after> = <before> + <step>",
)
RMSPROP_MOMENTUM = (
    "The gradient, divided by the root of its running mean square s, feeds the velocity v.",
    r"<velocity> = <momentum> <velocity_before> + <gradient> / (\sqrt{<mean_square>} + <eps>),"
    r" \quad <step> = -<lr> <velocity>, \quad <after> = <before> + <step>",
)
ANY = (
    "Each number takes the step that the optimiser computes from its gradient.",
    "<after> = <before> + <step>",
)
COMPARED = (
    "The same numbers before the first update, at your last visit, and now: one colour is one "
    "number."
)
CLIPPED = " Before, all gradients shrink to a norm of at most {:g} together."


def _sgd(optimizer: SGD) -> tuple[str, str]:
    if not optimizer.momentum:
        return PLAIN
    return NESTEROV if optimizer.nesterov else MOMENTUM


def _rmsprop(optimizer: RMSprop) -> tuple[str, str]:
    return RMSPROP_MOMENTUM if optimizer.momentum else RMSPROP


def _entering(optimizer: Optimizer) -> str:
    """Return the gradient as it enters the step: clipped, with weight decay."""
    gradient = "<gradient>" if optimizer.max_norm is None else "<clipped>"
    decays = optimizer.weight_decay and optimizer.decays_gradient
    return f"({gradient} + <decay> <before>)" if decays else gradient


def _register(kind: type[Kind], choose: Callable[[Kind], tuple[str, str]]) -> None:
    """Register the words for a type of optimiser that suit its settings."""

    def make(stage: Stage) -> Words:
        optimizer = cast(Kind, stage.maker)
        text, equation = choose(optimizer)
        if optimizer.max_norm is not None:
            text += CLIPPED.format(optimizer.max_norm)
        equation = equation.replace("<gradient>", _entering(optimizer))
        return {("update", "*"): (text, equation), ("update", THEN): (COMPARED, "")}

    describe(make, kind)


_register(SGD, _sgd)
_register(Adam, lambda _: ADAM)
_register(AdamW, lambda _: ADAMW)
_register(RMSprop, _rmsprop)
_register(Optimizer, lambda _: ANY)
