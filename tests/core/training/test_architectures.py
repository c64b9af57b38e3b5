"""Well-known architectures, to show that the framework is tied to none."""

from __future__ import annotations

import numpy as np
import pytest

from core.data import load_dataset
from core.io.text import format_model, parse_model
from core.optim import SGD
from core.training.trainer import Trainer

BLOCK = "residual(conv 8 k3 p1 nobias, bn, relu, conv 8 k3 p1 nobias, bn), relu"
WIDER = (
    "residual(conv 16 k3 s2 p1 nobias, bn, relu, conv 16 k3 p1 nobias, bn "
    "| conv 16 k1 s2 nobias, bn), relu"
)
ARCHITECTURES = {
    "perceptron": ("digits", "flatten, linear 32, relu, dropout 0.1, linear 10"),
    "LeNet": (
        "mnist",
        "conv 6 k5 p2, tanh, avgpool 2, conv 16 k5, tanh, avgpool 2, flatten, linear 120, tanh, "
        "linear 84, tanh, linear 10",
    ),
    "small VGG": (
        "shapes",
        "conv 8 p1, relu, conv 8 p1, relu, pool 2, conv 16 p1, relu, conv 16 p1, relu, pool 2, "
        "flatten, linear 32, relu, linear 4",
    ),
    "small ResNet": (
        "digits",
        f"conv 8 k3 p1 nobias, bn, relu, {BLOCK}, {WIDER}, gap, flatten, linear 10",
    ),
}


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_architecture_learns(name: str) -> None:
    dataset, text = ARCHITECTURES[name]
    data, rng = load_dataset(dataset), np.random.default_rng(0)
    model = parse_model(text, data.input_shape, rng)
    assert format_model(parse_model(format_model(model), data.input_shape, rng)) == format_model(
        model
    )
    trainer = Trainer(model, SGD(model.parameters(), 0.02, 0.9), data, 16, rng)
    losses = [trainer.step().loss for _ in range(80)]
    assert np.mean(losses[-10:]) < 0.8 * np.mean(losses[:10])
    trace = trainer.record_step()
    assert [stage.phase for stage in trace.stages].count("loss") == 1
    assert set(trace.layers) == {layer.name for layer in model.leaves()}
