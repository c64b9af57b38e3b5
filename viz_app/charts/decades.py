"""Logarithmic axes in whole decades, and how small numbers are written."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil, floor, isfinite, log10

from bokeh.models import Axis, FixedTicker

# The whole decades that a number in double precision can be in.
SMALLEST, LARGEST = -307, 308
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power_of_ten(exponent: int) -> str:
    """Return `10⁻³`, all of it in type of one size."""
    return "10" + str(exponent).translate(RAISED)


def short(number: float) -> str:
    """Return a number of any size in few characters: `0.021`, `3.5·10⁻⁵`; `–` for none."""
    if not isfinite(number):
        return "–"
    if number == 0 or 1e-3 <= abs(number) < 1e4:
        return f"{number:.2g}" if abs(number) < 100 else f"{number:.0f}"
    mantissa, exponent = f"{number:.1e}".split("e")
    return f"{mantissa}·{power_of_ten(int(exponent))}"


class Decades:
    """The whole decades that hold all numbers seen so far, so that a scale seldom moves."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: another run."""
        self._first: int | None = None
        self._last = 0

    def widen(self, numbers: Iterable[float]) -> None:
        """Take more numbers in; those without a logarithm do not count."""
        logs = [log10(x) for x in numbers if isfinite(x) and x > 0]
        if not logs:
            return
        low = min(max(SMALLEST, floor(min(logs))), LARGEST - 1)
        high = min(LARGEST, ceil(max(logs)))
        if self._first is None:
            self._first, self._last = low, max(high, low + 1)
        self._first, self._last = min(self._first, low), max(self._last, high)

    @property
    def limits(self) -> tuple[float, float]:
        """First and last number of the scale."""
        first, last = self.exponents
        return 10.0**first, 10.0**last

    @property
    def exponents(self) -> tuple[int, int]:
        """The limits as powers of ten."""
        return (0, 1) if self._first is None else (self._first, self._last)

    def label(self, *axes: Axis, most: int = 5) -> FixedTicker:
        """Label axes at powers of ten, at most so many; return the ticker."""
        first, last = self.exponents
        every = ceil((last - first) / (most - 1))
        exponents = range(last, first - 1, -every)
        ticker = FixedTicker(ticks=[10.0**k for k in exponents], minor_ticks=[])
        for axis in axes:
            axis.ticker = ticker
            axis.major_label_overrides = {10.0**k: power_of_ten(k) for k in exponents}
        return ticker
