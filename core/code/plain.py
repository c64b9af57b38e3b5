"""An iteration in plain NumPy: one line a layer, forward and backward."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate

from core.code.constructors import unknown
from core.code.losses import PLAIN_TARGETS, LossText
from core.code.moment import Moment
from core.code.optimisers import OptimiserText
from core.code.plain_layers import PLAIN, Function
from core.code.script import Parts, updated_names
from core.code.text import Expression, assignment, call, definitions, template
from core.layer import Layer, Shape
from core.layers import Concat, Residual
from core.model import Model

# Writes the lines that compute a gradient, named second, from that of the output, named first.
Back = Callable[[str, str], None]


class PlainIteration:
    """The lines of an iteration. Outputs are x1, x2, …, their gradients g1, g2, ….

    Args:
        moment: the iteration.
        loss: how its loss is written.
        optimiser: how its optimiser is written; None if nothing is updated.

    Attributes:
        lines: of the whole iteration.
        functions: the functions of the template that they call.

    Raises:
        ValueError: a layer is of a class of somebody's own.
    """

    def __init__(self, moment: Moment, loss: LossText, optimiser: OptimiserText | None) -> None:
        self._moment = moment
        self._outputs = 0
        self._back: list[str] = []
        self._followed: list[str] = []
        self.functions: list[str] = [loss.function]
        self.lines = ["# Forward.", 'x0, labels = saved["images"], saved["labels"]']
        output, _, back = self._chain(moment.model, "", "x0", moment.input_shape)
        self.lines += ["", "# Loss."]
        targets = PLAIN_TARGETS[loss.targets].format(y=output)
        if targets != "labels":
            self.lines.append(f"targets = {targets}")
            targets = "targets"
        compute = call(loss.function, Expression(output), Expression(targets), **loss.options)
        gradient = f"g{output[1:]}"
        self.lines.append(f"loss, {gradient} = {compute}")
        back(gradient, "g0")
        self.lines += ["", "# Backward.", "gradients = {}", *self._back, "", "# Update."]
        self.lines += ["after = {}", *self._followed]
        if optimiser is not None and moment.optimizer is not None:
            self._update(optimiser, moment.optimizer.max_norm)

    def _new(self) -> str:
        self._outputs += 1
        return f"x{self._outputs}"

    def _chain(self, model: Model, place: str, x: str, shape: Shape) -> tuple[str, Shape, Back]:
        """Write the layers of a model, which reads `x`; return its output and its way back."""
        steps: list[tuple[str, Back]] = []
        for name, layer in model.children().items():
            y, shape, back = self._layer(layer, f"{place}{name}", x, shape)
            steps.append((x, back))
            x = y

        def write(g: str, target: str) -> None:
            for k, (read, back) in reversed(list(enumerate(steps))):
                before = f"g{read[1:]}" if k else target
                back(g, before)
                g = before

        return x, shape, write

    def _layer(self, layer: Layer, place: str, x: str, shape: Shape) -> tuple[str, Shape, Back]:
        kind = type(layer)
        if kind in JOINED:
            return JOINED[kind](self, layer, place, x, shape)
        if kind not in PLAIN:
            raise unknown("layer", layer)
        y, step = self._new(), PLAIN[kind](layer, shape)
        made = layer.output_shape(shape)
        self.lines.append(
            f"# {layer.name}" + (f": {_text(shape)} to {_text(made)}" if made != shape else "")
        )
        if isinstance(step, Function):
            return y, made, self._function(step, layer, place, x, y)
        self.lines.append(f"{y} = {step.forward.format(x=x, place=place)}")

        def write(g: str, target: str) -> None:
            self._back.append(f"{target} = {step.backward.format(x=x, y=y, g=g, place=place)}")

        return y, made, write

    def _function(self, step: Function, layer: Layer, place: str, x: str, y: str) -> Back:
        back = step.back or f"{step.name}_backward"
        self.functions += [step.name, back]
        params = [
            f'saved["before.{place}.{name}"]' if name in layer.params else "None"
            for name in step.params
        ]
        kept = f"kept{y[1:]}"
        compute = call(step.name, Expression(x), *map(Expression, params), **step.options)
        self.lines.append(assignment([y, kept], compute))
        if step.follow is not None:
            self.functions.append("track")
            follow = call("track", place, Expression(x), **step.follow)
            self._followed.append(f"after.update({follow})")

        def write(g: str, target: str) -> None:
            grads = [
                f'gradients["{place}.{name}"]' if name in layer.params else "_"
                for name in step.params
            ]
            self._back.append(assignment([target, *grads], f"{back}({g}, {kept})"))

        return write

    def _residual(
        self, layer: Residual, place: str, x: str, shape: Shape
    ) -> tuple[str, Shape, Back]:
        body, made, body_back = self._chain(layer.body, f"{place}.body.", x, shape)
        other, other_back = x, None
        if layer.shortcut is not None:
            other, _, other_back = self._chain(layer.shortcut, f"{place}.shortcut.", x, shape)
        y = self._new()
        self.lines += [f"# {layer.name}", f"{y} = {body} + {other}"]

        def write(g: str, target: str) -> None:
            of_body, of_other = f"{target}_body", g
            body_back(g, of_body)
            if other_back is not None:
                of_other = f"{target}_shortcut"
                other_back(g, of_other)
            self._back.append(f"{target} = {of_body} + {of_other}")

        return y, made, write

    def _concat(self, layer: Concat, place: str, x: str, shape: Shape) -> tuple[str, Shape, Back]:
        branches = [
            self._chain(branch, f"{place}.branch{k}.", x, shape)
            for k, branch in enumerate(layer.branches)
        ]
        y = self._new()
        outputs = ", ".join(output for output, _, _ in branches)
        self.lines += [f"# {layer.name}", f"{y} = np.concatenate([{outputs}], axis=1)"]
        stops = list(accumulate(made[0] for _, made, _ in branches))[:-1]

        def write(g: str, target: str) -> None:
            parts = [f"{g}_{k}" for k in range(len(branches))]
            terms = [f"{target}_{k}" for k in range(len(branches))]
            self._back.append(f"[{', '.join(parts)}] = np.split({g}, {stops}, axis=1)")
            for (_, _, back), part, term in zip(branches, parts, terms, strict=True):
                back(part, term)
            self._back.append(f"{target} = {' + '.join(terms)}")

        return y, layer.output_shape(shape), write

    def _update(self, optimiser: OptimiserText, max_norm: float | None) -> None:
        self.lines.append(updated_names(self._moment))
        clip = []
        if max_norm is not None:
            # The norm as one vector, in float64, as core computes it.
            self.lines += [
                "squares = [(gradients[name].astype(np.float64) ** 2).sum() for name in updated]",
                f"scale = min(1.0, {max_norm!r} / (math.sqrt(sum(squares)) + 1e-6))",
            ]
            clip = ["g = scale * g"]
        steps = [*clip, *optimiser.lines, "after[name] = w - step"]
        self.lines += [
            "for name in updated:",
            '    w, g = saved["before." + name], gradients[name]',
        ]
        self.lines += [f"    {line}" for line in steps]


# Layers made of layers.
JOINED: dict[type[Layer], Callable[..., tuple[str, Shape, Back]]] = {
    Residual: PlainIteration._residual,
    Concat: PlainIteration._concat,
    Model: lambda writer, layer, place, x, shape: writer._chain(layer, f"{place}.", x, shape),
}


def _text(shape: Shape) -> str:
    return f"({', '.join(['N', *map(str, shape)])})"


def plain_script(parts: Parts) -> str:
    """Return the script that needs NumPy alone."""
    written = PlainIteration(parts.moment, parts.loss, parts.optimiser)
    functions, lines = definitions(template("plain"), written.functions), "\n".join(written.lines)
    math = "import math\n" if "math." in functions + lines else ""
    imports = f"{math}from pathlib import Path\n\nimport numpy as np"
    return parts.script("with NumPy alone", imports, functions, lines)
