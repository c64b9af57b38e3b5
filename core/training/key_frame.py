"""A key frame: where a run stood after an iteration, so that it can go on from there."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import numpy as np

from core.errors import StateError
from core.io.checkpoint import checkpoint_entries, load_checkpoint
from core.io.npz import NpzError, NpzReader, write_npz
from core.snapshot import Captured
from core.snapshot.nodes import ArrayNode, Node
from core.training.trainer import Trainer


@dataclass(frozen=True)
class KeyFrame:
    """A moment of a run, and its curves up to there.

    Attributes:
        state: of the trainer.
        losses: of each iteration up to there.
        accuracies: likewise.
    """

    state: Captured
    losses: list[float]
    accuracies: list[float]

    @property
    def iteration(self) -> int:
        """After which iteration it is."""
        return len(self.losses)


def pack(frame: KeyFrame, label: str) -> bytes:
    """Return a key frame as the content of an `.npz` file: a checkpoint with the curves.

    Args:
        frame: what to pack.
        label: says which run it is of; `unpack` wants the same one.
    """
    curves = {"losses": np.array(frame.losses), "accuracies": np.array(frame.accuracies)}
    content = BytesIO()
    write_npz(content, {**checkpoint_entries(frame.state), **curves, "label": np.array(label)})
    return content.getvalue()


def unpack(content: bytes, label: str, trainer: Trainer) -> KeyFrame:
    """Return the key frame that was packed, wherever the bytes have been meanwhile.

    Args:
        content: what `pack` returned.
        label: of the run that is wanted.
        trainer: of that run, behind its first iteration or a later one; it is left as it is.

    Raises:
        StateError: the content is damaged, of another run, or fits the trainer not in every
            shape, dtype and kind of setting.
    """
    losses, accuracies = _curves(content, label)
    before = trainer.get_state()
    load_checkpoint(trainer, BytesIO(content))
    try:
        iteration, state = trainer.iteration, trainer.get_state()
    finally:
        trainer.set_state(before)
    if _layout(state) != _layout(before):
        raise StateError("the key frame holds other arrays or settings than the run")
    if not iteration == len(losses) == len(accuracies):
        raise StateError(
            f"the key frame is of iteration {iteration}, but has {len(losses)} losses and "
            f"{len(accuracies)} accuracies; expected one for each iteration"
        )
    return KeyFrame(state, losses, accuracies)


def _curves(content: bytes, label: str) -> tuple[list[float], list[float]]:
    try:
        with NpzReader(BytesIO(content)) as archive:
            # Nothing was compressed: more than the file itself is nothing that was packed.
            if sum(archive.sizes.values()) > len(content):
                raise StateError("the key frame promises more bytes than it has")
            missing = {"label", "losses", "accuracies"} - archive.sizes.keys()
            if missing:
                raise StateError(f"the key frame has no entry {min(missing)}")
            found = str(archive.read("label"))
            curves = [archive.read(name) for name in ("losses", "accuracies")]
    except NpzError as error:
        raise StateError(f"the key frame is damaged: {error}") from error
    if found != label:
        raise StateError(f"the key frame is of {found!r}; expected {label!r}")
    if any(curve.ndim != 1 or curve.dtype != np.float64 for curve in curves):
        raise StateError("the curves of the key frame are not lists of float64")
    return curves[0].tolist(), curves[1].tolist()


def _layout(state: Captured) -> list[object]:
    """Return what two moments of a run have in common: its objects, and what kinds they are of."""
    return [
        (
            node.kind,
            node.labels,
            (node.shape, node.dtype) if isinstance(node, ArrayNode) else None,
            [type(child) for child in node.children if not isinstance(child, Node)],
        )
        for node in state.nodes
    ]
