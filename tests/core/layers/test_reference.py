"""Agreement with PyTorch, whose values `tests/reference/make_reference.py` wrote."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from core import losses, optim
from core.io.weights import load_state_dict, state_dict
from core.layer import LAYERS
from core.losses import CrossEntropyLoss, Loss
from core.optim import Optimizer
from core.tensor import Array, Tensor
from tests.core.cases import CASES, named_state, own_layers
from tests.reference.optimisers import OPTIMISERS
from tests.rounding import assert_all_close, assert_close, largest

FILE = Path(__file__).parents[2] / "reference" / "layers.npz"
BY_ID = {case.id: case for case in CASES}


def read() -> dict[str, dict[str, Array]]:
    """Return the arrays of each case."""
    cases: dict[str, dict[str, Array]] = defaultdict(dict)
    with np.load(FILE) as file:
        for key in file.files:
            case, _, name = key.partition("/")
            cases[case][name] = file[key]
    return cases


REFERENCE = read()


def names(kind: str) -> list[str]:
    return [name.removeprefix(f"{kind} ") for name in REFERENCE if name.startswith(f"{kind} ")]


def under(entries: dict[str, Array], prefix: str) -> dict[str, Array]:
    return {
        name.removeprefix(prefix): array
        for name, array in entries.items()
        if name.startswith(prefix)
    }


@pytest.mark.parametrize("name", names("layer"))
def test_layer(name: str) -> None:
    entries, layer = REFERENCE[f"layer {name}"], BY_ID[name.removesuffix(" tied")].layer()
    load_state_dict(layer, under(entries, "before/"))
    # A gradient may be a sum that cancels, but nothing is made of larger numbers than these.
    size = largest(*entries.values())
    batches = [entries[key] for key in ("x", "y", "g", "g_x")]
    for x, y, g, g_x in zip(*batches, strict=True):
        assert_close(layer.forward(x).value, y, magnitude=size)
        layer.output.grad = g
        layer.backward()
        assert_close(layer.input.grad, g_x, magnitude=size)
    grads = {key: param.grad for key, param in layer.named_parameters()}
    assert_all_close(grads, under(entries, "grad/"), magnitude=size)
    assert_all_close(dict(named_state(layer)), under(entries, "after/"), magnitude=size)


def test_every_layer_is_compared() -> None:
    cases = [BY_ID[name.removesuffix(" tied")] for name in names("layer")]
    compared = {type(inner) for case in cases for inner in case.layer().walk()}
    assert {LAYERS[word] for word in own_layers()} <= compared


@pytest.mark.parametrize("name", names("training"))
def test_training(name: str) -> None:
    entries, model = REFERENCE[f"training {name}"], BY_ID[name].layer()
    load_state_dict(model, under(entries, "before/"))
    loss = CrossEntropyLoss()
    optimiser = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    values = []
    for x, targets in zip(entries["x"], entries["targets"], strict=True):
        values.append(loss.forward(model.forward(x), targets))
        optimiser.zero_grad()
        loss.backward()
        model.backward()
        optimiser.step()
    assert_close(values, entries["losses"])
    after = under(entries, "after/")
    assert_all_close(state_dict(model), after, magnitude=largest(*after.values()))


@pytest.mark.parametrize("name", names("loss"))
def test_loss(name: str) -> None:
    entries, loss = REFERENCE[f"loss {name}"], getattr(losses, name.split(maxsplit=1)[0])()
    assert isinstance(loss, Loss)
    output = Tensor(entries["output"])
    value = loss.forward(output, entries["targets"])
    assert_close(value, entries["loss"], magnitude=largest(output.value))
    loss.backward()
    assert_close(output.grad, entries["g"])


@pytest.mark.parametrize("name", OPTIMISERS)
def test_optimiser(name: str) -> None:
    entries, (kind, options) = REFERENCE[f"optimiser {name}"], OPTIMISERS[name]
    params = [Tensor(before.copy()) for before in under(entries, "before/").values()]
    gradients, wanted = under(entries, "g/").values(), under(entries, "after/").values()
    optimiser = getattr(optim, kind)(params, **options)
    assert isinstance(optimiser, Optimizer)
    for step in range(5):
        optimiser.zero_grad()
        for param, g in zip(params, gradients, strict=True):
            param.accumulate_grad(g[step])
        optimiser.step()
        for param, after in zip(params, wanted, strict=True):
            assert_close(param.value, after[step], magnitude=largest(*entries.values()))
