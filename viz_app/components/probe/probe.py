"""The panel of a probe: what is drawn on, the answer of the network, and images to choose from."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, ClassVar

import numpy as np
import param

from core.data import DataSet
from core.inspect.probe import image_gradient
from core.inspect.trace import StepTrace
from viz_app.components.component import Component, script, source
from viz_app.components.wire import packed
from viz_app.probe.fit import background_of
from viz_app.probe.probe import LEVELS, Probe, as_bytes
from viz_app.probe.tested import Tested
from viz_app.style import sheets, theme
from viz_app.style.notation import markup

# So many images of the test split are sent at a time, and so many classes are shown.
PAGE, CLASSES = 48, 12
# Stands for no class that a person chooses: the network's guess, or the label of a test image.
NOT_CHOSEN = -1
# Arrays of the loss that say how likely each class is.
LIKELY = ("probabilities", "sigmoid_probabilities")
SAID = "Asked in eval mode: running statistics, no dropout. Nothing is trained."
KEPT = "The class that the loss is against is kept while you draw."
ALL_ZERO = "No pixel moves the loss: the gradient is zero, as behind ReLUs that are all off."
TOO_LONG = "This picture is too large for a link: a link of this moment shows the training batch."
LED = "While a lesson is on or composed, the training batch stays. Close it to ask about a picture."
NO_PICTURE = "The network takes no grey or coloured picture: choose one of the test split."
NO_CLASSES = "The labels are no classes: choose an image of the test split."


class ProbePanel(Component):
    """Shows `content` and `gallery`, see `content.d.ts`.

    Sends {"drawn": bytes in base64, "number": of the drawing}, {"opened": {"name", "width",
    "height", "pixels": RGBA in base64}}, {"label": class, or `NOT_CHOSEN`}, {"test": number},
    {"end": true}, {"again": true} to ask once more about what was asked before, {"show": true} to
    see the gradient on the board, and of the gallery {"find": whether to look for wrong ones} or
    {"more": true}.
    """

    content = param.Dict(default=packed({}), doc="Packed `content_of`.")
    gallery = param.Dict(default={}, doc="`gallery_of`.")
    palettes = param.Dict(default=theme.PALETTES)
    front = param.Boolean(default=False, doc="Whether it is in sight.")

    _esm = script("probe/panel.js")
    _stylesheets: ClassVar = [
        source("probe/probe.css"),
        source("common/heard.css"),
        sheets.FORMULA,
    ]


def content_of(
    trace: StepTrace,
    probe: Probe | None,
    data: DataSet,
    number: int,
    notation: str,
    led: bool,
    second: StepTrace | None = None,
    before: Probe | None = None,
) -> dict[str, Any]:
    """Return what the panel shows of a probe.

    Args:
        trace: the answer to it; whatever without a probe.
        probe: what is asked about; None if nothing is.
        data: what the network is trained on.
        number: of the last drawing that was heard.
        notation: of gradients.
        led: whether a lesson says what is seen.
        second: the answer of a second run that is compared; None without.
        before: what was asked about before the training batch came back; None if nothing was.
    """
    shape = data.input_shape
    is_picture = len(shape) == 3 and shape[0] in (1, 3)
    why = LED if led else NO_CLASSES if not data.classes else "" if is_picture else NO_PICTURE
    background = (background_of(data) if is_picture else np.zeros(1)) * LEVELS
    content: dict[str, Any] = {
        "shape": list(shape) if is_picture else [],
        "background": np.round(background).astype(int).tolist(),
        "classes": list(data.class_names),
        "number": number,
        "led": led,
        "said": [text for text in (SAID, why) if text],
        "bars": blank_bars(data) if probe is None else bars_of(trace),
        "answer": None,
        "before": before.words if before else "",
    }
    if probe is None:
        return content
    image = probe.image(data)[0]
    target = trace.targets[0] if trace.targets.ndim == 1 else None
    is_class = bool(data.classes) and target is not None
    gradient = image_gradient(trace)[0]
    content["answer"] = {
        "words": probe.words,
        "source": probe.source,
        "pixels": _base64(as_bytes(image, data)) if is_picture else "",
        "label": int(target) if is_class and target is not None else None,
        "chosen": probe.label is not None,
        "loss": trace.loss,
        "iteration": trace.iteration,
        "gradient": gradient if is_picture else np.zeros(0),
        "most": float(np.abs(gradient).max(initial=0)),
        "title": markup("g(L, X^(in))", notation),
        "runs": "" if second is None else f"Run A answers here. {_answer_of_b(second)}",
    }
    if is_picture and not gradient.any():
        content["said"].append(ALL_ZERO)
    if is_class and probe.label is not None and probe.source != "test":
        content["said"].append(KEPT)
    if not probe.text:
        content["said"].append(TOO_LONG)
    return content


def _answer_of_b(trace: StepTrace) -> str:
    """Return in a sentence what run B answers: its likeliest class, and the loss."""
    first = next((bar for bar in bars_of(trace) if bar["first"]), None)
    likeliest = f"{first['name']} ({first['value']:.2f}), ".replace("-", "−") if first else ""
    return f"Run B: {likeliest}loss {trace.loss:.4g}."


def blank_bars(data: DataSet) -> list[dict[str, Any]]:
    """Return the bars of the classes before anything is asked: the answer takes their place."""
    names = data.class_names[:CLASSES]
    return [{"name": name, "value": None, "share": 0.0, "first": False} for name in names]


def bars_of(trace: StepTrace) -> list[dict[str, Any]]:
    """Return how likely the network finds each class, the likeliest first where there are many.

    Without probabilities in the loss these are the outputs, of which negative ones have no bar.
    """
    loss = next(stage for stage in trace.stages if stage.phase == "loss")
    likely = next((name for name in LIKELY if name in loss.names), None)
    output = next(reversed(trace.layers.values())).output.value
    values = (loss.array(likely) if likely else output)[0]
    if values.ndim != 1 or not np.isfinite(values).all():
        return []
    order = range(len(values))
    if len(values) > CLASSES:
        order = np.argsort(-values, kind="stable")[:CLASSES].tolist()
    names, best = trace.class_names, int(values.argmax())
    top = 1.0 if likely else max(0.0, float(values.max(initial=0))) or 1.0
    return [
        {
            # A network may tell more classes apart than the data have.
            "name": names[k] if k < len(names) else str(k),
            "value": float(values[k]),
            "share": max(0.0, float(values[k])) / top,
            "first": k == best,
        }
        for k in order
    ]


def gallery_of(data: DataSet, tested: Tested | None, is_on: bool, count: int) -> dict[str, Any]:
    """Return images of the test split to choose from, those that are taken for others first.

    Args:
        data: what they are of.
        tested: what the network has answered so far; None if it was not asked.
        is_on: whether it is being asked.
        count: how many images to show at most.
    """
    shape = data.input_shape
    is_picture = len(shape) == 3 and shape[0] in (1, 3)
    wrong = tested.wrong if tested else []
    is_wrong = set(wrong)
    rest = (k for k in range(len(data.test)) if k not in is_wrong)
    numbers = [*wrong, *rest][:count]
    labels, names = data.test.labels, data.class_names
    answers = tested.answers if tested else np.zeros(0, np.int64)

    def name(k: int) -> str:
        return names[k] if 0 <= k < len(names) else str(k)

    items = [
        {
            "number": k,
            "name": name(int(labels[k])) if data.classes else "",
            "answer": name(int(answers[k])) if k in is_wrong else "",
        }
        for k in numbers
    ]
    images = as_bytes(data.test.images[numbers], data) if is_picture else np.zeros(0, np.uint8)
    told = tested and {
        "iteration": tested.iteration,
        "done": tested.done,
        "total": tested.total,
        "wrong": len(wrong),
    }
    return {
        "items": items,
        "pixels": _base64(images),
        "more": count < len(data.test),
        "tested": told,
        "finding": is_on,
        "can_find": bool(data.classes),
    }


def _base64(array: np.ndarray[Any, np.dtype[np.uint8]]) -> str:
    return b64encode(array.tobytes()).decode()
