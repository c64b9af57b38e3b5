"""The fully connected layer: its three products, each with its operands in order."""

from __future__ import annotations

from typing import cast

from core.inspect.trace import Stage
from core.layers import Linear
from viz_app.scene.alike import one_scale
from viz_app.scene.captions import Words, describe
from viz_app.scene.panels import made, matrix, rounded
from viz_app.scene.registry import Look, view
from viz_app.scene.sayings import Saying, Sayings, say
from viz_app.scene.scene import Axis, Layout, Panel, Scene

one_scale("forward", Linear, ("bias", "X_out"))


class _Shapes:
    """The axes that the matrices of one layer share."""

    def __init__(self, look: Look) -> None:
        layer = cast(Linear, look.layer)
        n = len(layer.input.value)
        self.samples: Axis = (("n", n),)
        self.features: Axis = (("f", layer.in_features),)
        self.outputs: Axis = (("u", layer.out_features),)
        self.has_bias = layer.bias is not None
        self.look = look

    def panel(
        self, key: str, rows: Axis, columns: Axis, note: str, transposed: bool = False
    ) -> Panel:
        array = self.look.arrays[key]
        return matrix(
            self.look,
            key,
            rows,
            columns,
            array=array.T if transposed else array,
            index="cr" if transposed else "rc",
            title=self.look.transposed(key, array.ndim) if transposed else "",
            note=note,
        )

    def bias(self, key: str, note: str) -> Panel:
        """A row that stands below another one of outputs."""
        return matrix(
            self.look,
            key,
            (),
            self.outputs,
            index="c",
            note=note,
        )

    def scroll(self) -> dict[str, int]:
        """The sample in sight comes first, if there are too many for all."""
        return {"n": self.look.sample}


@view("forward", Linear)
def forward(look: Look) -> Scene:
    """X^(in) W^T + b = X^(out)."""
    of = _Shapes(look)
    panels = {
        "X_in": of.panel("X_in", of.samples, of.features, "n × in"),
        "weight": of.panel("weight", of.features, of.outputs, "in × out", transposed=True),
        "X_out": of.panel("X_out", of.samples, of.outputs, "n × out"),
    }
    factors: Layout = ["weight"]
    if of.has_bias:
        panels["bias"] = of.bias("bias", "added to each row")
        factors = [["weight", "+", "bias"]]
    layout = ["X_in", "·", *factors, "=", "X_out"]
    panels["X_out"] = rounded(panels["X_out"], look.arrays["X_in"], look.arrays["weight"])
    return Scene(made(panels, "X_out"), layout, scroll=of.scroll())


@view("backward", Linear)
def backward(look: Look) -> Scene:
    """g(L, W) = g(L, X^(out))^T X^(in), or g(L, X^(in)) = g(L, X^(out)) W."""
    of = _Shapes(look)
    return _weight_gradient(of) if look.inner == 0 else _input_gradient(of)


def _weight_gradient(of: _Shapes) -> Scene:
    panels = {
        "g_X_out": of.panel("g_X_out", of.outputs, of.samples, "out × n", transposed=True),
        "X_in": of.panel("X_in", of.samples, of.features, "n × in"),
    }
    result = []
    # A frozen param has no gradient.
    if "g_weight" in of.look.arrays:
        note = "out × in"
        panels["g_weight"] = of.panel("g_weight", of.outputs, of.features, note)
        result.append("g_weight")
    if "g_bias" in of.look.arrays:
        panels["g_bias"] = of.bias("g_bias", "row sums")
        result.append("g_bias")
    for key, factors in (("g_weight", ("g_X_out", "X_in")), ("g_bias", ("g_X_out",))):
        if key in panels:
            panels[key] = rounded(panels[key], *(of.look.arrays[name] for name in factors))
    layout = ["g_X_out", "·", "X_in", "=", result]
    return Scene(made(panels, "g_weight", "g_bias"), layout, scroll=of.scroll())


def _input_gradient(of: _Shapes) -> Scene:
    panels = {
        "g_X_out": of.panel("g_X_out", of.samples, of.outputs, "n × out"),
        "weight": of.panel("weight", of.outputs, of.features, "out × in"),
        "g_X_in": of.panel("g_X_in", of.samples, of.features, "n × in"),
    }
    factors = of.look.arrays["g_X_out"], of.look.arrays["weight"]
    panels["g_X_in"] = rounded(panels["g_X_in"], *factors)
    layout = ["g_X_out", "·", "weight", "=", "g_X_in"]
    return Scene(made(panels, "g_X_in"), layout, scroll=of.scroll())


WORDS: Words = {
    ("forward", "multiply"): (
        "Each output is a weighted sum of all features of its sample, plus a bias.",
        r"<X_out> = <X_in> <weight>^{\top} + <bias>",
    ),
    ("backward", "weight gradient"): (
        "A weight's gradient is its input times the gradient of its output, summed over all "
        "samples.",
        r"<g_weight> = <g_X_out>^{\top} <X_in>",
    ),
    ("backward", "input gradient"): (
        "Each feature collects the gradient of every output it went into, times the weight between "
        "them.",
        r"<g_X_in> = <g_X_out> \, <weight>",
    ),
}

# What leaving out the bias changes, and what a single sample does.
UNBIASED: Words = {
    ("forward", "multiply"): (
        "Each output is a weighted sum of all features of its sample.",
        r"<X_out> = <X_in> <weight>^{\top}",
    ),
}
ALONE: Words = {
    ("backward", "weight gradient"): (
        "A weight's gradient is its input times the gradient of its output.",
        WORDS["backward", "weight gradient"][1],
    ),
}


def _words(stage: Stage) -> Words:
    layer = cast(Linear, stage.maker)
    unbiased = UNBIASED if layer.bias is None else {}
    return {**WORDS, **unbiased, **(ALONE if len(layer.input.value) == 1 else {})}


describe(_words, Linear)

SAYINGS: Sayings = {
    ("forward", "X_out"): Saying("Sample {} times row {} of W"),
    ("backward", "g_weight"): Saying("Column {} of g(L, X^(out)) times column {} of X^(in)"),
    ("backward", "g_X_in"): Saying("Row {} of g(L, X^(out)) times column {} of W"),
}
say(SAYINGS, Linear)
