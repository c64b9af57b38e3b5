"""Writes what PyTorch makes of the same cases, in float64, for the tests to compare.

`layers.npz` holds the cases of `tests.core.cases`, `iterations.npz` those of
`tests.reference.iterations` (see `tests.reference.autograd`).

Run `python -m tests.reference.make_reference` at the root of the repository, in an environment
with PyTorch 2.13. Entries are called `case/array`. A layer's case holds the batches `x` and the
gradients `g` of their outputs, the params and state `before/…`, and what came of them: `y`, `g_x`,
the accumulated `grad/…` and the state `after/…`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from core.io.weights import state_dict
from core.layers import Dropout, MaxPool2d
from core.tensor import Array
from tests.core.cases import GRIDS, OTHERS, Case
from tests.reference.autograd import iteration
from tests.reference.iterations import NETWORKS
from tests.reference.modules import Module, TorchTensor, leaf, nn, to_torch, torch
from tests.reference.optimisers import OPTIMISERS

FILE = Path(__file__).with_name("layers.npz")
ITERATIONS = Path(__file__).with_name("iterations.npz")
# Every so many cases of the full products; the step meets every value of every option.
GRID_STEP = 5
BATCHES = 3


def like(array: Array | TorchTensor, rng: np.random.Generator) -> Array:
    return rng.uniform(-2, 2, tuple(array.shape))


def loaded(case: Case) -> tuple[Module, dict[str, Array]]:
    """The module for a case, and its params and state as entries."""
    layer = case.layer()
    before = {name: np.array(array) for name, array in state_dict(layer).items()}
    module = to_torch(layer).double().train(case.training)
    module.load_state_dict({name: torch.tensor(array) for name, array in before.items()})
    return module, {f"before/{name}": array for name, array in before.items()}


def passes(case: Case, rng: np.random.Generator, tied: bool) -> dict[str, Array]:
    """Some batches forward and backward, gradients added up."""
    module, entries = loaded(case)
    columns: dict[str, list[Array]] = {"x": [], "y": [], "g": [], "g_x": []}
    has_state = any(True for _ in module.buffers())
    for _ in range(BATCHES if has_state and case.training else 1):
        numbers = like(case.input(), rng)
        x = leaf(np.round(numbers) if tied else numbers)
        y = module(x)
        g = like(y, rng)
        y.backward(torch.tensor(g))
        for name, array in {
            "x": x.detach().numpy(),
            "y": y.detach().numpy(),
            "g": g,
            "g_x": x.grad.numpy(),
        }.items():
            columns[name].append(array)
    entries |= {name: np.stack(arrays) for name, arrays in columns.items()}
    entries |= {f"grad/{name}": p.grad.numpy() for name, p in module.named_parameters()}
    return entries | {f"after/{name}": array.numpy() for name, array in module.named_buffers()}


def training(case: Case, rng: np.random.Generator) -> dict[str, Array]:
    """Three steps of training with cross-entropy."""
    module, entries = loaded(case)
    x = rng.uniform(-1, 1, (BATCHES, 8, *case.input_shape[1:]))
    targets = rng.integers(3, size=(BATCHES, 8))
    optimiser = torch.optim.SGD(module.parameters(), lr=0.1, momentum=0.9)
    losses = []
    for batch, wanted in zip(x, targets, strict=True):
        optimiser.zero_grad()
        loss = nn.CrossEntropyLoss()(module(torch.tensor(batch)), torch.tensor(wanted))
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    entries |= {"x": x, "targets": targets, "losses": np.array(losses)}
    return entries | {f"after/{name}": array.numpy() for name, array in module.state_dict().items()}


def loss(kind: Callable[[], Module], output: Array, targets: Array) -> dict[str, Array]:
    tensor = leaf(output)
    value = kind()(tensor, torch.tensor(targets))
    value.backward()
    return {
        "output": output,
        "targets": targets,
        "loss": np.array(value.item()),
        "g": tensor.grad.numpy(),
    }


def losses(rng: np.random.Generator) -> dict[str, dict[str, Array]]:
    logits, classes = rng.uniform(-3, 3, (6, 4)), rng.integers(4, size=6)
    huge = rng.choice([-1e4, 0, 1e4], (6, 4))
    return {
        "CrossEntropyLoss": loss(nn.CrossEntropyLoss, logits, classes),
        "CrossEntropyLoss huge": loss(nn.CrossEntropyLoss, huge, classes),
        "MSELoss": loss(nn.MSELoss, logits, like(logits, rng)),
        "MSELoss images": loss(nn.MSELoss, *rng.uniform(-2, 2, (2, 2, 3, 4, 5))),
    }


def optimiser(name: str, options: dict[str, Any], rng: np.random.Generator) -> dict[str, Array]:
    """Five steps with given gradients."""
    gradients = [rng.uniform(-1, 1, (5, *shape)) for shape in ((3, 2), (4,))]
    params = [leaf(like(g[0], rng)) for g in gradients]
    entries = {f"before/{k}": p.detach().numpy().copy() for k, p in enumerate(params)}
    entries |= {f"g/{k}": g for k, g in enumerate(gradients)}
    torch_optimiser = getattr(torch.optim, name)(params, **options)
    values: list[list[Array]] = [[] for _ in params]
    for step in range(5):
        for param, g in zip(params, gradients, strict=True):
            param.grad = torch.tensor(g[step])
        torch_optimiser.step()
        for param, kept in zip(params, values, strict=True):
            kept.append(param.detach().numpy().copy())
    return entries | {f"after/{k}": np.stack(kept) for k, kept in enumerate(values)}


def reference() -> dict[str, dict[str, Array]]:
    rng = np.random.default_rng(0)
    made: dict[str, dict[str, Array]] = {}
    for case in [*GRIDS[::GRID_STEP], *OTHERS]:
        layer = case.layer()
        if isinstance(layer, Dropout) and case.training:
            continue  # Its mask comes from another generator.
        made[f"layer {case.id}"] = passes(case, rng, tied=False)
        if isinstance(layer, MaxPool2d):
            made[f"layer {case.id} tied"] = passes(case, rng, tied=True)
    small = next(case for case in OTHERS if case.id == "model-small")
    made["training model-small"] = training(small, rng)
    made |= {f"loss {name}": entries for name, entries in losses(rng).items()}
    for name, (kind, options) in OPTIMISERS.items():
        made[f"optimiser {name}"] = optimiser(kind, options, rng)
    return made


def write(file: Path, made: dict[str, dict[str, Array]]) -> None:
    arrays: dict[str, Any] = {
        f"{case}/{name}": array for case, entries in made.items() for name, array in entries.items()
    }
    np.savez_compressed(file, **arrays)


def main() -> None:
    torch.set_num_threads(1)
    write(FILE, reference())
    rng = np.random.default_rng(1)
    write(ITERATIONS, {name: iteration(network, rng) for name, network in NETWORKS.items()})


if __name__ == "__main__":
    main()
