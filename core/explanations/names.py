"""What arrays and their axes are called, in words and in formulas, as the write-up has it."""

from __future__ import annotations

from collections.abc import Sequence

from core.explanations.parts import Cell

# Array -> how it is written in words and in LaTeX.
SYMBOLS = {
    "X_in": ("X^(in)", r"X^{(in)}"),
    "X_out": ("X^(out)", r"X^{(out)}"),
    "X_out_eval": ("X^(out) in eval mode", r"X^{(eval)}"),
    "eval_change": ("change by eval mode", r"D^{(eval)}"),
    "X_col": ("X^(col)", r"X^{(col)}"),
    "K": ("K", r"K"),
    "kernels": ("K", r"K"),
    "K_X_col": ("K X^(col)", r"(K X^{(col)})"),
    "weight": ("W", r"W"),
    "bias": ("b", r"b"),
    "mean": ("μ", r"\mu"),
    "var": ("σ²", r"\sigma^{2}"),
    "inv_std": ("1/sqrt(σ² + ε)", r"\sigma^{-1}"),
    "centred": ("x - μ", r"(x - \mu)"),
    "x_hat": ("x̂", r"\hat{x}"),
    "gamma": ("γ", r"\gamma"),
    "beta": ("β", r"\beta"),
    "running_mean": ("running μ", r"\mu^{(run)}"),
    "running_var": ("running σ²", r"\sigma^{2(run)}"),
    "running_mean_before": ("running μ before", r"\mu^{(before)}"),
    "running_var_before": ("running σ² before", r"\sigma^{2(before)}"),
    "term_direct": ("first term", r"T^{(1)}"),
    "term_mean": ("second term", r"T^{(2)}"),
    "term_var": ("third term", r"T^{(3)}"),
    "body": ("body", r"B"),
    "shortcut": ("shortcut", r"S"),
    "gate": ("f'(x)", r"f'"),
    "closed": ("share of closed gates", r"s"),
    "dead": ("share of dead units", r"d"),
    "mask": ("mask", r"M"),
    "winner": ("winner", r"w"),
    "visits": ("visits", r"V"),
    "logits": ("z", r"z"),
    "max": ("max z", r"z^{(max)}"),
    "exp": ("exp(z - max z)", r"e"),
    "inv_sum": ("1/Σ exp(z - max z)", r"s^{-1}"),
    "log_sum": ("log Σ exp(z - max z)", r"(\log s)"),
    "probabilities": ("p", r"p"),
    "targets": ("target", r"t"),
    "sample_losses": ("loss", r"L"),
    "loss": ("mean loss", r"L"),
    "difference": ("y - t", r"d"),
    "before": ("value before", r"\theta^{(before)}"),
    "after": ("value after", r"\theta^{(after)}"),
    "gradient": ("g(L, θ)", r"g"),
    "step": ("step", r"\Delta"),
    "velocity": ("velocity", r"v"),
    "first_moment": ("first moment", r"m"),
    "second_moment": ("second moment", r"v"),
    "mean_square": ("mean square", r"s"),
    "inv_root": ("1/(root + ε)", r"r"),
}

# Array -> what its axes are called.
AXES = {
    "X_col": ("row", "column"),
    "K": ("kernel", "column"),
    "K_X_col": ("row", "column"),
    "X_out_matrix": ("row", "column"),
    "kernels": ("output channel", "input channel", "row", "column"),
    "weight": ("output", "input"),
    "bias": ("output",),
    "visits": ("row", "column"),
    "closed": ("sample", "channel"),
    "logits": ("sample", "class"),
    "exp": ("sample", "class"),
    "probabilities": ("sample", "class"),
    "max": ("sample",),
    "inv_sum": ("sample",),
    "log_sum": ("sample",),
    "targets": ("sample",),
    "sample_losses": ("sample",),
}
PARAM_AXES = {
    4: ("output channel", "input channel", "row", "column"),
    2: ("output", "input"),
    1: ("channel",),
}
DATA_AXES = {
    4: ("sample", "channel", "row", "column"),
    3: ("sample", "channel", "position"),
    2: ("sample", "feature"),
    1: ("channel",),
}


# Array -> what its indices are called in formulas, where that does not follow from their number.
LETTERS = {"X_col": "r k", "K": "o r", "visits": "i j"}
PARAM_LETTERS = {1: "c", 2: "k i", 4: "o c s t"}
PARAMS = {"weight", "kernels", "bias", "before", "gradient"}


def latex(array: str, *index: object) -> str:
    """Return how one number of an array is written in a formula."""
    name = _symbol(_called(array, len(index)), 1)
    return f"{name}_{{{','.join(map(str, index))}}}" if index else name


def letters(index: Sequence[int], array: str = "") -> str:
    """Return what the indices of an array are called in general; of data, if it is not named."""
    array, count = array.removeprefix("g_"), len(index)
    if known := LETTERS.get(array):
        return known
    if array in PARAMS:
        return param_letters(index)
    return " ".join("ncijkl"[:count]) if count > 1 else "c"


def param_letters(index: Sequence[int]) -> str:
    """Return what the indices of a param are called in general."""
    return PARAM_LETTERS.get(len(index), " ".join("ijklmn"[: len(index)]))


def summed(letter: str, count: int) -> str:
    """Return the sign of a sum over `count` values of an index."""
    return rf"\sum_{{{letter}=0}}^{{{count - 1}}}"


def in_words(cell: Cell) -> str:
    """Return what the number in a cell is: which array, of which layer, and where in it."""
    words = [_symbol(_called(cell.array, len(cell.index)), 0)]
    if cell.phase == "update" and cell.inner is not None:
        words = [f"{words[0]} of {cell.layer}.{cell.inner}"]
    elif cell.phase != "loss":
        words = [f"{words[0]} of {cell.layer}"]
    axes = _axes(cell.array, len(cell.index), cell.phase == "update")
    words += [f"{axis} {k}" for axis, k in zip(axes, cell.index, strict=True)]
    return ", ".join(words)


def position(index: Sequence[int]) -> str:
    """Return an index as it is written: (0, 1)."""
    return f"({', '.join(map(str, index))})"


def _called(array: str, count: int) -> str:
    """Return the name of an array; the weights of a convolution are its kernels."""
    is_kernels = count == len(PARAM_AXES[4]) and array.removeprefix("g_") == "weight"
    return array.replace("weight", "kernels") if is_kernels else array


def _symbol(array: str, form: int) -> str:
    if known := SYMBOLS.get(array):
        return known[form]
    if array.endswith("_matrix"):
        name = _symbol(array.removesuffix("_matrix"), form)
        return name if form else f"{name} as a matrix"
    if array.endswith("_before"):
        name = _symbol(array.removesuffix("_before"), form)
        return f"{name}^{{(before)}}" if form else f"{name} before"
    if array.startswith("g_"):
        return f"g(L, {_symbol(array.removeprefix('g_'), form)})"
    return array.replace("_", " ")


def _axes(array: str, count: int, is_param: bool) -> tuple[str, ...]:
    array = array.removeprefix("g_")
    axes = AXES.get(array, ())
    if is_param or len(axes) != count:
        named = PARAM_AXES if is_param or array == "weight" else DATA_AXES
        axes = named.get(count, ())
    return axes if len(axes) == count else tuple(f"index {k}" for k in range(count))
