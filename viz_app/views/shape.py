"""Flatten and dropout: numbers that are moved or dropped."""

from __future__ import annotations

from math import prod

from core.layers import Dropout, Flatten
from viz_app.registry import Look, view
from viz_app.views.parts import as_images, images, made, matrix, tensor
from viz_app.views.scene import LARGEST, PRINTS, Axis, Panel, Scene, fit

MOST = 60  # px of a cell of a small image
# Names of the dimensions of one sample, by how many it has.
DIMS = {1: ("c",), 2: ("c", "x"), 3: ("c", "y", "x")}


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
    if look.arrays[key].ndim == 2:
        return tensor(look, key, width=330, height=242)
    # Three rows of all channels fit below the large one.
    small = min(LARGEST, 150 // (3 * as_images(look.arrays[key][0]).shape[1]))
    return images(look, key, width=330, height=154, small=small)


def _vector(look: Look, key: str, image: str) -> Panel:
    """Rows of features, whose axis is the product of the image's dimensions."""
    n, *sizes = look.arrays[image].shape
    features: Axis = tuple(zip(DIMS[len(sizes)], sizes, strict=True))
    cell = max(PRINTS, fit(n, 1, LARGEST, 242))
    words = " · ".join(str(size) for size in sizes)
    return matrix(
        look, key, (("n", n),), features, cell=cell, width=330, height=242, note=f"n × {words}"
    )


def _scroll(look: Look, image: str) -> dict[str, int]:
    sizes = look.arrays[image].shape[1:]
    channel = min(look.channel, sizes[0] - 1)
    return {"n": look.sample, ",".join(DIMS[len(sizes)]): channel * prod(sizes[1:])}


@view("forward", Dropout)
def dropout(look: Look) -> Scene:
    """X^(in) × mask = X^(out)."""
    panels = {
        key: tensor(look, key, width=240, height=200, most=MOST)
        for key in ("X_in", "mask", "X_out")
    }
    given = "mask" if look.inner == 0 else "X_out"
    return Scene(made(panels, given), ["X_in", "×", "mask", "=", "X_out"])


@view("backward", Dropout)
def dropout_backward(look: Look) -> Scene:
    """g(L, X^(out)) × mask = g(L, X^(in)): what was dropped learns nothing."""
    keys = ("g_X_out", "mask", "g_X_in")
    panels = {key: tensor(look, key, width=240, height=200, most=MOST) for key in keys}
    return Scene(made(panels, "g_X_in"), ["g_X_out", "×", "mask", "=", "g_X_in"])
