"""Names of arrays, axes and index letters, for formulas, panel titles and sentences.

The one table of names. A layer's array that is not in it is called by its key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Symbol:
    """How an array is called.

    Attributes:
        latex: in a formula.
        words: in a title or a sentence; `^(in)` is a raised part.
        axes: what its axes are called; empty where that follows from their number.
        short: words where there is little room; `words` if empty.
    """

    latex: str
    words: str
    axes: tuple[str, ...] = ()
    short: str = ""


_MATRIX = ("row", "column")
_CLASSES = ("sample", "class")

# What PyTorch calls what an optimiser keeps, where it is otherwise.
TORCH_NAMES: Mapping[str, str] = {
    "steps": "step",
    "velocity": "momentum_buffer",
    "first_moment": "exp_avg",
    "second_moment": "exp_avg_sq",
    "mean_square": "square_avg",
}
SYMBOLS: Mapping[str, Symbol] = {
    "X_in": Symbol(r"X^{(in)}", "X^(in)"),
    "X_out": Symbol(r"X^{(out)}", "X^(out)"),
    "X_out_eval": Symbol(r"X^{(eval)}", "X^(eval)"),
    "eval_change": Symbol(r"D^{(eval)}", "eval − batch"),
    "X_col": Symbol(r"X^{(col)}", "X^(col)", _MATRIX),
    "K": Symbol("K", "K", ("kernel", "column")),
    "kernels": Symbol("K", "kernels", ("output channel", "input channel", "row", "column")),
    "K_X_col": Symbol(r"(K X^{(col)})", "K X^(col)", _MATRIX),
    "X_out_matrix": Symbol(r"X^{(out)}", "X^(out) as a matrix", _MATRIX),
    "g_X_out_matrix": Symbol(r"g(L, X^{(out)})", "g(L, X^(out)) as a matrix", _MATRIX),
    "weight": Symbol("W", "W", ("output", "input")),
    "bias": Symbol("b", "b", ("output",)),
    "visits": Symbol("V", "windows that visit each pixel", _MATRIX),
    "mean": Symbol(r"\mu", "μ"),
    "var": Symbol(r"\sigma^{2}", "σ²"),
    "inv_std": Symbol(r"\sigma^{-1}", "1/√(σ² + ε)", (), "inverse"),
    "inv_std_eval": Symbol(r"\sigma^{-1(run)}", "running 1/√(σ² + ε)", (), "inverse"),
    "centred": Symbol(r"(x - \mu)", "x − μ"),
    "x_hat": Symbol(r"\hat{x}", "x̂"),
    "gamma": Symbol(r"\gamma", "γ"),
    "beta": Symbol(r"\beta", "β"),
    "running_mean": Symbol(r"\mu^{(run)}", "running mean", (), "running"),
    "running_var": Symbol(r"\sigma^{2(run)}", "running variance", (), "running"),
    "running_mean_before": Symbol(r"\mu^{(before)}", "running mean before", (), "running"),
    "running_var_before": Symbol(r"\sigma^{2(before)}", "running variance before", (), "running"),
    "term_direct": Symbol(r"T^{(\hat{x})}", "through x̂"),
    "term_mean": Symbol(r"T^{(\mu)}", "through μ"),
    "term_var": Symbol(r"T^{(\sigma^{2})}", "through σ²"),
    "winner": Symbol("w", "winner"),
    "mask": Symbol("M", "mask"),
    "share": Symbol("q", "share of a cell", _MATRIX),
    "gate": Symbol("f'", "gate f′(X^(in))"),
    "closed": Symbol("s", "closed", ("sample", "channel")),
    "dead": Symbol("d", "dead"),
    "body": Symbol("B", "body"),
    "shortcut": Symbol("S", "shortcut"),
    "g_body": Symbol(r"g(L, X)^{(B)}", "g(L, X)^(B) by the body"),
    "g_shortcut": Symbol(r"g(L, X)^{(S)}", "g(L, X)^(S) by the shortcut"),
    "logits": Symbol("z", "logits z", _CLASSES),
    "max": Symbol(r"z^{(max)}", "maximum", ("sample",)),
    "exp": Symbol("e", "exponential", _CLASSES, "exp"),
    "inv_sum": Symbol(r"s^{-1}", "1/Σ e", ("sample",)),
    "log_sum": Symbol(r"(\log s)", "log of the sum", ("sample",)),
    "probabilities": Symbol("p", "softmax p", _CLASSES, "p"),
    "sigmoid_probabilities": Symbol("p", "sigmoid p", (), "p"),
    "target_probabilities": Symbol("q", "smoothed target q", _CLASSES, "q"),
    "labels": Symbol("y", "label", ("sample",)),
    "targets": Symbol("t", "targets", ("sample",), "target t"),
    "sample_losses": Symbol("L", "loss of each sample", ("sample",), "L_n"),
    "element_losses": Symbol("l", "loss of each number", (), "L_{n,k}"),
    "loss": Symbol("L", "loss L"),
    "difference": Symbol("d", "difference"),
    "g_logits": Symbol("g(L, z)", "g(L, z)", _CLASSES),
    "dot": Symbol(r"(g \cdot y)", "dot product"),
    "before": Symbol(r"\theta^{(before)}", "value before"),
    "gradient": Symbol("g", "gradient"),
    "clipped": Symbol(r"g^{(clip)}", "clipped gradient"),
    "step": Symbol(r"\Delta", "step"),
    "ratio": Symbol(r"\rho", "step ÷ value"),
    "after": Symbol(r"\theta^{(after)}", "value after"),
    "velocity": Symbol("v", "velocity"),
    "first_moment": Symbol("m", "first moment"),
    "second_moment": Symbol("v", "second moment"),
    "mean_square": Symbol("s", "mean square"),
    "inv_root": Symbol("r", "1 / (root + ε)"),
}

# Constant of a formula -> how it is written with letters; others are written as numbers.
CONSTANTS: Mapping[str, str] = {
    "eps": r"\epsilon",
    "m": "m",
    "lr": r"\lambda",
    "momentum": r"\mu",
    "beta1": r"\beta_1",
    "beta2": r"\beta_2",
    "correction1": r"1 - {\beta_1}^{t}",  # t counts the updates
    "correction2": r"1 - {\beta_2}^{t}",
    "alpha": r"\alpha",
    "decay": r"\delta",
}

# Size or setting that captions write with a letter.
SIZES: Mapping[str, str] = {
    "samples": "n",
    "N": "N",  # the number of samples too, where n is an index
    "size": "m",
    "height": "h",
    "width": "w",
    "in_channels": "c_{in}",
    "out_channels": "c_{out}",
    "kernel_size": "k",
    "stride": r"\mathrm{stride}",
    "padding": r"\mathrm{padding}",
    "dilation": "d",
    "out_size": "p",
    "p": "p",
}

# What the axes are called of arrays of data and of params, by how many there are.
DATA_AXES = {
    4: ("sample", "channel", "row", "column"),
    3: ("sample", "channel", "position"),
    2: ("sample", "feature"),
    1: ("channel",),
}
PARAM_AXES = {
    4: ("output channel", "input channel", "row", "column"),
    2: ("output", "input"),
    1: ("channel",),
}
# Letters of a sum -> words for their values.
LETTERS: Mapping[str, str] = {
    "n": "sample {}",
    "c": "channel {}",
    "o": "output channel {}",
    "s,t": "weight ({}, {})",
    "i,j": "({}, {})",
    "k": "class {}",
}

# What one index is called that goes by this letter, in a tooltip.
AXES: Mapping[str, str] = {
    "n": "sample",
    "c": "channel",
    "o": "output channel",
    "s": "kernel row",
    "t": "kernel column",
    "i": "row",
    "j": "column",
    "z": "plane",
    "y": "row",
    "x": "column",
    "g": "group",
    "f": "feature",
    "u": "output",
    "k": "class",
    "q": "channel of the group",
}


def is_gradient(array: str) -> bool:
    """Return whether an array is a gradient of the loss, or a term of one."""
    return array.startswith(("g_", "term_"))


def symbol(array: str, rank: int | None = None) -> Symbol:
    """Return how an array is called.

    Args:
        array: its key; a part of a child of a composite is called `child.key`.
        rank: how many axes it has, where that is known: a weight of four is a kernel.
    """
    child, _, array = array.rpartition(".")
    name = array.replace("weight", "kernels") if rank == len(PARAM_AXES[4]) else array
    found = SYMBOLS.get(name) or _composed(name, rank)
    if not child:
        return found
    return Symbol(
        rf"{{{found.latex}}}^{{[{_text(child)}]}}", f"{found.words} of {child}", found.axes
    )


def _composed(array: str, rank: int | None) -> Symbol:
    if array.endswith("_before"):
        after = symbol(array.removesuffix("_before"), rank)
        return Symbol(rf"{{{after.latex}}}^{{(before)}}", f"{after.words} before", after.axes)
    if array.startswith("g_"):
        value = symbol(array.removeprefix("g_"), rank)
        words = "K" if value.words == "kernels" else value.words
        return Symbol(f"g(L, {value.latex})", f"g(L, {words})", value.axes)
    if branch := re.fullmatch(r"(term_)?branch(\d+)", array):
        term, k = branch.groups()
        return Symbol(rf"{'T' if term else 'B'}^{{({k})}}", f"{'through ' * bool(term)}branch {k}")
    words = array.replace("_", " ")
    return Symbol(_text(words), words)


def _text(words: str) -> str:
    return rf"\text{{{words}}}"


def in_latex(text: str) -> str:
    """Return an equation in LaTeX, with the letters of what stands in angle brackets.

    `<X_out> = <K> <X_col>` becomes `X^{(out)} = K X^{(col)}`.

    Args:
        text: LaTeX with the keys of arrays, constants and sizes, `<name>`.

    Raises:
        KeyError: a name is in none of the tables.
    """
    # An index or a power belongs to all of a symbol.
    return re.sub(
        r"<(\w+)>(?=([_^])?)",
        lambda found: f"{{{_letters(found[1])}}}" if found[2] else _letters(found[1]),
        text,
    )


def _letters(name: str) -> str:
    for table in (CONSTANTS, SIZES):
        if name in table:
            return table[name]
    found = symbol(name).latex
    if _text("")[:-1] in found:
        raise KeyError(f"{name!r} is no array, constant or size that has a symbol")
    return found


def axes(array: str, rank: int, is_param: bool = False) -> tuple[str, ...]:
    """Return what the axes of an array are called."""
    named = symbol(array, rank).axes
    if is_param or len(named) != rank:
        of_params = is_param or array.removeprefix("g_") == "weight"
        named = (PARAM_AXES if of_params else DATA_AXES).get(rank, ())
    return named if len(named) == rank else tuple(f"index {k}" for k in range(rank))


def in_words(array: str, index: Sequence[int], where: str = "", is_param: bool = False) -> str:
    """Return what a number is: which array, of what, and at which index.

    Args:
        array: key of the array.
        index: its index.
        where: the layer, or the layer and param of an update.
        is_param: whether the array has the axes of a param.
    """
    words = symbol(array, len(index)).words
    named = zip(axes(array, len(index), is_param), index, strict=True)
    at = [f"{axis} {k}" for axis, k in named]
    return ", ".join([f"{words} of {where}" if where else words, *at])


def note_of(letters: Sequence[tuple[str, int]], words: Mapping[str, str]) -> str:
    """Return words for the letters' values in one term: "channel 2, weight (0, 1)".

    Args:
        letters: the letters, and which value each has.
        words: what is said of letters where it is not what `LETTERS` says.
    """
    values = {name.lower(): value for name, value in letters}
    order, said = list(values), list[tuple[int, str]]()
    known = {**LETTERS, **words}
    # Words for several letters go before words for one of them.
    for key in sorted(known, key=lambda key: -key.count(",")):
        names = key.split(",")
        if all(name in values for name in names):
            numbers = [values.pop(name) for name in names]
            said.append((order.index(names[0]), known[key].format(*numbers)))
    said += [(order.index(name), f"{name} {value}") for name, value in values.items()]
    return ", ".join(text for _, text in sorted(said))
