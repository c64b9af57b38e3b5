"""Numbers that are moved, dropped, repeated or left as they are."""

from __future__ import annotations

from math import prod
from typing import cast

from core.layers import Dropout, Flatten, Identity, Upsample
from viz_app.scene.alike import one_scale
from viz_app.scene.captions import Words, describe
from viz_app.scene.panels import awaited, images, made, matrix, tensor
from viz_app.scene.registry import Look, view
from viz_app.scene.scene import Axis, Geometry, Panel, Scene

# Names of the dimensions of one sample, by how many it has.
DIMS = {1: ("c",), 2: ("c", "x"), 3: ("c", "y", "x")}

for _kind in (Flatten, Identity, Upsample):
    one_scale("forward", _kind, ("X_in", "X_out"))
for _kind in (Flatten, Identity):
    one_scale("backward", _kind, ("g_X_out", "g_X_in"))


@view("forward", Flatten)
def flatten(look: Look) -> Scene:
    """Image channels on the left, the feature that each pixel became on the right."""
    panels = {"X_in": _image(look, "X_in"), "X_out": _vector(look, "X_out", "X_in")}
    return Scene(made(panels, "X_out"), ["X_in", "→", "X_out"], scroll=_scroll(look, "X_in"))


@view("backward", Flatten)
def unflatten(look: Look) -> Scene:
    """The gradient of each feature goes back to its pixel."""
    panels = {"g_X_out": _vector(look, "g_X_out", "g_X_in"), "g_X_in": _image(look, "g_X_in")}
    layout = ["g_X_out", "→", "g_X_in"]
    return Scene(made(panels, "g_X_in"), layout, scroll=_scroll(look, "g_X_in"))


def _image(look: Look, key: str) -> Panel:
    return tensor(look, key)


def _vector(look: Look, key: str, image: str) -> Panel:
    """Rows of features, whose axis is the product of the image's dimensions."""
    n, *sizes = look.arrays[image].shape
    features: Axis = tuple(zip(DIMS[len(sizes)], sizes, strict=True))
    words = " · ".join(str(size) for size in sizes)
    return matrix(look, key, (("n", n),), features, note=f"n × {words}")


def _scroll(look: Look, image: str) -> dict[str, int]:
    sizes = look.arrays[image].shape[1:]
    channel = min(look.channel, sizes[0] - 1)
    return {"n": look.sample, ",".join(DIMS[len(sizes)]): channel * prod(sizes[1:])}


@view("forward", Dropout)
def dropout(look: Look) -> Scene:
    """X^(in) × mask = X^(out)."""
    panels = {key: tensor(look, key) for key in ("X_in", "mask", "X_out")}
    if "X_out" not in look.at_work:
        panels["X_out"] = awaited(panels["X_out"])
        return Scene(made(panels, "mask"), ["X_in", "×", "mask", "=", "X_out"])
    return Scene(made(panels, "X_out"), ["X_in", "×", "mask", "=", "X_out"])


@view("backward", Dropout)
def dropout_backward(look: Look) -> Scene:
    """g(L, X^(out)) × mask = g(L, X^(in)): what was dropped learns nothing."""
    keys = ("g_X_out", "mask", "g_X_in")
    panels = {key: tensor(look, key) for key in keys}
    return Scene(made(panels, "g_X_in"), ["g_X_out", "×", "mask", "=", "g_X_in"])


FLATTEN: Words = {
    ("forward", "output"): (
        "All pixels of a sample stand in one row, channel by channel; no number changes.",
        "=X_out",
    ),
    ("backward", "input gradient"): (
        "Each gradient goes back to the pixel that its feature came from.",
        "=g_X_in",
    ),
}
DROPOUT: Words = {
    ("forward", "mask"): (
        "Each number is dropped with probability p; the others grow to make up for it.",
        r"<mask> \in \{0, \; 1 / (1 - <p>)\}",
    ),
    ("forward", "output"): (
        "The mask lets a number pass, enlarged, or makes it zero.",
        r"<X_out> = <X_in> \cdot <mask>",
    ),
    ("backward", "input gradient"): (
        "What was dropped gets no gradient; the rest gets its own times the same mask.",
        r"<g_X_in> = <g_X_out> \cdot <mask>",
    ),
}

# In eval mode.
KEEPS_ALL: Words = {
    ("forward", "mask"): (
        "Eval mode drops nothing: the mask is 1 everywhere.",
        "<mask> = 1",
    ),
    ("forward", "output"): (
        "The mask lets every number pass as it is.",
        r"<X_out> = <X_in> \cdot <mask>",
    ),
    ("backward", "input gradient"): (
        "Nothing was dropped: the gradient passes as it is.",
        r"<g_X_in> = <g_X_out> \cdot <mask>",
    ),
}

describe(FLATTEN, Flatten)
describe(lambda stage: DROPOUT if cast(Dropout, stage.maker).training else KEEPS_ALL, Dropout)


@view("forward", Identity)
def identity(look: Look) -> Scene:
    """X^(in) = X^(out)."""
    panels = {key: tensor(look, key) for key in ("X_in", "X_out")}
    return Scene(made(panels, "X_out"), ["X_in", "=", "X_out"])


@view("backward", Identity)
def identity_backward(look: Look) -> Scene:
    """g(L, X^(out)) = g(L, X^(in))."""
    keys = ("g_X_out", "g_X_in")
    panels = {key: tensor(look, key) for key in keys}
    return Scene(made(panels, "g_X_in"), ["g_X_out", "=", "g_X_in"])


IDENTITY: Words = {
    ("forward", "output"): ("The layer hands its input on.", "<X_out> = <X_in>"),
    ("backward", "input gradient"): ("The gradient passes unchanged.", "<g_X_in> = <g_X_out>"),
}
describe(IDENTITY, Identity)


def _blocks(look: Look) -> Geometry:
    """The block of each number, as a window on the output: the roles of y, x and i, j swap."""
    scale = cast(Upsample, look.layer).scale_factor
    height, width = look.layer.input.shape[2:] if look.layer else (0, 0)
    return Geometry(scale, scale, (0, 0), (height, width))


# An output cell (y, x) lies in the window (i, j) of the number that it repeats.
SMALL, ENLARGED = ("c", "i", "j"), ("c", "y", "x")


@view("forward", Upsample)
def upsample(look: Look) -> Scene:
    """Numbers on the left, the blocks that repeat them on the right."""
    panels = {
        "X_in": images(look, "X_in", SMALL),
        "X_out": images(look, "X_out", ENLARGED),
    }
    return Scene(made(panels, "X_out"), ["X_in", "→", "X_out"], _blocks(look))


@view("backward", Upsample)
def upsample_backward(look: Look) -> Scene:
    """The gradients of a block on the left, their sum on the right."""
    panels = {
        "g_X_out": images(look, "g_X_out", ENLARGED),
        "g_X_in": images(look, "g_X_in", SMALL),
    }
    return Scene(made(panels, "g_X_in"), ["g_X_out", "→", "g_X_in"], _blocks(look))


UPSAMPLE: Words = {
    ("forward", "output"): ("Every number is repeated in a block of cells.", "=X_out"),
    ("backward", "input gradient"): (
        "A number was used in all cells of its block: it adds up their gradients.",
        "=g_X_in",
    ),
}
describe(UPSAMPLE, Upsample)
