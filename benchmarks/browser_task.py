"""What is timed natively and in the browser's Python alike: needs NumPy and `core` only."""

from __future__ import annotations

import json
from statistics import median
from time import perf_counter

import numpy as np

from core.data import load_dataset
from core.io.text import parse_model
from core.optim import SGD
from core.training.trainer import Trainer

NETWORK = (
    "conv 8 k3 p1, bn, relu, pool 2, conv 16 k3 p1, bn, relu, pool 2, flatten, linear {classes}"
)
EPOCHS = 10


def trainer(dataset: str, batch_size: int, seed: int = 0) -> Trainer:
    """Return a trainer of the dashboard's network."""
    data, rng = load_dataset(dataset), np.random.default_rng(seed)
    model = parse_model(NETWORK.format(classes=data.classes), data.input_shape, rng)
    optimizer = SGD(model.parameters(), 0.02, momentum=0.9)
    return Trainer(model, optimizer, data, batch_size, rng.spawn(1)[0])


def step_times() -> dict[str, float]:
    """Return milliseconds of one training step, for two presets and with a recorded trace."""
    digits, mnist = trainer("digits", 8), trainer("mnist", 32)
    tasks = {
        "digits, batch 8": digits.step,
        "digits, batch 8, recorded": digits.record_step,
        "MNIST, batch 32": mnist.step,
    }
    found: dict[str, list[float]] = {name: [] for name in tasks}
    for turn in range(12):
        for name, step in tasks.items():
            for _ in range(5):
                start = perf_counter()
                step()
                if turn > 1:
                    found[name].append((perf_counter() - start) * 1000)
    return {name: median(times) for name, times in found.items()}


def accuracies(seeds: int) -> list[float]:
    """Return the accuracy on the test split of MNIST after ten epochs, for so many seeds."""
    found = []
    for seed in range(seeds):
        made = trainer("mnist", 32, seed)
        for _ in range(EPOCHS * -(-len(made.data.train) // 32)):
            made.step()
        found.append(made.evaluate(made.data.test).accuracy)
    return found


def run(seeds: int = 3) -> str:
    """Return all figures as JSON."""
    return json.dumps({"steps": step_times(), "accuracies": accuracies(seeds)})
