"""Weights as a file: those of a run to take along, and a person's own to begin a run from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data.readers.archive import described, looks_like_data
from core.errors import StateError
from core.io.digest import digest_of
from core.io.files import FileError
from core.io.heads import head_of
from core.io.state import pickles
from core.io.state.file import KINDS, open_state, read_with_comment
from core.io.state.guess import guess_model
from core.io.state.names import own_name
from core.io.state.optimizer import PREFIX, kind_of, load_optimizer
from core.io.weights import load_state_dict, match_by_order, save, weights_of
from core.model import Model
from core.optim import Optimizer
from core.training.trainer import Trainer
from viz_app.words import joined

# What a file may take, as it is and unpacked.
MAX_BYTES, MAX_ARRAY_BYTES = 50_000_000, 100_000_000
# What PyTorch's users call the files of torch.save.
_OF_TORCH = (".pt", ".pth", ".ckpt")

State = Mapping[str, NDArray[Any]]


def weights_file(trainer: Trainer, kind: str = "npz", network: str = "") -> tuple[str, bytes]:
    """Return name and content of a file with the weights after the iteration of a run.

    PyTorch's names: they fit an `nn.Sequential` of the same layers. The state of the optimiser lies
    beside them (see `core.io.state.optimizer`).

    Args:
        trainer: of the run.
        kind: "npz" or "safetensors".
        network: text of the network, which the file keeps as a comment.
    """
    content = BytesIO()
    save(trainer.model, content, trainer.optimizer, kind, network)
    data = re.sub(r"\W+", "-", trainer.data.name).strip("-")
    name = f"convscope-{data}-iteration-{trainer.iteration}{KINDS[kind].ending}"
    return name, content.getvalue()


@dataclass(frozen=True, eq=False)
class Weights:
    """A person's own weights.

    Attributes:
        name: of their file.
        state: arrays by name, with the state of an optimiser if the file has one.
        network: text of the network that they are of, as the file says, which may be anything;
            empty if it says nothing.
    """

    name: str
    state: State
    network: str = ""

    @cached_property
    def digest(self) -> str:
        """What tells these weights from others, whatever the kind of their file."""
        return digest_of(self.state)

    def has_state_of(self, optimizer: Optimizer) -> bool:
        """Return whether the file has the state of an optimiser of this kind."""
        return kind_of(self.state) == type(optimizer).__name__

    def gives(self, model: Model, layer: str, param: str) -> bool:
        """Return whether a param of a model that begins from them has its numbers from here."""
        return True

    def put_into(self, trainer: Trainer) -> str:
        """Set model and optimiser of a new trainer.

        The settings of the optimiser stay those of the run.

        Returns:
            What should be said about it; empty if all is as in the file.

        Raises:
            StateError: they do not fit the model; it names the first misfit.
        """
        matched, said = self.matched(trainer.model, trainer.data.input_shape)
        return joined(said, _restore(trainer.optimizer, trainer.model, matched))

    def matched(self, model: Model, input_shape: tuple[int, ...]) -> tuple[State, str]:
        """Set a model; return the state by its names, and what should be said of that.

        Raises:
            StateError: they do not fit the model; it names the first misfit.
        """
        try:
            load_state_dict(model, self.state)
        except StateError as error:
            misfit = error
        else:
            return self.state, ""
        ways: tuple[Callable[[], State], ...] = (
            lambda: self.state,
            lambda: self._in_order(input_shape),
        )
        for way in ways:
            try:
                matched = match_by_order(model, way())
            except StateError:
                continue
            load_state_dict(model, matched)
            names = list(weights_of(matched))
            theirs = next(name for name in weights_of(self.state))
            return matched, (
                f"The names in {self.name} are others than here: {theirs} and all others were "
                f"taken by shape and order ({', '.join(names[:2])}, …)."
            )
        raise misfit

    def _in_order(self, input_shape: tuple[int, ...]) -> State:
        """Return the state in the order of the network that is guessed from its shapes."""
        order = guess_model(self.state, input_shape).order
        rest = {name: value for name, value in self.state.items() if name.startswith(PREFIX)}
        return {name: self.state[name] for name in order} | rest


def read_weights(name: str, size: int, content: bytes) -> Weights:
    """Read the file that a person chose.

    Args:
        name: of the file; its ending does not count.
        size: bytes that it has.
        content: those bytes; of a file that is too large they may be missing.

    Raises:
        StateError: it is no file of weights, or too large; the message says what to do.
    """
    if size > MAX_BYTES:
        raise StateError(
            f"the file {name} takes {size / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB are "
            "read: choose weights of a smaller network"
        )
    if len(content) != size:
        raise StateError(
            f"{len(content):,} of {size:,} bytes of the file {name} arrived; choose it again"
        )
    _check_sort(name, content)
    file = BytesIO(content)
    # Stands in what is said of it.
    file.name = name
    try:
        state, network = read_with_comment(file, MAX_ARRAY_BYTES)
    except StateError as error:
        head = head_of(content)
        is_torch = name.lower().endswith(_OF_TORCH) and (head is None or head.sort == "text")
        said = pickles.to_npz(f"it is {pickles.DAMAGED}", name) if is_torch else error
        raise StateError(f"the file {name} cannot be used: {said}") from error
    if not weights_of(state):
        raise StateError(f"the file {name} holds no arrays: choose a file of weights")
    return Weights(name, state, network)


def _check_sort(name: str, content: bytes) -> None:
    """Refuse what is meant for another place of the page.

    Raises:
        StateError: it is a picture, or a data set; the message says where that goes.
    """
    head = head_of(content)
    if head is not None and head.sort == "picture":
        raise StateError(
            f"the file {name} is {head.words}, and holds no weights: open it under Probe to ask "
            "the network about it, or train on it, with others, under Your data"
        )
    with suppress(FileError), open_state(BytesIO(content)) as arrays:
        if looks_like_data(arrays):
            raise StateError(
                f"the file {name} looks like a data set, images with labels, and not like weights "
                f"({described(arrays)}): choose it under Your data"
            )


def _restore(optimizer: Optimizer, model: Model, state: Mapping[str, Any]) -> str:
    """Set the optimiser to the state of a file, if it has one of this kind; return what to say."""
    kind, own_kind = kind_of(state), type(optimizer).__name__
    if not kind:
        return ""
    if kind != own_kind:
        return (
            f"The file has the state of {kind}; this run trains with {own_kind}, which begins anew."
        )
    before = optimizer.state_dict()
    entries = model.state_dict()
    load_optimizer(
        optimizer, model, state, lambda name: own_name(name, entries, state), settings=False
    )
    front = f"{PREFIX}{kind}."
    others = [
        f"{name} {array.tolist()} instead of {state[front + name].tolist()}"
        for name, array in before.items()
        if front + name in state and not np.array_equal(array, state[front + name])
        if name != "steps" and "." not in name
    ]
    return f"The settings of this run stay: {', '.join(others)}." if others else ""
