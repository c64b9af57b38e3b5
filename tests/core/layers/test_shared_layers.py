"""Layers in several models, and models whose layers are exchanged."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from core.data import load_dataset
from core.errors import ShapeError
from core.layer import Layer
from core.layers import Concat, Conv2d, Flatten, Identity, Linear, ReLU, Residual, Softmax, Tanh
from core.model import Model
from core.optim import SGD
from core.tensor import Array
from core.training.trainer import Trainer
from tests.rounding import assert_close


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def images(seed: int, *shape: int) -> Array:
    return rng(seed).uniform(-1, 1, shape).astype(np.float32)


def gradients(model: Layer, x: Array) -> list[Array]:
    model.zero_grad()
    y = model.forward(x)
    y.grad = np.cos(y.value)
    model.backward()
    return [y.value.copy(), model.input.grad.copy()] + [p.grad.copy() for p in model.parameters()]


def assert_same(found: list[Array], wanted: list[Array]) -> None:
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(one, other)


USERS: dict[str, Callable[[Layer], Layer]] = {
    "model": lambda layer: Model(ReLU(), layer, Tanh()),
    "last": lambda layer: Model(Tanh(), ReLU(), layer),
    "first": lambda layer: Model(layer, ReLU()),
    "residual": Residual,
    "shortcut": lambda layer: Residual(Tanh(), layer),
    "concat": lambda layer: Concat(Identity(), layer),
    "deep": lambda layer: Model(Tanh(), Residual(Model(ReLU(), Concat(Model(layer))))),
}


@pytest.mark.parametrize("second", USERS)
@pytest.mark.parametrize("first", USERS)
@pytest.mark.parametrize("whole", [False, True])
def test_two_models_with_one_layer_compute_as_if_alone(
    first: str, second: str, whole: bool
) -> None:
    def shared() -> Layer:
        conv = Conv2d(3, 3, 3, padding=1, rng=rng())
        return Model(conv, Tanh()) if whole else conv

    x, other = images(1, 2, 3, 4, 4), images(2, 5, 3, 6, 6)
    wanted = gradients(USERS[first](shared()), x), gradients(USERS[second](shared()), other)
    layer = shared()
    one, two = USERS[first](layer), USERS[second](layer)
    for _ in range(2):
        assert_same(gradients(one, x), wanted[0])
        assert_same(gradients(two, other), wanted[1])
        np.testing.assert_array_equal(one(x).value, wanted[0][0])
        np.testing.assert_array_equal(two.forward(other).value, wanted[1][0])
        np.testing.assert_array_equal(one(x).value, wanted[0][0])
        # A call changes nothing: the last forward pass can still be gone back.
        two.output.grad = np.cos(two.output.value)
        two.zero_grad()
        two.backward()
        np.testing.assert_array_equal(two.input.grad, wanted[1][1])


@pytest.mark.parametrize("second", [name for name in USERS if name != "first"])
@pytest.mark.parametrize("first", [name for name in USERS if name != "first"])
def test_backward_after_another_model_took_the_layer_is_refused(first: str, second: str) -> None:
    layer = Conv2d(3, 3, 3, padding=1, rng=rng())
    one, two = USERS[first](layer), USERS[second](layer)
    x = images(1, 2, 3, 4, 4)
    one.forward(x)
    two.forward(x)
    one.output.grad = np.ones(one.output.shape, np.float32)
    with pytest.raises(RuntimeError, match=r"another model has taken|no gradient was written"):
        one.backward()


def classifier() -> Model:
    return Model(Flatten(), Linear(12, 5, rng=rng(1)), Tanh(), Linear(5, 4, rng=rng(2)))


def layers() -> list[Layer]:
    return classifier().layers


def append(model: Model) -> None:
    model.layers.append(Softmax())


def replace(model: Model) -> None:
    model.layers[2] = ReLU()


def replace_last(model: Model) -> None:
    model.layers[3] = Linear(5, 7, rng=rng(3))


def replace_first(model: Model) -> None:
    model.layers[0] = Flatten()


def insert(model: Model) -> None:
    model.layers.insert(1, Tanh())


def remove(model: Model) -> None:
    del model.layers[2]


def remove_last(model: Model) -> None:
    model.layers.pop()


def assign(model: Model) -> None:
    model.layers = [model[0], Linear(12, 3, rng=rng(4))]


CHANGES = [append, replace, replace_last, replace_first, insert, remove, remove_last, assign]


@pytest.mark.parametrize("used", [False, True])
@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_model_computes_as_if_made_so(
    change: Callable[[Model], None], used: bool
) -> None:
    x = images(1, 2, 3, 2, 2)
    template = classifier()
    change(template)
    made = Model(template.layers)
    wanted, names = gradients(made, x), [layer.name for layer in made.walk()]
    model = classifier()
    outer = Model(Tanh(), Residual(Identity()), model, Identity())
    if used:
        outer.forward(x)
        model.forward(x)
    change(model)
    np.testing.assert_array_equal(model(x).value, wanted[0])
    assert_same(gradients(model, x), wanted)
    model.rename("")
    assert [layer.name for layer in model.walk()] == names
    assert model.output is model[-1].output
    assert model.output.name == f"{names[-2]}.output"
    assert_same(gradients(outer, x), gradients(Model(Tanh(), Residual(Identity()), made), x))


def test_new_layers_are_named_in_the_next_pass() -> None:
    model = classifier()
    model.layers += [Tanh(), Linear(4, 2, rng=rng())]
    model.forward(images(1, 2, 3, 2, 2))
    names = ["flatten", "linear1", "tanh1", "linear2", "tanh2", "linear3"]
    assert [layer.name for layer in model] == names
    residual = Residual(Tanh())
    residual.body.layers.append(Tanh())
    Model(residual).forward(images(1, 2, 3))
    assert [layer.name for layer in residual.body] == [
        "residual.body.tanh1",
        "residual.body.tanh2",
    ]


def test_what_cannot_be_a_row_is_refused_later_too() -> None:
    x = images(1, 2, 3, 2, 2)
    model = classifier()
    model.layers.append(model[2])
    with pytest.raises(ValueError, match="a layer can have one place in a model only"):
        model.forward(x)
    model = classifier()
    model.layers.append(Linear(3, 3, rng=rng()))
    with pytest.raises(ShapeError, match="linear needs 3 features, got 4"):
        model.forward(x)


def test_backward_of_a_changed_model_is_refused() -> None:
    x = images(1, 2, 3, 2, 2)
    for change in CHANGES:
        model = classifier()
        y = model.forward(x)
        y.grad = np.ones(y.shape, np.float32)
        change(model)
        with pytest.raises(RuntimeError, match="layers were exchanged, or another model"):
            model.backward()


def test_two_models_that_share_a_layer_train_in_turn() -> None:
    data = load_dataset("digits")

    def trainers(share: bool) -> list[Trainer]:
        base = Linear(64, 6, rng=rng(1))
        other = base if share else Linear(64, 6, rng=rng(1))
        models = [
            Model(Flatten(), base, Tanh(), Linear(6, 10, rng=rng(2))),
            Model(Flatten(), Identity(), other, Linear(6, 10, rng=rng(3))),
        ]
        return [Trainer(m, SGD(m.parameters(), 0.0), data, 8, rng(4)) for m in models]

    alone, shared = trainers(False), trainers(True)
    for _ in range(3):
        for one, other in zip(alone, shared, strict=True):
            wanted, found = one.record_step(), other.record_step()
            assert found.loss == wanted.loss
            assert [(s.phase, s.layer) for s in found.stages] == [
                (s.phase, s.layer) for s in wanted.stages
            ]
            assert_close(other.step().loss, one.step().loss)
