"""The network strip: the image, one card a layer, and what the network makes of the image."""

from __future__ import annotations

from math import isfinite
from typing import Any, ClassVar

import numpy as np
import param

from core.inspect.trace import StepTrace
from core.layer import spec_or_class
from core.tensor import Array
from viz_app.components.component import Component, script, source
from viz_app.components.wire import packed
from viz_app.run.ranges import range_of
from viz_app.scene.pictures import is_picture
from viz_app.style import theme

# So many classes are shown.
LIKELIEST = 3
# Arrays of a loss that may have a number for each class, and whether it is a probability.
SCORES = {"probabilities": True, "sigmoid_probabilities": True, "X_out": False}


class NetworkStrip(Component):
    """Cards in the browser; a click sends {"layer": name}, a choice {"sample": number}."""

    layers = param.Dict(default=packed([]), doc="Packed `network_layers`.")
    ends = param.Dict(default=packed({}), doc="Packed `ends_of`.")
    at = param.Dict(default={"layer": "", "phase": "forward"})
    palettes = param.Dict(default=theme.PALETTES)
    covered = param.Boolean(default=False, doc="Whether a NaN stands for a number that is covered.")

    _esm = script("navigation/strip.js")
    _stylesheets: ClassVar = [source("navigation/strip.css")]


def network_layers(trace: StepTrace, sample: int) -> list[dict[str, Any]]:
    """Return what the cards show of one sample of the batch."""
    cards = []
    for name, layer in trace.layers.items():
        activation = layer.output.value[sample]
        gradient = layer.output.grad[sample]
        # Nothing but numbers that are not finite has no range.
        low, high = range_of(activation) or (0.0, 0.0)
        least, most = range_of(gradient) or (0.0, 0.0)
        cards.append(
            {
                "name": name,
                "spec": spec_or_class(layer),
                "shape": "×".join(map(str, activation.shape)),
                "params": sum(p.value.size for p in layer.params.values()),
                "channels": list(_channels(activation).shape),
                "activation": activation,
                "gradient": gradient,
                "activation_range": np.array([low, high], activation.dtype),
                "gradient_range": np.array([max(-least, most)], gradient.dtype),
            }
        )
    return cards


def ends_of(trace: StepTrace, sample: int) -> dict[str, Any]:
    """Return the image at the one end of the network, and what comes of it at the other."""
    images = next(iter(trace.layers.values())).input.value
    image = _channels(images[sample])
    names, targets = trace.class_names, trace.targets.tolist()
    titles = [names[t] if names and isinstance(t, int) else "" for t in targets]
    low, high = range_of(image) or (0.0, 0.0)
    return {
        "image": image,
        "channels": list(image.shape),
        "range": np.array([low, high], image.dtype),
        "picture": is_picture(images),
        "samples": titles,
        "sample": sample,
        "augmented": trace.augmented[sample] if trace.augmented else "",
        "classes": _classes(trace, sample),
        "asked": trace.is_probe,
    }


def _classes(trace: StepTrace, sample: int) -> list[dict[str, Any]]:
    """Return the likeliest classes of a sample, the right one among them; none without classes.

    Of a network with one output that and its target are returned. A loss that makes no
    probabilities compares the outputs themselves with a target of each class.
    """
    loss = next(stage for stage in trace.stages if stage.phase == "loss")
    name = next((name for name in SCORES if name in loss.names), "")
    if not name or loss.array(name).ndim != 2 or trace.targets.ndim != 1:
        return []
    scores, target = loss.array(name)[sample], trace.targets[sample]
    # Some may be covered: the others would tell them.
    if not (np.isfinite(scores).all() and isfinite(target)):
        return []
    if len(scores) == 1:
        # One output tells no classes apart: it is compared with the target itself.
        both = (("output", scores[0]), ("target", target))
        plain = {"is_share": SCORES[name], "true": False, "predicted": False}
        return [{"name": word, "score": float(score), **plain} for word, score in both]
    target = int(target)
    order = np.argsort(-scores, kind="stable").tolist()
    likeliest = order[:LIKELIEST]
    # The right one is always among them.
    shown = likeliest if target in likeliest else [*likeliest[:-1], target]
    names = trace.class_names
    return [
        {
            # A network may tell more classes apart than the data have.
            "name": names[k] if k < len(names) else str(k),
            "score": float(scores[k]),
            "is_share": SCORES[name],
            "true": k == target,
            "predicted": k == order[0],
        }
        for k in shown
    ]


def _channels(array: Array) -> Array:
    """Return an activation as (C, H, W); a vector is C images of one pixel."""
    return array.reshape(*array.shape, *(1,) * (3 - array.ndim))
