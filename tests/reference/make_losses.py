"""PyTorch's values for losses and clipping, `losses.npz`.

Run `python -m tests.reference.make_losses` with PyTorch installed.

Entries of a loss are `loss NAME/…` with `output`, `targets`, `loss` and `g`; those of an optimiser
whose gradients are clipped `optimiser NAME/…`, as `make_reference` has them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from core.tensor import Array
from tests.reference.losses import LOSSES, SCALES, output_and_targets
from tests.reference.modules import leaf, nn, torch
from tests.reference.optimisers import CLIPPED

FILE = Path(__file__).with_name("losses.npz")


def loss(kind: str, options: dict[str, Any], output: Array, targets: Array) -> dict[str, Array]:
    tensor, wanted = leaf(output), torch.tensor(targets)
    if kind != "CrossEntropyLoss" and targets.ndim == 1:
        wanted = nn.functional.one_hot(wanted, output.shape[1]).double()
    value = getattr(nn, kind)(**options)(tensor, wanted)
    value.backward()
    return {
        "output": output,
        "targets": targets,
        "loss": np.array(value.item()),
        "g": tensor.grad.numpy(),
    }


def optimiser(
    kind: str, options: dict[str, Any], max_norm: float, rng: np.random.Generator
) -> dict[str, Array]:
    """Five steps with given gradients, some of them longer than `max_norm`."""
    gradients = [rng.uniform(-1, 1, (5, *shape)) for shape in ((3, 2), (4,))]
    params = [leaf(rng.uniform(-2, 2, g.shape[1:])) for g in gradients]
    entries = {f"before/{k}": p.detach().numpy().copy() for k, p in enumerate(params)}
    entries |= {f"g/{k}": g for k, g in enumerate(gradients)}
    torch_optimiser = getattr(torch.optim, kind)(params, **options)
    norms, values = [], list[list[Array]]([[] for _ in params])
    for step in range(5):
        for param, g in zip(params, gradients, strict=True):
            param.grad = torch.tensor(g[step])
        norms.append(nn.utils.clip_grad_norm_(params, max_norm).item())
        torch_optimiser.step()
        for param, kept in zip(params, values, strict=True):
            kept.append(param.detach().numpy().copy())
    entries["norms"] = np.array(norms)
    return entries | {f"after/{k}": np.stack(kept) for k, kept in enumerate(values)}


def main() -> None:
    rng = np.random.default_rng(2)
    arrays: dict[str, Any] = {}
    for name, (kind, options, wanted) in LOSSES.items():
        for suffix, scale in SCALES.items():
            made = loss(kind, options, *output_and_targets(wanted, scale, rng))
            arrays |= {f"loss {name}{suffix}/{key}": array for key, array in made.items()}
    for name, (kind, options, max_norm) in CLIPPED.items():
        made = optimiser(kind, options, max_norm, rng)
        arrays |= {f"optimiser {name}/{key}": array for key, array in made.items()}
    np.savez_compressed(FILE, **arrays)


if __name__ == "__main__":
    main()
