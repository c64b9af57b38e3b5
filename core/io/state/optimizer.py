"""The state of an optimiser beside the weights in a file, by names as PyTorch has them.

    optimizer.Adam.lr, optimizer.Adam.betas, …    settings
    optimizer.Adam.step                           how many steps were taken
    optimizer.Adam.exp_avg.0.weight, …            what is kept for each param

So a file says of which kind the optimiser was, and what is kept for a param has its name. PyTorch's
own optimisers take it too, param by param: for `name, param in module.named_parameters()`,
`optimizer.state[param]["exp_avg"]` is the entry `optimizer.Adam.exp_avg.<name>`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from core.errors import StateError
from core.layer import Layer
from core.optim import Optimizer
from core.symbols import TORCH_NAMES
from core.tensor import Array

PREFIX = "optimizer."
_OUR_NAMES = {theirs: ours for ours, theirs in TORCH_NAMES.items()}


def optimizer_entries(optimizer: Optimizer, layer: Layer) -> dict[str, Array]:
    """Return the whole state of an optimiser by the names of a file.

    Args:
        optimizer: what is saved.
        layer: has the params that the optimiser updates.

    Raises:
        ValueError: the optimiser updates a param that the layer does not have.
    """
    front = f"{PREFIX}{type(optimizer).__name__}."
    names = _param_names(optimizer, layer)
    found = {}
    for name, array in optimizer.state_dict().items():
        kept, _, number = name.partition(".")
        behind = f".{names[int(number)]}" if number else ""
        found[f"{front}{TORCH_NAMES.get(kept, kept)}{behind}"] = array
    return found


def kind_of(names: Iterable[str]) -> str:
    """Return of which kind the optimiser of a file was, such as "Adam"; empty if it has none."""
    return next((name.split(".")[1] for name in names if name.startswith(PREFIX)), "")


def param_of(name: str) -> str:
    """Return for which param an entry of an optimiser is; empty if it is a setting."""
    return name.partition(".")[2].partition(".")[2].partition(".")[2]


def load_optimizer(
    optimizer: Optimizer,
    layer: Layer,
    state: Mapping[str, Any],
    own_name: Callable[[str], str] = str,
    settings: bool = True,
) -> None:
    """Set the state of an optimiser to that of a file, all of it or, on an error, nothing.

    Args:
        optimizer: of the kind that was saved.
        layer: has the params that the optimiser updates.
        state: by the names of a file; other entries are left out.
        own_name: returns the layer's name of what the file calls a param.
        settings: whether the settings of the file are taken over. If not, those of the optimiser
            stay; what they need and the file does not have begins with zeros.

    Raises:
        StateError: the file has no such state, or one of another kind or of other params; the
            message says which.
    """
    kind, own_kind = kind_of(state), type(optimizer).__name__
    if kind != own_kind:
        found = f"that of {kind}" if kind else "none"
        raise StateError(
            f"the file has no state of {own_kind}, it has {found}: make the same optimiser, or "
            "load the weights alone"
        )
    numbers = {name: k for k, name in enumerate(_param_names(optimizer, layer))}
    entries, names = dict[str, Any](), dict[str, str]()
    for name, value in state.items():
        if not name.startswith(PREFIX):
            continue
        param, kept = param_of(name), name.split(".")[2:3]
        own = own_name(param)
        if not kept or (param and own not in numbers):
            raise StateError(f"{name} is of no param of this optimiser: load the weights alone")
        ours = _OUR_NAMES.get(kept[0], kept[0])
        key = f"{ours}.{numbers[own]}" if param else ours
        entries[key], names[key] = value, name
    if not settings:
        present = optimizer.state_dict()
        steps = entries.get("steps", present["steps"])
        kept_here = {k: v for k, v in entries.items() if "." in k and k in present}
        entries = _zeroed(present) | kept_here | {"steps": steps}
    optimizer.load_state_dict(entries, names)


def _zeroed(state: Mapping[str, Array]) -> dict[str, Array]:
    """Return the state of an optimiser with zeros in all that it keeps for params."""
    return {name: array * 0 if "." in name else array for name, array in state.items()}


def _param_names(optimizer: Optimizer, layer: Layer) -> list[str]:
    """Return the names of an optimiser's params in its order."""
    names = {id(param): name for name, param in layer.named_parameters()}
    missing = [k for k, param in enumerate(optimizer.params) if id(param) not in names]
    if missing:
        raise ValueError(
            f"param number {missing[0]} of the optimiser is none of the model: pass the optimiser "
            "that was made with model.parameters()"
        )
    return [names[id(param)] for param in optimizer.params]
