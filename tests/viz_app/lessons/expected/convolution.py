"""Lessons 1 to 4."""

from __future__ import annotations

from tests.viz_app.lessons.by_hand import Hand
from tests.viz_app.lessons.expected.registry import (
    EXPECTED,
    Expected,
    expect,
    rank,
    sentence,
    window,
)
from viz_app.lessons import Record

# 1 One iteration.


@expect("1-one-iteration", 2)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    i, j = drawn[-2:]
    wrong = {"This is only": [[0, 0, i, j]]}
    return window(i, j), wrong | ({"Rows and columns": window(j, i)} if i != j else {})


@expect("1-one-iteration", 3)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    best, *_, worst = rank(list(hand.p[0]))
    return [[0, best]], {"This is the smallest|This logit is": [[0, worst]]}


@expect("1-one-iteration", 4)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    is_worse = hand.p[0, hand.labels[0]] < 1 / 3
    return (
        (0, {"The right class has less": 1}) if is_worse else (1, {"The right class has more": 0})
    )


EXPECTED["1-one-iteration", 5] = sentence(1, "The derivative", "", "How much")
EXPECTED["1-one-iteration", 7] = sentence(2, "The gradient knows", "The slope", "")


@expect("1-one-iteration", 6, 8)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    s, t = drawn[-2:]
    g = hand.grads["conv"]["weight"][0, 0, s, t]
    if record.line < 140:
        return "-+"[int(g < 0)], {"You moved": "+-"[int(g < 0)]}
    wrong = {
        "The size": 0.05 * g,
        "This is the gradient with": -g,
        "This is the gradient itself": g,
    }
    return -0.05 * g, wrong


# 2 A convolution is a matrix product.


@expect("2-convolution-as-product", 1)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    i, j = drawn[-2:]
    wrong = (
        {"This is the window": [[0, 4 * j + i]]} if i != j else {"": [[0, (4 * i + j + 1) % 16]]}
    )
    return [[0, 4 * i + j]], wrong


@expect("2-convolution-as-product", 3)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    i, j = divmod(drawn[-1], 4)
    kernel, image = hand.params["conv"]["weight"][0, 0], hand.x["conv"][0, 0]
    return [kernel[s, t] * image[i + s, j + t] for s in range(3) for t in range(3)], {}


@expect("2-convolution-as-product", 4)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    y, x = drawn[-2:]
    visits = sum([0, 0, y, x] in window(i, j) for i in range(4) for j in range(4))
    wrong = {"Nine is right": 9} if visits != 9 else {}
    return visits, wrong | {"This is the number": 16}


@expect("2-convolution-as-product", 5)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    return len(range(0, 4, 2)) ** 2, {"The stride": 8, "This is their": 16}


@expect("2-convolution-as-product", 6)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    return (6 + 2 * 1 - 3 + 1) ** 2, {"Padding 1 adds": 25, "This is their": 16}


@expect("2-convolution-as-product", 7)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    inside = [(s, t) for s in range(-1, 2) for t in range(-1, 2) if s >= 0 and t >= 0]
    return len(inside), {"The window has": 9, "This is how many": 5}


EXPECTED["2-convolution-as-product", 8] = sentence(1, "It needs exactly", "", "Each copy")


# 3 The gradient of a kernel.


def met(hand: Hand, k: int) -> list[float]:
    """The products of output gradient and pixel of one weight, window by window."""
    s, t = divmod(k, 3)
    g, image = hand.g_y["conv"][0, 0], hand.x["conv"][0, 0]
    return [g[i, j] * image[i + s, j + t] for i in range(4) for j in range(4)]


EXPECTED["3-gradient-of-a-kernel", 1] = lambda hand, record, drawn: (
    16,
    {"Nine pixels": 9, "In one window": 1},
)


@expect("3-gradient-of-a-kernel", 3)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    g = sum(met(hand, drawn[-1]))
    return "-+"[int(g > 0)], {"The gradient has": "+-"[int(g > 0)]}


@expect("3-gradient-of-a-kernel", 4)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    return met(hand, drawn[-1]), {}


@expect("3-gradient-of-a-kernel", 5)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    g = sum(met(hand, 3))
    return 0.01 * g, {"This is the slope": g, "The size": -0.01 * g}


EXPECTED["3-gradient-of-a-kernel", 6] = lambda hand, record, drawn: (
    len(hand.labels) * 16,
    {"So many windows": 16, "So many images": 8},
)
EXPECTED["3-gradient-of-a-kernel", 7] = sentence(2, "There are twice", "Each product", "")


@expect("3-gradient-of-a-kernel", 8)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    assert abs(hand.grads["conv"]["bias"][0]) < 1e-12
    return "0", {"The gradients of": "+"}


# 4 Back to the image.


@expect("4-back-to-the-image", 1)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    y, x = drawn[-2:]
    visits = sum([0, 0, y, x] in window(i, j) for i in range(4) for j in range(4))
    return visits, {"This is the number": 16} | ({"Nine windows": 9} if visits != 9 else {})


@expect("4-back-to-the-image", 2)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    kernel = hand.params["conv"]["weight"].reshape(9)
    g = hand.g_y["conv"].reshape(16)
    sizes = {(k, p): kernel[k] * g[p] for k in range(9) for p in range(16)}
    best = max(sizes, key=lambda at: abs(sizes[at]))
    other = max(sizes, key=lambda at: sizes[at] * (-1 if sizes[best] > 0 else 1))
    return [list(best)], {"This is the largest (above|below)": [list(other)]}


def copies(y: int, x: int, kernel: int = 3, size: int = 4) -> list[list[int]]:
    """The cells of X^(col) in which a pixel stands: weight and window."""
    return sorted(
        [(y - i) * kernel + x - j, i * size + j]
        for i in range(size)
        for j in range(size)
        if 0 <= y - i < kernel and 0 <= x - j < kernel
    )


@expect("4-back-to-the-image", 3)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    y, x = drawn[-2:]
    row, column = [[0, p] for p in range(16)], [[k, 0] for k in range(9)]
    return copies(y, x), {"A row is": row, "A column is": column}


@expect("4-back-to-the-image", 4)
def _(hand: Hand, record: Record, drawn: list[int]) -> Expected:
    kernel, g = hand.params["conv"]["weight"].reshape(9), hand.g_y["conv"].reshape(16)
    products = [kernel[k] * g[p] for k, p in copies(*drawn[-2:])]
    total = sum(products)
    assert abs(total - hand.g_x["conv"][0, 0][tuple(drawn[-2:])]) < 1e-12
    return total, {"Copies are added": total / len(products), "The size is right": -total}


EXPECTED["4-back-to-the-image", 5] = lambda hand, record, drawn: (1, {"So many pixels": 4})
EXPECTED["4-back-to-the-image", 6] = sentence(2, "The zeros of", "A gradient is", "")
EXPECTED["4-back-to-the-image", 7] = lambda hand, record, drawn: (
    len([s for s in range(-1, 2) if s >= 0]) * 3,
    {"Three of these": 9, "This is how many": 3},
)
