"""Writes the formulas of docs/mathematics.md from the lines that the classes state.

Run as `python -m tools.mathematics`. In the document a fence such as

    ```formula MaxPool2d(2): X_out winner

holds the lines of these arrays as an object made by that Python expression states them, behind a
comment with the expression, which the rendered page shows. Blocks of display mathematics directly
above a fence, one for each array, are the same lines in LaTeX; a fence without such blocks stays
without. All other text is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

import numpy as np

import core
from core.formula.latex import Writer
from core.formula.syntax import parse, spread
from core.layer import Layer
from core.losses import Loss
from core.optim import Optimizer
from core.symbols import CONSTANTS, symbol
from core.tensor import Array, Tensor

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "mathematics.md"
FENCE = re.compile(
    r"(?P<math>(?:\$\$\n(?:[^$\n]+\n)*\$\$\n\n)*)"
    r"```formula (?P<made>[^\n]+): (?P<names>[^:\n]+)\n.*?^```$",
    re.MULTILINE | re.DOTALL,
)
# Inputs that layers are tried with, N included.
SHAPES = ((2, 4, 6, 6), (3, 4), (2, 4, 5))
# How constants that depend on the batch or the step are written here.
LETTERS = {
    **CONSTANTS,
    "N": "N",
    "size": "m",
    "classes": "C",
    "smoothing": "s",
    "clip": "q",
    **{"sy": "s_y", "sx": "s_x", "c1": "c_1"},
}


@dataclass(frozen=True)
class Made:
    """A layer, loss or optimiser after one step.

    Attributes:
        thing: the object.
        arrays: the arrays of its stages by name.
        whole: letters for arrays that a formula takes as a whole.
    """

    thing: Layer | Loss | Optimizer
    arrays: Mapping[str, Array]
    whole: str = "ncij"

    @property
    def lines(self) -> dict[str, str]:
        """The lines that the object states, by the array that each defines."""
        lines = (line.strip() for line in self.thing.formulas.splitlines())
        return {next(iter(parse(line))): line for line in lines if line}

    def latex(self, name: str) -> str:
        """Return the line of an array in LaTeX, with letters for indices."""
        formula = spread(parse(self.lines[name])[name], self._rank, self.whole)
        writer = Writer(
            lambda array, rank: symbol(array, rank).latex, self.thing.formula_constants(), LETTERS
        )
        return writer.formula(formula)

    def _rank(self, name: str) -> int:
        child, _, array = name.rpartition(".")
        if child:
            assert isinstance(self.thing, Layer)
            inner = self.thing.children()[child]
            return (inner.output if array.endswith("X_out") else inner.input).value.ndim
        return np.ndim(self.arrays[name])


def make(expression: str) -> Made:
    """Return what a Python expression with the names of `core` makes, after one step.

    Args:
        expression: a layer (`BatchNorm2d(4).eval()`), a loss, or an optimiser of `params`.
    """
    param = Tensor(np.linspace(-1, 1, 4))
    param.grad = np.linspace(1, 2, 4)
    thing = eval(expression, {**vars(core), "params": [param]})
    if isinstance(thing, Layer):
        return _run_layer(thing)
    if isinstance(thing, Loss):
        thing(Tensor(np.linspace(-1, 1, 12).reshape(3, 4)), np.arange(3))
        thing.backward()
        return Made(thing, _arrays(thing))
    assert isinstance(thing, Optimizer)
    one = np.zeros(4)
    names = parse(thing.formulas)
    return Made(thing, {"gradient": one, "before": one, **dict.fromkeys(names, one)}, "c")


def _run_layer(layer: Layer) -> Made:
    layer.astype(np.float64)
    for shape in SHAPES:
        try:
            layer.forward(np.random.default_rng(0).standard_normal(shape))
        except core.ShapeError:
            continue
        layer.output.grad = np.ones(layer.output.shape)
        layer.backward()
        return Made(layer, _arrays(layer))
    raise ValueError(f"{layer} takes no input of {SHAPES}")


def _arrays(thing: Layer | Loss) -> dict[str, Array]:
    stages = [*thing.forward_stages().values(), *thing.backward_stages().values()]
    return {name: array for arrays in stages for name, array in arrays.items()}


@dataclass(frozen=True)
class Block:
    """One fence of the document.

    Attributes:
        made: the expression that its lines belong to.
        names: the arrays.
        with_latex: whether LaTeX stands above it.
    """

    made: str
    names: tuple[str, ...]
    with_latex: bool

    def text(self) -> str:
        """Return what the document must say.

        Raises:
            KeyError: the object states no line for one of the arrays.
        """
        made = make(self.made)
        latex = [f"$$\n{made.latex(name)}\n$$\n\n" for name in self.names if self.with_latex]
        sides = [re.split(r"\s*=\s*", made.lines[name], maxsplit=1) for name in self.names]
        width = max(len(left) for left, _ in sides)
        lines = [f"{left.ljust(width)} = {right}\n" for left, right in sides]
        head = f"```formula {self.made}: {' '.join(self.names)}\n# {self.made}\n"
        return f"{''.join(latex)}{head}{''.join(lines)}```"


def blocks(text: str) -> Iterator[Block]:
    """Yield the fences of a document."""
    for match in FENCE.finditer(text):
        yield _block(match)


def _block(match: re.Match[str]) -> Block:
    return Block(match["made"], tuple(match["names"].split()), bool(match["math"]))


def written(text: str) -> str:
    """Return a document with all formulas as the classes state them."""
    return FENCE.sub(lambda match: _block(match).text(), text)


def main() -> None:
    """Bring the document up to date, and say which lines have changed."""
    before = DOCUMENT.read_text("utf-8")
    after = written(before)
    DOCUMENT.write_text(after, "utf-8")
    print("\n".join(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)))


if __name__ == "__main__":
    main()
