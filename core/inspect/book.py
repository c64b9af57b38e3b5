"""The formulas of one stage of a trace, with the arrays that they read."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from core.errors import shown
from core.formula.syntax import Formula, FormulaError, parse, spread
from core.formula.tree import array_of, indices, reads
from core.inspect.cell import Cell
from core.inspect.links import leaf_of
from core.inspect.trace import Maker, StagePhase, StepTrace
from core.layer import Layer
from core.tensor import Array

# Letters for the axes of data, and of params by how many axes they have.
DATA_LETTERS, PARAM_LETTERS = "ncijklmopqrs", {1: "c", 2: "ki", 4: "ocst"}


class Book(Mapping[str, Array]):
    """The arrays that the formulas of one stage may read, by name.

    Arrays of the stage itself come first, then those of the layer's other pass. `child.X_out` is an
    array of the last layer inside a child, `child.g_X_in` one of the first.

    Args:
        trace: the trace.
        cell: any cell of the stage; for an update, of the param in question.

    Attributes:
        maker: what made the stage.
        constants: constants and sizes of letters in the formulas.
        words: words for values of index letters, besides those of `core.symbols`.
    """

    def __init__(self, trace: StepTrace, cell: Cell) -> None:
        self._trace, phase = trace, cell.phase
        stage = trace.stage(phase, cell.layer)
        self.maker = stage.maker
        self._lines, self.constants = parse(_text_of(self.maker)), _constants_of(self.maker)
        self.words: Mapping[str, str] = getattr(self.maker, "letters", {})
        self._whole = PARAM_LETTERS if phase == "update" else {}
        inner = (cell.inner or next(iter(stage.inner))) if phase == "update" else None
        self._arrays: dict[str, tuple[Cell, Array]] = {}
        other: StagePhase = "backward" if phase == "forward" else "forward"
        for part in (phase, other) if isinstance(self.maker, Layer) else (phase,):
            for name, arrays in trace.stage(part, cell.layer).inner.items():
                for array, values in arrays.items() if inner in (None, name) else ():
                    self._arrays.setdefault(
                        array, (Cell(part, cell.layer, array, (), inner), values)
                    )

    def __getitem__(self, name: str) -> Array:
        return self._find(name)[1]

    def __contains__(self, name: object) -> bool:
        return name in self._arrays

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def cell(self, name: str, index: tuple[int, ...]) -> Cell:
        """Return where the number at an index of an array lies."""
        return replace(self._find(name)[0], index=index)

    def _find(self, name: str) -> tuple[Cell, Array]:
        path, _, array = name.rpartition(".")
        child = _child(self.maker, path) if path and isinstance(self.maker, Layer) else None
        if child is None:
            if name in self._arrays:
                return self._arrays[name]
            known = ", ".join(self._arrays)
            raise FormulaError(f"there is no array {name!r} in the stages; known are {known}")
        end = -1 if array in ("X_out", "g_X_out") else 0
        layer = leaf_of(child, self._trace.layers, end)
        phase: StagePhase = "backward" if array.startswith("g_") else "forward"
        return Cell(phase, layer, array, ()), self._trace.stage(phase, layer).array(array)

    def formula(self, array: str) -> Formula:
        """Return the line of an array, with a letter for each axis; without a body if it has none.

        Raises:
            FormulaError: there is no such array, or its line is wrong.
        """
        line, rank = self._lines.get(array), np.ndim(self[array])
        if line is None:
            # As it is written where another line reads it.
            read = (cell for other in self._lines.values() for cell in reads(other.body))
            plain = (cell for cell in read if array_of(cell) == array and _has_letters(cell, rank))
            named = PARAM_LETTERS.get(rank, DATA_LETTERS) if self._whole else DATA_LETTERS
            letters = ast.Tuple([ast.Name(letter) for letter in named[:rank]])
            return Formula(next(plain, ast.Subscript(ast.Name(array), letters)), None)
        cells = (line.target, *reads(line.body))
        most = max(np.ndim(self[array_of(cell)]) for cell in cells)
        return spread(line, lambda name: np.ndim(self[name]), self._whole.get(most, DATA_LETTERS))


def _text_of(maker: Maker) -> str:
    """Return the lines of a layer, loss or optimiser, which somebody else may have written.

    Raises:
        FormulaError: they are no text.
    """
    # Without a type checker it may be anything.
    text: object = maker.formulas
    if not isinstance(text, str):
        raise FormulaError(
            f"formulas of {type(maker).__name__} is {shown(text)}; expected a text with a line for "
            "each array, such as 'X_out[*i] = 2 * X_in[*i]'"
        )
    return text


def _constants_of(maker: Maker) -> dict[str, float]:
    """Return the constants of these lines.

    Raises:
        FormulaError: they are no numbers by name.
    """
    constants: object = maker.formula_constants()
    if not isinstance(constants, dict):
        raise FormulaError(
            f"formula_constants of {type(maker).__name__} returned {shown(constants)}; expected "
            "numbers by name, such as {'eps': self.eps}"
        )
    for name, value in constants.items():
        if not isinstance(value, int | float | np.number) or isinstance(value, np.complexfloating):
            raise FormulaError(
                f"formula_constants of {type(maker).__name__} returned {shown(value)} as {name!r}; "
                "expected one real number: an array is read by a line if a stage returns it"
            )
    return constants


def _has_letters(cell: ast.Subscript, rank: int) -> bool:
    """Return whether the indices of a cell are letters, one for each axis."""
    parts = indices(cell)
    return len(parts) == rank and all(isinstance(part, ast.Name) for part in parts)


def _child(layer: Layer, path: str) -> Layer | None:
    """Return a layer inside another one: `gate`, `branches_0` of a list, `gate.inner`."""
    for key, child in layer.children().items():
        name = key.replace(".", "_")
        if path == name or path.startswith(f"{name}."):
            return _child(child, path[len(name) + 1 :]) if path != name else child
    return None
