"""The loss: the sample in sight class by class, and the loss of each sample of the batch."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import numpy as np

from core.inspect.trace import Stage
from core.losses import BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, MSELoss
from core.tensor import Array
from viz_app.layer_views.default import default
from viz_app.scene.alike import one_scale
from viz_app.scene.captions import Words, describe
from viz_app.scene.panels import made, matrix
from viz_app.scene.registry import Look, view
from viz_app.scene.scene import Axis, Layout, Panel, Scene

# What `BCEWithLogitsLoss` calls its probabilities.
PROBABILITIES = "sigmoid_probabilities"

one_scale("loss", CrossEntropyLoss, ("logits", "max"), ("probabilities", "target_probabilities"))


def _made(look: Look, panels: dict[str, Panel]) -> dict[str, Panel]:
    """Mark what this inner stage made: neither what it was given nor what stood there before."""
    return made(panels, *(look.fresh - {"logits", "X_out", "targets", "labels"}))


def _scene(
    look: Look, panels: dict[str, Panel], layout: Layout, spare: dict[str, Panel] | None = None
) -> Scene:
    words = [f"class {name}" if name.isdigit() else name for name in look.trace.class_names]
    return Scene(
        _made(look, panels), layout, names={"k": words}, scroll={"n": look.sample},
        spare=spare or {},
    )  # fmt: skip


def _column(
    look: Look,
    key: str,
    array: Array | None = None,
    *,
    index: str = "r",
    named: bool = False,
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
        note=f"sample {sample}" if named and not look.trace.is_probe else "",
        title=look.title(key, look.arrays[key].ndim, is_short=True),
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
        note="",
        title=look.title(key, look.arrays[key].ndim, is_short=True),
    )


def _batch(look: Look, key: str, targets: Array | None = None) -> Panel:
    """What each sample has for each class, by its name; a corner marks the right one."""
    n, classes = look.arrays[key].shape
    samples: Axis = (("n", n),)
    return matrix(
        look,
        key,
        samples,
        (("k", classes),),
        note="n × classes" if targets is None else "n × classes, ◥ target",
        marks=None if targets is None else one_hot(targets, classes),
        named=True,
    )


def one_hot(targets: Array, classes: int) -> Array:
    """Return class numbers (N,) as rows (N, classes) with a 1 each."""
    return np.asarray(np.arange(classes) == targets[:, None])


@view("loss", CrossEntropyLoss)
def cross_entropy(look: Look) -> Scene:
    """Logits → exp → softmax; the loss of each sample; softmax − target → gradient."""
    if "g_logits" in look.at_work:
        return _logit_gradient(look)
    return _sample_losses(look) if "sample_losses" in look.at_work else _softmax(look)


def _softmax(look: Look) -> Scene:
    panels = {
        "logits": _column(look, "logits", named=True),
        "max": _one(look, "max"),
        "exp": _column(look, "exp"),
        "inv_sum": _one(look, "inv_sum"),
        "probabilities": _column(look, "probabilities"),
    }
    layout: Layout = ["logits", "−", "max", "→", "exp", "×", "inv_sum", "=", "probabilities"]
    return _scene(look, panels, layout)


def _sample_losses(look: Look) -> Scene:
    """The probabilities of the batch, the right class of each sample marked, and its loss."""
    n = len(look.arrays["targets"])
    of = "" if look.trace.is_probe else " of the batch"
    panels = {
        "probabilities@batch": replace(
            _batch(look, "probabilities", look.arrays["targets"]),
            title=f"{look.title('probabilities', 2)}{of}",
        ),
        "sample_losses": matrix(
            look, "sample_losses", (("n", n),), (), index="r",
            array=look.arrays["sample_losses"][:, None], note="n",
        ),
        "loss": _one(look, "loss"),
    }  # fmt: skip
    given = ["probabilities@batch"]
    if "target_probabilities" in look.at_work:
        panels["target_probabilities"] = _batch(look, "target_probabilities")
        given.append("target_probabilities")
    if "log_sum" in look.at_work:
        panels["log_sum"] = _one(look, "log_sum")
        given.append("log_sum")
    return _scene(look, panels, [given, "→", "sample_losses", "→", "loss"])


def _logit_gradient(look: Look) -> Scene:
    targets = look.arrays["targets"]
    n, classes = look.arrays["probabilities"].shape
    panels = {
        "probabilities": _column(look, "probabilities", named=True),
        # One cell for each class, but the recorded array has one number a sample.
        "targets": replace(
            _column(look, "targets", one_hot(targets, classes), index=""),
            scale="mask", limits=(0.0, 1.0),
        ),
        "g_logits": _column(look, "g_logits"),
    }  # fmt: skip
    target = "targets"
    if "target_probabilities" in look.at_work:
        target = "target_probabilities"
        panels[target] = _column(look, target)
        del panels["targets"]
    return _scene(look, panels, ["(", "probabilities", "−", target, f") ÷ {n} =", "g_logits"])


@view("loss", MSELoss, L1Loss)
def difference(look: Look) -> Scene:
    """Output − target = difference → gradient; for images the default view."""
    if look.arrays["X_out"].ndim != 2:
        return default(look)
    keys = ("X_out", "targets", "difference", "g_X_out")
    panels = {key: _batch(look, key) for key in keys}
    panels["loss"] = _one(look, "loss")
    target = _with_labels(look, panels)
    layout = ["X_out", "−", target, "=", "difference", "→", ["g_X_out", "loss"]]
    return _scene(look, panels, layout)


@view("loss", BCEWithLogitsLoss)
def binary(look: Look) -> Scene:
    """Logits → sigmoid − target → gradient; for images the default view."""
    if look.arrays["logits"].ndim != 2:
        return default(look)
    keys = ("logits", PROBABILITIES, "targets", "g_logits", "element_losses")
    panels = {key: _batch(look, key) for key in keys}
    panels["loss"] = _one(look, "loss")
    target = _with_labels(look, panels)
    layout = [
        ["logits", "element_losses"],
        "→",
        PROBABILITIES,
        "−",
        target,
        "→",
        ["g_logits", "loss"],
    ]
    return _scene(look, panels, layout)


def _with_labels(look: Look, panels: dict[str, Panel]) -> list[str]:
    """Return the targets, and below them the class numbers that they were made from."""
    if "labels" not in look.arrays:
        return ["targets"]
    n = len(look.arrays["labels"])
    panels["labels"] = matrix(look, "labels", (), (("n", n),), index="c", note="n")
    return ["targets", "labels"]


CROSS_ENTROPY: Words = {
    ("loss", "softmax"): (
        "Softmax turns the logits of a sample into probabilities: all positive, their sum 1.",
        r"<probabilities>_k = <exp>_k / \sum_j <exp>_j, \; <exp>_k = \exp(<logits>_k - <max>)",
    ),
    ("loss", "loss"): (
        "The surer the network is of the right class t, the smaller the loss; L is the mean over "
        "the batch.",
        r"<loss> = -\frac{1}{<N>} \sum_n \log <probabilities>_{n,\,<targets>_n}",
    ),
    ("loss", "logit gradient"): (
        "A logit's gradient is its probability, less 1 for the right class, divided by the number "
        "of samples.",
        r"<g_logits> = (<probabilities> - \mathrm{onehot}(<targets>)) / <N>",
    ),
}
# Of a single sample, such as a picture that the network is asked about.
ALONE: Words = {
    ("loss", "loss"): (
        "The surer the network is of the right class t, the smaller the loss L.",
        CROSS_ENTROPY["loss", "loss"][1],
    ),
    ("loss", "logit gradient"): (
        "A logit's gradient is its probability, less 1 for the right class.",
        CROSS_ENTROPY["loss", "logit gradient"][1],
    ),
}
SMOOTHED: Words = {
    ("loss", "loss"): (
        "The target q gives every class a share of {share:g}, and the rest to the right one.",
        r"<loss> = -\frac{1}{<N>} \sum_n \sum_k <target_probabilities>_{n,k}"
        r" \log <probabilities>_{n,k}",
    ),
    ("loss", "logit gradient"): (
        "A logit's gradient is its probability less its target, divided by the number of samples.",
        "<g_logits> = (<probabilities> - <target_probabilities>) / <N>",
    ),
}
SQUARES: Words = {
    ("loss", "difference"): (
        "The loss is the mean squared difference of all m numbers from their targets.",
        r"<loss> = \frac{1}{<size>} \sum <difference>^2, \; <difference> = <X_out> - <targets>",
    ),
    ("loss", "gradient"): (
        "The gradient is twice the difference, divided by m, how many numbers there are.",
        r"<g_X_out> = 2 \, <difference> / <size>",
    ),
}
DIFFERENCES: Words = {
    ("loss", "difference"): (
        "The loss is the mean difference of all m numbers from their targets, without signs.",
        r"<loss> = \frac{1}{<size>} \sum |<difference>|, \; <difference> = <X_out> - <targets>",
    ),
    ("loss", "gradient"): (
        "Only the sign of a difference counts, divided by m, how many numbers there are.",
        r"<g_X_out> = \text{sign}(<difference>) / <size>",
    ),
}
BINARY: Words = {
    ("loss", "probabilities"): (
        "Sigmoid turns each logit into a probability of its own, between 0 and 1.",
        r"<sigmoid_probabilities> = \frac{1}{1 + \exp(-<logits>)}",
    ),
    ("loss", "loss"): (
        "The loss is small where p is near its target t; L is the mean over all m numbers.",
        r"<loss> = -\frac{1}{<size>} \sum \left( <targets> \log <sigmoid_probabilities>"
        r" + (1 - <targets>) \log(1 - <sigmoid_probabilities>) \right)",
    ),
    ("loss", "logit gradient"): (
        "A logit's gradient is its probability less its target, divided by m, how many there are.",
        "<g_logits> = (<sigmoid_probabilities> - <targets>) / <size>",
    ),
}


def _cross_entropy(stage: Stage) -> Words:
    loss = cast(CrossEntropyLoss, stage.maker)
    samples, classes = loss.probabilities.shape
    other = SMOOTHED if loss.label_smoothing else ALONE if samples == 1 else {}
    said = {**CROSS_ENTROPY, **other}
    share = loss.label_smoothing / classes
    return {at: (text.format(share=share), latex) for at, (text, latex) in said.items()}


describe(_cross_entropy, CrossEntropyLoss)
describe(SQUARES, MSELoss)
describe(DIFFERENCES, L1Loss)
describe(BINARY, BCEWithLogitsLoss)
