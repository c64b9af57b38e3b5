"""Lessons 5 and 6."""

from __future__ import annotations

import numpy as np

from tests.viz_app.lessons.by_hand import Hand
from tests.viz_app.lessons.expected.registry import EXPECTED, Expected, expect, sentence
from viz_app.lessons import Record

EPS = 1e-5


def measured(hand: Hand, c: int) -> tuple[float, float]:
    """Mean and variance of a channel, number by number."""
    numbers = [float(v) for v in hand.x["bn"][:, c].flat]
    mean = sum(numbers) / len(numbers)
    return mean, sum((v - mean) ** 2 for v in numbers) / len(numbers)


# 5 Batch norm, forward.

EXPECTED["5-batch-norm-forward", 1] = lambda hand, record, drawn: (
    4 * 4 * 4,
    {"This is one image": 16, "This is one number": 4, "This is both": 128},
)


@expect("5-batch-norm-forward", 2)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    _, c, y, x = drawn
    number, mean, other = hand.x["bn"][0, c, y, x], measured(hand, c)[0], measured(hand, 1 - c)[0]
    return number - mean, {
        "The number comes first": mean - number,
        "The mean was added": number + mean,
        "This is the mean of": number - other,
    }


@expect("5-batch-norm-forward", 3)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    _, c, y, x = drawn
    (mean, var), number = measured(hand, c), hand.x["bn"][0, c, y, x]
    std = (var + EPS) ** 0.5
    return (number - mean) / std, {
        "The mean is missing": number / std,
        "Only the mean": number - mean,
        "The array holds": (number - mean) * std,
        "The size is right": (mean - number) / std,
    }


@expect("5-batch-norm-forward", 5)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    c = drawn[0]
    gamma, beta = hand.params["bn"]["weight"][c], hand.params["bn"]["bias"][c]
    outputs = [float(v) for v in hand.y["bn"][:, c].flat]
    return sum(outputs) / len(outputs), {
        "γ is the spread": gamma,
        "The mean of the input": gamma * measured(hand, c)[0] + beta,
        "This is where": gamma + beta,
    }


@expect("5-batch-norm-forward", 7)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    # Which channel was drawn stands in the conditions.
    c = int(record.place.channel if not drawn else drawn[-1])
    var, m = measured(hand, c)[1], 64
    running = 0.9 * 1 + 0.1 * var * m / (m - 1)
    more, less = {"Dividing by a smaller": 1}, {"Dividing by a larger": 0}
    return (0, less | {"Dividing by a larger": 1}) if running > var else (1, more)


EXPECTED["5-batch-norm-forward", 4] = sentence(1, "Dividing by", "", "They would")
EXPECTED["5-batch-norm-forward", 6] = sentence(2, "The mean grows", "This would be", "")
EXPECTED["5-batch-norm-forward", 8] = sentence(2, "Train mode", "There are still", "")


# 6 The three terms.


@expect("6-three-terms", 1)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    assert abs(hand.g_x["bn"].sum(axis=(0, 2, 3))).max() < 1e-12
    return 1, {"This would be": 0, "The sum says": 2}


@expect("6-three-terms", 2)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    _, c, y, x = drawn
    g, std = hand.g_y["bn"][0, c, y, x], (measured(hand, c)[1] + EPS) ** 0.5
    return g / std, {r"This is g\(L": g, "You divided": g * std, "The size": -g / std}


@expect("6-three-terms", 4)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    c = drawn[-1]
    mean = measured(hand, c)[0]
    apart = np.abs(hand.x["bn"][0, c] - mean)
    far, near = (np.unravel_index(k, apart.shape) for k in (apart.argmax(), apart.argmin()))
    return [[0, c, *map(int, far)]], {"Here x̂ is nearest": [[0, c, *map(int, near)]]}


@expect("6-three-terms", 5)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    _, c, y, x = drawn
    (mean, var), at = measured(hand, c), (0, c, y, x)
    std, g = (var + EPS) ** 0.5, hand.g_y["bn"][:, c]
    hat = (hand.x["bn"][:, c] - mean) / std
    direct = hand.g_y["bn"][at] / std
    through_mean = -sum(map(float, g.flat)) / 64 / std
    through_var = -hat[0, y, x] * float((g * hat).sum()) / 64 / std
    right = hand.g_x["bn"][at]
    assert abs(direct + through_mean + through_var - right) < 1e-12
    wrong = {
        "This is the gradient scaled": direct,
        "The term through the mean": direct + through_var,
        "The term through the variance": direct + through_mean,
        "The size": -right,
    }
    # A small term makes no difference.
    apart = dict[str, float]()
    for said, value in wrong.items():
        if all(abs(value - other) > 0.006 for other in (right, *apart.values())):
            apart[said] = value
    return right, apart


EXPECTED["6-three-terms", 3] = sentence(1, "All images", "", "The mean moves")
EXPECTED["6-three-terms", 6] = sentence(2, "They are without", "Mean and variance", "")
EXPECTED["6-three-terms", 7] = sentence(2, "The second and third", "The output still", "")
