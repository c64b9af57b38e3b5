"""Every layer, optimiser, loss and augmentation that can be written is drawn in all its stages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from core.io.lines import one_line
from core.io.parts import AUGMENTATIONS, LOSSES, OPTIMISERS, SCHEDULES
from core.layer import LAYERS
from viz_app.dashboard import Dashboard
from viz_app.network.menu import LAYER_TEXTS, part_menus
from viz_app.run.presets import PRESETS
from viz_app.run.run import Run
from viz_app.scene.captions import words_of
from viz_app.viewer import Viewer

# Those that take vectors; all others take images.
OF_VECTORS = ("linear", "bn1d", "layernorm", "softmax")
MORE = {
    "optimizer": (
        "sgd",
        "sgd momentum 0.9 nesterov",
        "sgd momentum 0.9 weight_decay 0.1 max_norm 0.01",
        "adam weight_decay 0.1",
        "adam max_norm 0.01",
        "rmsprop momentum 0.9",
    ),
    "loss": ("cross_entropy label_smoothing 0.1",),
    "schedule": (),
    "init": (),
    "augment": (),
}


def networks() -> Iterator[tuple[str, str]]:
    for word in sorted(LAYERS):
        text = "linear 6" if word == "linear" else LAYER_TEXTS.get(word, word)
        if word in OF_VECTORS:
            yield word, f"flatten, linear 6, {text}, linear {{classes}}"
        else:
            behind = "" if word == "flatten" else ", flatten"
            yield word, one_line(f"conv 8 k3, {text}{behind}, linear {{classes}}")


def settings() -> Iterator[tuple[str, str]]:
    for name, parts in part_menus().items():
        yield from ((name, part.text) for part in parts)
        yield from ((name, text) for text in MORE[name])


def is_drawn_in_all_stages(run: Run) -> None:
    """Walk through the second iteration as it is drawn."""
    run.advance()
    viewer = Viewer(run)
    Dashboard(viewer)
    for stage, found in enumerate(run.trace.stages):
        for inner, (name, arrays) in enumerate(found.inner.items()):
            viewer.go_to_stage(stage, inner)
            assert viewer.message == "", (found.phase, found.layer, name)
            assert (viewer.place.stage, viewer.place.inner) == (stage, inner)
            assert words_of(found, name), f"{found.phase} {found.layer}, {name} has no caption"
            scene = viewer.scene(viewer.look)
            assert any(key in scene.panels for key in arrays), (found.phase, found.layer, name)


@pytest.mark.parametrize(("word", "network"), [*networks()], ids=sorted(LAYERS))
def test_every_layer_is_drawn(word: str, network: str) -> None:
    recipe = PRESETS["one"].recipe("one").with_(network=network, batch_size=3, preset="")
    run = Run(recipe)
    assert any(layer.keyword == word for layer in run.history.trainer.model.walk())
    is_drawn_in_all_stages(run)


@pytest.mark.parametrize(("name", "text"), [*settings()])
def test_every_part_of_training_is_drawn(name: str, text: str) -> None:
    network = "conv 2 k3, relu, flatten, linear {classes}"
    what: dict[str, Any] = {"network": network, "batch_size": 3, "preset": "", name: text}
    is_drawn_in_all_stages(Run(PRESETS["one"].recipe("one").with_(**what)))


def test_the_menus_hold_all_that_can_be_written() -> None:
    known = {"optimizer": OPTIMISERS, "loss": LOSSES, "schedule": SCHEDULES}
    for name, choices in (known | {"augment": AUGMENTATIONS}).items():
        assert {part.word for part in part_menus()[name]} >= set(choices)
