"""Lessons 7 to 9."""

from __future__ import annotations

from math import log

import numpy as np

from tests.viz_app.lessons.by_hand import Hand, winner
from tests.viz_app.lessons.expected.registry import EXPECTED, Expected, expect, sentence
from viz_app.lessons import Record, record_of

# 7 Pooling routes gradients.


def won(hand: Hand, i: int, j: int, size: int = 2, stride: int = 2) -> list[int]:
    """The cell that wins a window."""
    y, x = i * stride, j * stride
    s, t = winner(hand.x["pool"][0, 0, y : y + size, x : x + size])
    return [0, 0, y + s, x + t]


@expect("7-pooling-routes", 1)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    i, j = drawn[-2:]
    whole = [[0, 0, 2 * i + s, 2 * j + t] for s in range(2) for t in range(2)]
    return [won(hand, i, j)], {"This is the whole": whole}


@expect("7-pooling-routes", 2)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    winners = sorted(won(hand, i, j) for i in range(2) for j in range(2))
    cells = [[0, 0, y, x] for y in range(4) for x in range(4)]
    return winners, {"These have lost": [cell for cell in cells if cell not in winners]}


@expect("7-pooling-routes", 3)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    i, j = drawn[-3], drawn[-1]
    g = hand.g_y["pool"][0, 0, i, j]
    assert hand.g_x["pool"][tuple(won(hand, i, j))] == g
    return g, {"This is average": g / 4, "Nothing changes": -g}


@expect("7-pooling-routes", 5)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    wins = [tuple(won(hand, i, j, 3, 1)) for i in range(2) for j in range(2)]
    best = max(wins, key=wins.count)
    lost = next([0, 0, y, x] for y in range(4) for x in range(4) if (0, 0, y, x) not in wins)
    return [list(best)], {"": [lost]}


@expect("7-pooling-routes", 6)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    windows = [(i, j) for i in range(2) for j in range(2)]
    cell = won(hand, 0, 0, 3, 1)
    gained = [hand.g_y["pool"][0, 0, i, j] for i, j in windows if won(hand, i, j, 3, 1) == cell]
    total = sum(gained)
    assert abs(total - hand.g_x["pool"][tuple(cell)]) < 1e-12
    return total, {"This is what": hand.g_y["pool"][0, 0, 0, 0], "The size is": -total}


@expect("7-pooling-routes", 7)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    y, x = drawn[-2:]
    g = hand.g_y["avgpool"][0, 0, y // 2, x // 2]
    return g / 4, {"This is the whole": g, "A window": g / 2, "The share": -g / 4}


EXPECTED["7-pooling-routes", 4] = sentence(1, "Half for each", "", "Both together")
EXPECTED["7-pooling-routes", 8] = sentence(2, "The largest number", "A gradient holds", "")


# 8 Softmax, cross-entropy and p - y.


@expect("8-softmax-and-loss", 1)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    k = drawn[-1]
    z = hand.y["linear"][0]
    e = np.exp(z - z.max())
    return hand.p[0, k], {"This is not divided": e[k]} if abs(e.sum() - 1) > 0.1 else {}


EXPECTED["8-softmax-and-loss", 3] = lambda hand, record, drawn: (
    -log(1 / 3),
    {"This is the probability": 1 / 3, "A logarithm": -log(3), "This is the logarithm": 0.477},
)


def push(hand: Hand, n: int, k: int) -> float:
    return float((hand.p[n, k] - (hand.labels[n] == k)) / len(hand.labels))


@expect("8-softmax-and-loss", 4)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    g = push(hand, *drawn[-2:])
    return "-+"[int(g > 0)], {"You thought": "+-"[int(g > 0)]}


@expect("8-softmax-and-loss", 5)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    n, k = drawn[-2:]
    g, p = push(hand, n, k), hand.p[n, k]
    wrong = {"This is p − y": 4 * g, "It is p − y": -g}
    return g, wrong | ({"This is the right": p / 4} if hand.labels[n] == k else {})


@expect("8-softmax-and-loss", 6)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    assert abs(hand.g_logits.sum(axis=1)).max() < 1e-15
    return 2, {"The probabilities add": 0, "A gradient is": 1}


@expect("8-softmax-and-loss", 7)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    p = [hand.p[n, label] for n, label in enumerate(hand.labels)]
    return [[int(np.argmin(p))]], {"This sample has": [[int(np.argmax(p))]]}


EXPECTED["8-softmax-and-loss", 2] = sentence(1, "They add up", "", "It is the distance")
EXPECTED["8-softmax-and-loss", 8] = sentence(1, "The samples", "", "They would")


# 9 When gradients go wrong.

FOUR = [f"sigmoid{k}" for k in (1, 2, 3, 4)]


@expect("9-when-gradients-go-wrong", 1)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    sizes = {name: np.linalg.norm(hand.g_y[name]) for name in FOUR}
    right = sorted(FOUR, key=lambda name: -sizes[name])
    return right, {"You followed": right[::-1], "": [right[1], right[0], *right[2:]]}


@expect("9-when-gradients-go-wrong", 2)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    x = np.linspace(-8, 8, 10_001)
    f = 1 / (1 + np.exp(-x))
    steepest = float(np.diff(f).max() / (x[1] - x[0]))
    return steepest, {"This is the sigmoid": 0.5, "A line of slope 1": 1}


EXPECTED["9-when-gradients-go-wrong", 3] = lambda hand, record, drawn: (
    1 / 256,
    {"Slopes one behind the other are multiplied; a": 1 / 16, "Slopes": 1, "This is three": 1 / 64},
)


@expect("9-when-gradients-go-wrong", 4)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    first, last = (np.linalg.norm(hand.g_y[name]) for name in ("relu1", "relu4"))
    assert first > 0.1 * last
    return 1, {"A gate that": 0}


@expect("9-when-gradients-go-wrong", 5)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    # There are such units, and they learn nothing.
    dead = ~(hand.x["relu"] > 0).any(axis=0)
    assert dead.any()
    assert not hand.grads["linear1"]["weight"][dead].any()
    return 1, {"A closed gate": 0, "The step is": 2}


@expect("9-when-gradients-go-wrong", 6)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    model = "flatten, linear 16, relu, linear {classes}"
    words = {"preset": "digits", "batch": "8", "model": model, "iteration": "20"}
    losses = [record_of({**words, "rate": rate}).trace.loss for rate in ("0.05", "0.5", "50")]
    assert max(losses[:2]) < 5 < losses[2] / 2
    return 1, {"Small steps": 0, "It points": 2}


@expect("9-when-gradients-go-wrong", 7)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    sizes = [np.linalg.norm(hand.g_y[name]) for name in FOUR]
    assert min(sizes) > 0.3 * max(sizes)
    return 2, {"The sigmoid stays": 0, "Whatever acts": 1}
