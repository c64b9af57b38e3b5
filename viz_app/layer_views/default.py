"""The view of a layer without its own: every named array of the inner stage at work."""

from __future__ import annotations

import numpy as np

from core.layer import Layer
from core.losses import Loss
from core.tensor import Array
from viz_app.scene.captions import Words, describe
from viz_app.scene.panels import flat, images
from viz_app.scene.registry import Look, view
from viz_app.scene.scene import Panel, Scene

# Coordinate names of the axes behind the sample, by how many there are.
DATA = {1: ("c",), 2: ("c", "x"), 3: ("c", "y", "x"), 4: ("c", "z", "y", "x")}


@view("forward", object)
@view("backward", object)
def default(look: Look) -> Scene:
    """Draw each array by its rank, in the order in which the layer lists them."""
    arrays = look.at_work
    panels = {key: panel(look, key) for key, array in arrays.items() if np.size(array)}
    return Scene(panels, [[key] for key in panels])


def panel(look: Look, key: str) -> Panel:
    """Return the panel of any array: images, a matrix, a row of numbers or one number."""
    array = look.arrays[key]
    names = axes_of(look, array)
    if array.ndim == 4 and names[0] == "n":
        return images(look, key)
    return flat(look, key, names)


def axes_of(look: Look, array: Array) -> tuple[str, ...]:
    """Return coordinate names of the axes of an array, as far as its shape tells them."""
    if array.ndim > 1 and len(array) == len(look.trace.indices):
        behind = array.ndim - 1
        return "n", *DATA.get(behind, tuple(f"dimension {k + 1}" for k in range(behind)))
    if array.ndim == 1:
        shape = look.layer.output.shape if look.layer else ()
        is_channel = len(shape) > 1 and len(array) == shape[1]
        is_sample = len(array) == len(look.trace.indices)
        return ("n",) if is_sample and not is_channel else ("c",)
    return tuple(f"dimension {k}" for k in range(array.ndim))


LAYER: Words = {
    ("forward", "output"): ("The layer computes X^(out) from X^(in).", "=X_out"),
    ("backward", "input gradient"): (
        "The layer computes the gradient of its input, and of its parameters if it has any.",
        "=g_X_in",
    ),
}
LOSS: Words = {
    ("loss", "loss"): ("The loss says how wrong the output is, in one number.", "=loss"),
    ("loss", "gradient"): ("The gradient of the output is where backward begins.", "=g_X_out"),
}

describe(LAYER, Layer)
describe(LOSS, Loss)
