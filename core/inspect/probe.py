"""Asks a network a question of one's own: a picture goes through it, and the loss comes back.

Nothing is trained. The picture is asked of a copy, in eval mode: running statistics, no dropout, as
for an image that it is tested with. So the answer depends on this picture alone.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from math import isfinite
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from core.inspect.recorder import Recorder
from core.inspect.trace import StepTrace
from core.kernels.overflow import unwarned
from core.model import Model
from core.tensor import Array


def asked_model(trace: StepTrace) -> Model:
    """Return a copy of the model as it was before the update of an iteration, in eval mode."""
    model = cast(Model, deepcopy(trace.start))
    model.eval()
    return model


def probe(trace: StepTrace, image: ArrayLike, target: ArrayLike) -> StepTrace:
    """Return what the network of an iteration makes of a picture: forward, loss and backward.

    Args:
        trace: the iteration; the network is asked as it was before its update.
        image: one sample, (1, ...), of the shape that the network takes.
        target: that the loss is asked against, (1,) for a class.

    Returns:
        A trace without updates. `indices` is empty of meaning: the picture is no training sample,
        and its number there is -1.

    Raises:
        ShapeError: the network does not take such an image.
        ValueError: it is not one sample, the target is none of the loss, or a number outgrows what
            can be computed.
    """
    pixels = np.asarray(image)
    if pixels.ndim < 2 or len(pixels) != 1:
        raise ValueError(f"a probe is one sample (1, ...), got an array of shape {pixels.shape}")
    # Copied at once: the loss may hold tensors of the model.
    model, loss = deepcopy((cast(Model, trace.start), trace.start_loss))
    model.eval()
    model.needs_input_grad = True
    targets = np.asarray(target)
    recorder = Recorder(model, loss)
    try:
        model.zero_grad()
        with unwarned():
            output = model.forward(pixels)
            value = loss(output, targets)
            if not isfinite(value):
                raise ValueError(
                    f"the loss of this picture is {value}: its numbers outgrow what the network "
                    "can compute; choose smaller ones"
                )
            loss.backward()
            # A loss may compute in float64.
            output.grad = output.grad.astype(output.value.dtype, copy=False)
            model.backward()
        recorder.watch_loss(loss)
    finally:
        recorder.release()
    return replace(
        trace,
        loss=value,
        metrics=dict(loss.metrics(output, targets)),
        indices=np.full(1, -1, np.int64),
        targets=targets,
        stages=recorder.stages(),
        layers=recorder.layers,
        start=recorder.start,
        start_loss=recorder.start_loss,
        is_probe=True,
    )


def image_gradient(trace: StepTrace) -> Array:
    """Return g(L, image) of a recorded iteration: the gradient of what goes into the network.

    Of layers that share the image the one that is last in the backward pass holds the sum.
    """
    image = next(iter(trace.layers.values())).input.value
    backward = (stage.layer for stage in reversed(trace.stages) if stage.phase == "backward")
    for name in backward:
        tensor = trace.layers[name].input
        if tensor.shape == image.shape and np.array_equal(tensor.value, image):
            return tensor.grad
    raise ValueError("no layer of the backward pass reads the image")
