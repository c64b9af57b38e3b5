"""The numbers that the board prints, read from what is drawn on its canvases."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from playwright.sync_api import Page

from core.tensor import Array
from tests.browser.dashboard import settled

# Keeps every text that is drawn on a canvas, by its place there.
LISTEN = """
const { fillText, clearRect } = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...rest) {
  (this.canvas.texts ??= new Map()).set(`${y},${x}`, [y, x, text]);
  return fillText.call(this, text, x, y, ...rest);
};
CanvasRenderingContext2D.prototype.clearRect = function (...box) {
  this.canvas.texts = new Map();
  return clearRect.apply(this, box);
};
"""
# Of the first canvas of each matrix: its texts, and the power of ten beside its symbol.
READ = """() => {
  const found = {};
  const look = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.matches(".panel") && !(node.dataset.key in found)) {
        const canvas = node.querySelector(".tile .base");
        const texts = canvas?.texts ? [...canvas.texts.values()] : [];
        found[node.dataset.key] = { texts, times: node.querySelector(".times").textContent };
      }
      if (node.shadowRoot) look(node.shadowRoot);
    }
  };
  look(document);
  return found;
}"""
# Smaller numbers than people read, so that larger matrices are seen whole.
SMALL = ":root { --cs-cell-font: 5px !important; }"
RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


@dataclass(frozen=True)
class Printed:
    """A matrix as it is printed.

    Attributes:
        values: the numbers that are read, shape (rows, columns).
        halves: how far each may be from what was computed: half a unit of its last place.
    """

    values: Array
    halves: Array

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape

    def transposed(self) -> Printed:
        return Printed(self.values.T, self.halves.T)

    def part(self, *index: Any) -> Printed:
        return Printed(np.asarray(self.values[index]), np.asarray(self.halves[index]))

    def reshape(self, *shape: int) -> Printed:
        return Printed(self.values.reshape(shape), self.halves.reshape(shape))

    def __add__(self, other: Printed) -> Printed:
        return Printed(self.values + other.values, self.halves + other.halves)

    def __sub__(self, other: Printed) -> Printed:
        return Printed(self.values - other.values, self.halves + other.halves)

    def __mul__(self, other: Printed | float) -> Printed:
        if not isinstance(other, Printed):
            return Printed(self.values * other, self.halves * abs(other))
        a, b = abs(self.values), abs(other.values)
        halves = a * other.halves + self.halves * b + self.halves * other.halves
        return Printed(self.values * other.values, halves)

    def __matmul__(self, other: Printed) -> Printed:
        a, b = abs(self.values), abs(other.values)
        halves = a @ other.halves + self.halves @ b + self.halves @ other.halves
        return Printed(self.values @ other.values, halves)

    def clipped(self) -> Printed:
        """Where a number is below zero, zero."""
        return Printed(np.maximum(self.values, 0), self.halves)


def read(page: Page) -> dict[str, Printed]:
    """Return the matrices that print numbers, by the names of their arrays, when they stay."""
    found = settled(page, lambda: page.evaluate(READ))
    return {key: _matrix(**drawn) for key, drawn in found.items() if drawn["texts"]}


def _matrix(texts: list[tuple[float, float, str]], times: str) -> Printed:
    rows: dict[float, list[str]] = {}
    for y, _, text in sorted(texts, key=lambda item: (item[0], item[1])):
        rows.setdefault(y, []).append(text)
    unit = 10.0 ** int(times.rpartition("10")[2].translate(RAISED)) if times else 1.0
    decimals = [len(text.partition(".")[2]) for _, _, text in texts]
    # What is nothing but rounding is "≈0" too, and may be seen where nothing has a decimal. One
    # number far below the others may have more decimals than they.
    nothing = max(0.5001 * 10.0 ** -min(filter(None, decimals)), 1e-4) if any(decimals) else 1e-4
    pairs = np.array([[_number(text, nothing) for text in row] for row in rows.values()])
    return Printed(pairs[..., 0] * unit, pairs[..., 1] * unit)


def _number(text: str, nothing: float) -> tuple[float, float]:
    """Return a number and half a unit of its last place; what is exact has no decimals.

    Args:
        text: as it is printed.
        nothing: the largest number that rounds to nothing.
    """
    if text == "≈0":
        return 0.0, nothing
    assert text.strip("−.0") or text == "0", text
    assert re.fullmatch(r"−?(\d+|\d*\.\d+)", text), text
    value = float(text.replace("−", "-"))
    if text.lstrip("−") in ("0", "1"):
        return value, 0.0
    decimals = len(text.partition(".")[2])
    # A little more than a half: what was rounded is a number in single precision.
    return value, 0.5001 * 10.0**-decimals
