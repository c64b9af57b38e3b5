"""The loss: the sample in sight class by class, and the loss of each sample of the batch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.losses import CrossEntropyLoss, MSELoss
from core.tensor import Array
from viz_app.notation import title_of
from viz_app.registry import Look, view
from viz_app.views.default import default
from viz_app.views.parts import made, matrix
from viz_app.views.scene import PRINTS, Axis, Layout, Panel, Scene

HEIGHT, CELL, NARROW, BATCH = 242, 24, 46, 280  # px
WITH_UNIT = 62  # px of a column whose scale has a power of ten


def _made(look: Look, panels: dict[str, Panel]) -> dict[str, Panel]:
    """Mark what this inner stage made: neither what it was given nor what stood there before."""
    return made(panels, *(look.fresh - {"logits", "X_out", "targets"}))


def _scene(look: Look, panels: dict[str, Panel], layout: Layout) -> Scene:
    words = [f"class {name}" if name.isdigit() else name for name in look.trace.class_names]
    return Scene(_made(look, panels), layout, names={"k": words}, scroll={"n": look.sample})


def _column(
    look: Look,
    key: str,
    array: Array | None = None,
    *,
    index: str = "r",
    named: bool = False,
    width: int = NARROW,
) -> Panel:
    """What the sample in sight has for each class, one below the other."""
    sample = look.sample
    column = (look.arrays[key] if array is None else array)[sample][:, None]
    return matrix(
        look,
        key,
        (("k", len(column)),),
        (),
        array=column,
        index=index,
        fixed={"n": sample},
        prefix=(sample,),
        cell=CELL,
        cell_width=width,
        width=width,
        height=HEIGHT,
        note=f"sample {sample}" if named else "",
        title=title_of(key, look.arrays[key].ndim, is_short=True),
        named=named,
    )


def _one(look: Look, key: str) -> Panel:
    """What the sample in sight has of an array with one number a sample, or the only number."""
    array = look.arrays[key]
    sample = (look.sample,) if array.ndim else ()
    return matrix(
        look,
        key,
        (),
        (),
        array=array[sample],
        index="",
        fixed=dict(zip("n", sample, strict=False)),
        prefix=sample,
        cell=CELL,
        cell_width=NARROW,
        note="",
        title=title_of(key, look.arrays[key].ndim, is_short=True),
    )


def _batch(look: Look, key: str, targets: Array | None = None, width: int = BATCH) -> Panel:
    """What each sample has for each class; a corner marks the right one."""
    n, classes = look.arrays[key].shape
    samples: Axis = (("n", n),)
    return matrix(
        look,
        key,
        samples,
        (("k", classes),),
        cell=PRINTS,
        cell_width=max(PRINTS, min(NARROW, width // classes)),
        width=width,
        height=176,
        note="n × classes" if targets is None else "n × classes, ◥ target",
        marks=None if targets is None else one_hot(targets, classes),
    )


def one_hot(targets: Array, classes: int) -> Array:
    """Return class numbers (N,) as rows (N, classes) with a 1 each."""
    return np.asarray(np.arange(classes) == targets[:, None])


@view("loss", CrossEntropyLoss)
def cross_entropy(look: Look) -> Scene:
    """Logits → exp → softmax − target → gradient, of one sample; beside it the whole batch."""
    targets = look.arrays["targets"]
    classes = look.arrays["logits"].shape[1]
    n = len(targets)
    panels = {
        "logits": _column(look, "logits", named=True),
        "exp": _column(look, "exp"),
        "probabilities": _column(look, "probabilities"),
        # One cell for each class, but the recorded array has one number a sample.
        "targets": replace(
            _column(look, "targets", one_hot(targets, classes), index=""),
            scale="mask", limits=(0.0, 1.0),
        ),
        "g_logits": _column(look, "g_logits", width=WITH_UNIT),
        "max": _one(look, "max"),
        "inv_sum": _one(look, "inv_sum"),
        "log_sum": _one(look, "log_sum"),
        "sample_losses@one": _one(look, "sample_losses"),
        "probabilities@batch": replace(
            _batch(look, "probabilities", targets),
            title=f"{title_of('probabilities', 2)} of the batch",
        ),
        "sample_losses": matrix(
            look, "sample_losses", (), (("n", n),), index="c",
            cell_width=max(PRINTS, min(NARROW, BATCH // n)), width=BATCH,
            note="n",
        ),
        "loss": _one(look, "loss"),
    }  # fmt: skip
    layout: Layout = [
        ["logits", "max"], "→", ["exp", "inv_sum"], "→ (", ["probabilities", "log_sum"],
        "−", ["targets", "sample_losses@one"], f") ÷ {n} =", ["g_logits", "loss"],
        ["probabilities@batch", "sample_losses"],
    ]  # fmt: skip
    return _scene(look, panels, layout)


@view("loss", MSELoss)
def mean_square(look: Look) -> Scene:
    """Output − target = difference → gradient; for images the default view."""
    if look.arrays["X_out"].ndim != 2:
        return default(look)
    keys = ("X_out", "targets", "difference", "g_X_out")
    panels = {key: _batch(look, key, width=176) for key in keys}
    panels["loss"] = _one(look, "loss")
    layout = ["X_out", "−", "targets", "=", "difference", "→", ["g_X_out", "loss"]]
    return _scene(look, panels, layout)
