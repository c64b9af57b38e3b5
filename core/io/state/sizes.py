"""Finds paddings, strides and pooling of convolutions, so that images come out in a wanted size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.spec_item import pair_text

Size = tuple[int, int]

# How far from plain a choice is. What costs less is taken.
_STRIDE, _POOL, _EARLY_POOL, _AVERAGE, _NO_PADDING, _MIXED_PADDING = 5.0, 1.0, 1.5, 2.5, 1.5, 4.0


class Convolution(NamedTuple):
    """What shapes tell of a convolution."""

    channels: int
    kernel: Sequence[int]


@dataclass(frozen=True)
class Choice:
    """What was taken for one convolution.

    Attributes:
        padding: rows and columns on each side.
        stride: steps between windows.
        pooled: whether the images are pooled behind it, 2×2.
    """

    padding: Size
    stride: int
    pooled: bool

    @property
    def words(self) -> str:
        """The words of a model text for it, with a space in front; pooling has its own item."""
        stride = f" s{self.stride}" if self.stride > 1 else ""
        return stride + (f" p{pair_text(self.padding)}" if any(self.padding) else "")

    @property
    def pool(self) -> str:
        """The item of a model text for the pooling; empty for none."""
        return "pool 2" if self.pooled else ""


@dataclass(frozen=True)
class Sizes:
    """What was taken for all convolutions.

    Attributes:
        choices: one for each.
        averages: whether each channel is averaged at the end.
    """

    choices: tuple[Choice, ...]
    averages: bool


class _Way(NamedTuple):
    cost: float
    choices: tuple[Choice, ...]


def find_sizes(convolutions: Sequence[Convolution], size: Sequence[int], area: int) -> Sizes | None:
    """Return the plainest choices by which images come out with an area.

    Args:
        convolutions: in their order.
        size: height and width of the images before them.
        area: height times width that is wanted behind them.

    Returns:
        The choices; None if there are none.
    """
    start = {(size[0], size[1]): _Way(0.0, ())}
    found = list[tuple[float, Sizes]]()
    for padded, cost in ((True, 0.0), (False, _NO_PADDING), (None, _MIXED_PADDING)):
        ways = start
        for k, convolution in enumerate(convolutions):
            is_last = k + 1 == len(convolutions)
            grows = is_last or convolutions[k + 1].channels > convolution.channels
            ways = _cheapest(_onward(ways, convolution, padded, grows))
        for there, way in ways.items():
            if there[0] * there[1] == area:
                found.append((cost + way.cost, Sizes(way.choices, False)))
            elif area == 1 and convolutions:
                found.append((cost + way.cost + _AVERAGE, Sizes(way.choices, True)))
    return min(found, key=lambda item: item[0])[1] if found else None


def _onward(
    ways: dict[Size, _Way], convolution: Convolution, padded: bool | None, grows: bool
) -> Iterator[tuple[Size, _Way]]:
    """Yield which sizes follow from others behind one more convolution.

    Args:
        ways: to the sizes before it.
        convolution: what comes next.
        padded: whether it keeps the size; None if it may or may not.
        grows: whether more channels follow, or nothing: where networks mostly pool.
    """
    kernel = convolution.kernel[0], convolution.kernel[1]
    keeping = (kernel[0] - 1) // 2, (kernel[1] - 1) // 2
    paddings = dict.fromkeys(
        padding
        for padding, is_taken in ((keeping, padded is not False), ((0, 0), padded is not True))
        if is_taken
    )
    for size, way in ways.items():
        for padding in paddings:
            for stride in (1, 2):
                there = _moved(size, kernel, padding, stride)
                if min(there) < 1:
                    continue
                cost = way.cost + (stride - 1) * _STRIDE
                yield there, _Way(cost, (*way.choices, Choice(padding, stride, False)))
                if min(there) > 1:
                    pooled = _moved(there, (2, 2), (0, 0), 2)
                    cost += _POOL if grows else _EARLY_POOL
                    yield pooled, _Way(cost, (*way.choices, Choice(padding, stride, True)))


def _cheapest(ways: Iterable[tuple[Size, _Way]]) -> dict[Size, _Way]:
    """Return the cheapest way to each size; of equal ones the later pooling, as nets mostly do."""
    found = dict[Size, _Way]()
    for size, way in ways:
        if size not in found or way.cost < found[size].cost:
            found[size] = way
    return found


def _moved(size: Size, kernel: Size, padding: Size, stride: int) -> Size:
    height, width = (
        (n + 2 * p - k) // stride + 1 for n, k, p in zip(size, kernel, padding, strict=True)
    )
    return height, width
