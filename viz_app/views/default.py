"""The view of a layer without its own: every named array of the inner stage at work."""

from __future__ import annotations

from core.tensor import Array
from viz_app.registry import Look, view
from viz_app.views.parts import images, matrix
from viz_app.views.scene import PRINTS, Panel, Scene

# Axes of vectors and matrices that have no names of their own.
ANONYMOUS = ("row", "column")


@view("forward", object)
@view("backward", object)
def default(look: Look) -> Scene:
    """Draw each array by its rank, in the order in which the layer lists them."""
    arrays = list(look.stage.inner.values())[look.inner]
    panels = {key: panel(look, key, array) for key, array in arrays.items()}
    return Scene(panels, [[key] for key in panels])


def panel(look: Look, key: str, array: Array) -> Panel:
    """Return the panel of any array: images, a matrix, a row of channels or one number."""
    if array.ndim >= 3:
        return images(look, key, width=240, height=240)
    if array.ndim == 2:
        n, features = array.shape
        return matrix(look, key, (("n", n),), (("c", features),), width=330, height=240)
    return matrix(
        look,
        key,
        (("q", 1),),
        (("c", array.size),),
        index="c" if array.ndim else "",
        cell=PRINTS,
        cell_width=48,
        width=336,
    )
