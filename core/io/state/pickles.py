"""What to do about a file of `torch.save`, which is a pickle and never opened here."""

from __future__ import annotations

import json
from pathlib import PurePath

PICKLE = "a pickle, which could run any code"
DAMAGED = "damaged: copy it again, or save it anew where it comes from"


def to_npz(said: str, name: str) -> str:
    """Return a message that ends with the lines of PyTorch which make an `.npz` of a file.

    Args:
        said: what is wrong with the file.
        name: of the file; may be empty.
    """
    path = PurePath(name or "model.pt")
    torch, npz = (json.dumps(n, ensure_ascii=False) for n in (path.name, f"{path.stem}.npz"))
    return f"""{said}.
Two lines of PyTorch make an .npz of it, where PyTorch is installed:
state = torch.load({torch}, map_location="cpu", weights_only=True)
np.savez({npz}, **{{name: t.numpy() for name, t in state.items()}})
If it is a checkpoint, such as {{"model": …, "epoch": 3}}, between the two: state = state["model"]
If it is a whole network, as torch.save(net) writes it, and you trust it (this runs its code):
state = torch.load({torch}, map_location="cpu", weights_only=False).state_dict()"""
