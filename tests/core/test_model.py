"""Models: layers that share tensors, their names, and the memory of a training step."""

from __future__ import annotations

import tracemalloc
from contextlib import nullcontext

import numpy as np
import pytest

from core.io.text import parse_model
from core.io.weights import state_dict
from core.kernels.ufunc_buffer import BUFFER_SIZE
from core.layer import Layer
from core.layers import BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d, ReLU, Residual
from core.losses import CrossEntropyLoss
from core.model import Model
from core.tensor import Tensor
from tests.rounding import assert_close


def network(image: int = 28) -> Model:
    """Two convolutions, each with batch norm, ReLU and pooling, then a linear layer."""
    rng = np.random.default_rng(0)
    return Model(
        [
            Conv2d(1, 8, 3, padding=1, rng=rng),
            BatchNorm2d(8),
            ReLU(),
            MaxPool2d(2),
            Conv2d(8, 16, 3, padding=1, rng=rng),
            BatchNorm2d(16),
            ReLU(),
            MaxPool2d(2),
            Flatten(),
            Linear(16 * (image // 4) ** 2, 10, rng=rng),
        ]
    )


class Training:
    """Steps of plain gradient descent on one random batch."""

    def __init__(self, batch: int, image: int) -> None:
        rng = np.random.default_rng(1)
        self.model = network(image)
        self.model.needs_input_grad = False
        self.loss = CrossEntropyLoss()
        self.x = rng.standard_normal((batch, 1, image, image)).astype(np.float32)
        self.targets = rng.integers(10, size=batch)

    def step(self) -> float:
        loss = self.loss.forward(self.model.forward(self.x), self.targets)
        self.model.zero_grad()
        self.loss.backward()
        self.model.backward()
        for param in self.model.parameters():
            param.update(1e-2)
        return loss


def every_pair(model: Model) -> list[tuple[Layer, Layer]]:
    return list(zip(model.layers, model.layers[1:], strict=False))


def test_output_tensor_of_a_layer_is_the_input_tensor_of_the_next() -> None:
    model = network()
    model.forward(np.zeros((2, 1, 28, 28)))
    for before, after in every_pair(model):
        assert before.output is after.input
    assert model.input is model[0].input
    assert model.output is model[-1].output


def test_nested_models_and_branches_share_tensors_too() -> None:
    inner = Model([ReLU(), ReLU()])
    residual = Residual(Model([ReLU()]), Model([ReLU()]))
    model = Model([ReLU(), inner, residual, Model([Model([ReLU()])])])
    for before, after in every_pair(model):
        assert before.output is after.input
    assert inner[0].input is inner.input is model[0].output
    assert inner[0].output is inner[1].input
    for branch in (residual.body, residual.shortcut):
        assert branch is not None
        assert branch[0].input is residual.input is inner.output


def test_a_tensor_gets_its_gradient_and_rewires_nothing() -> None:
    model, x = Model(ReLU(), ReLU()), Tensor(np.array([[-1.0, 2.0]], np.float32))
    model.forward(x)
    model.output.grad = np.ones((1, 2), np.float32)
    model.backward()
    np.testing.assert_array_equal(x.grad, [[0, 1]])
    assert model.input is model[0].input is not x
    # A layer in the middle too: later passes go through all layers again.
    model[1].forward(Tensor(np.full((3, 2), 7, np.float32)))
    assert model[1].input is model[0].output
    np.testing.assert_array_equal(model.forward(x).value, [[0, 2]])
    np.testing.assert_array_equal(x.value, [[-1, 2]])


def test_a_call_has_no_side_effects() -> None:
    text = "conv 2 k3, bn, relu, dropout 0.5, flatten, linear 3"
    model = parse_model(text, (1, 6, 6), np.random.default_rng(0))
    x, other = np.random.default_rng(1).uniform(-1, 1, (2, 4, 1, 6, 6)).astype(np.float32)
    model.forward(x)
    model.output.grad = np.ones(model.output.shape, np.float32)
    output, before = model.output.value.copy(), state_dict(model)
    first = model(other)
    second = model(Tensor(other))
    assert not np.shares_memory(first.value, second.value)
    np.testing.assert_array_equal(first.value, second.value)
    assert not np.shares_memory(first.value, model.output.value)
    np.testing.assert_array_equal(model.output.value, output)
    for name, array in state_dict(model).items():
        np.testing.assert_array_equal(array, before[name], name)
    # The pass that was made before goes on as if nothing had been called.
    model.backward()
    grads = [param.grad.copy() for param in model.parameters()]
    again = parse_model(text, (1, 6, 6), np.random.default_rng(0))
    again.forward(x)
    again.output.grad = np.ones(model.output.shape, np.float32)
    again.backward()
    for param, grad in zip(again.parameters(), grads, strict=True):
        np.testing.assert_array_equal(param.grad, grad)
    # And so does training: the generator of dropout too.
    np.testing.assert_array_equal(model.forward(other).value, again.forward(other).value)


def test_predict_is_eval_mode_in_parts() -> None:
    model = parse_model("bn, dropout 0.5, flatten, linear 3", (1, 2, 2), np.random.default_rng(0))
    x = np.random.default_rng(1).uniform(-1, 1, (7, 1, 2, 2))
    predicted = model.predict(x, batch_size=3)
    assert all(layer.training for layer in model.walk())
    assert_close(predicted, model.eval()(x).value)
    assert predicted.shape == (7, 3)
    assert model.predict(x[:0]).shape == (0, 3)


def test_layers_may_be_given_one_by_one_or_in_a_list() -> None:
    a, b, c = ReLU(), Flatten(), ReLU()
    assert Model(a, b, c).layers == [a, b, c]
    assert Model([ReLU(), ReLU()], ReLU()).layers[2].name == "relu3"
    with pytest.raises(TypeError, match="made of layers, got 3"):
        Model(ReLU(), [3])  # type: ignore[list-item]


def test_layers_are_named_by_kind_and_number() -> None:
    model = network()
    names = "conv1 bn1 relu1 pool1 conv2 bn2 relu2 pool2 flatten linear"
    assert [layer.name for layer in model] == names.split()
    assert model[0].output.name == "conv1.output"
    assert model[0].params["weight"].name == "conv1.weight"
    nested = Model([Residual(Model([ReLU()])), Model([ReLU()]), Model([ReLU()])])
    assert [leaf.name for leaf in nested.leaves()] == [
        "residual.body.relu",
        "residual",
        "model1.relu",
        "model2.relu",
    ]


def test_params_are_named_as_in_pytorch() -> None:
    rng = np.random.default_rng(0)
    inner = Model([Linear(2, 2, rng=rng)])
    model = Model([Linear(2, 2, rng=rng), Residual(inner), Linear(2, 1, False, rng=rng)])
    names = ["0.weight", "0.bias", "1.body.0.weight", "1.body.0.bias", "2.weight"]
    assert [name for name, _ in model.named_parameters()] == names
    assert model.parameters()[2] is inner[0].params["weight"]


def test_a_layer_has_one_place_only() -> None:
    relu = ReLU()
    with pytest.raises(ValueError, match="one place in a model only"):
        Model([relu, relu])
    with pytest.raises(ValueError, match="one place in a model only"):
        Model([relu, Model([ReLU(), relu])])
    with pytest.raises(ValueError, match="at least one layer"):
        Model([])


def test_mode_and_dtype_reach_every_layer() -> None:
    model = Model([network(), Residual(Model([ReLU()]))]).eval().astype(np.float64)
    assert not any(layer.training for layer in model.walk())
    assert all(param.value.dtype == np.float64 for param in model.parameters())
    model.train()
    assert all(layer.training for layer in model.walk())


def test_hooks_see_the_layers_in_order() -> None:
    model, seen = Model([ReLU(), Model([Flatten()])]), list[tuple[str, str]]()
    for layer in model.walk():
        layer.register_forward_hook(lambda of, x, y: seen.append((of.name, "forward")))
        layer.register_backward_hook(lambda of, g_x, g_y: seen.append((of.name, "backward")))
    model.forward(np.ones((1, 2)))
    model.output.grad = np.ones((1, 2), np.float32)
    model.backward()
    forward = ["relu", "model.flatten", "model", ""]
    assert seen[:4] == [(name, "forward") for name in forward]
    backward = ["model.flatten", "model", "relu", ""]
    assert seen[4:] == [(name, "backward") for name in backward]


def test_several_hooks_are_called_until_they_are_removed() -> None:
    layer, seen = ReLU(), list[object]()
    first = layer.register_forward_hook(lambda of, x, y: seen.append((x is of.input, y.shape)))
    second = layer.register_backward_hook(lambda of, g_x, g_y: seen.append((id(g_x), id(g_y))))
    third = layer.register_forward_hook(lambda of, x, y: seen.append("third"))
    layer.forward(np.ones((1, 2)))
    assert seen == [(True, (1, 2)), "third"]
    layer.output.grad = np.ones((1, 2), np.float32)
    layer.backward()
    assert seen[2] == (id(layer.input.grad), id(layer.output.grad))
    for handle in (first, second, third, third):
        handle.remove()
    layer.forward(np.ones((1, 2)))
    assert len(seen) == 3


def test_steps_reduce_the_loss() -> None:
    training = Training(batch=8, image=8)
    losses = [training.step() for _ in range(60)]
    assert losses[-1] < losses[0] / 2


def test_steady_step_allocates_no_activation() -> None:
    # Activations and their gradients live in memory that layers keep. What a step may allocate is
    # short-lived and small: gradients of params, a row of ones to sum one channel with (an eighth
    # of the largest activation). Half of it leaves room, but not for a copy of an activation.
    training = Training(batch=64, image=28)
    for _ in range(3):
        training.step()
    largest = max(layer.output.value.nbytes for layer in training.model)
    tracemalloc.start()
    try:
        training.step()
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        training.step()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < largest / 2


def test_memory_does_not_grow_with_steps() -> None:
    training, sizes = Training(batch=2, image=8), list[int]()
    tracemalloc.start()
    try:
        for count in range(1000):
            training.step()
            if count in (9, 999):
                sizes.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    # Python's own caches come and go by a few kilobytes; a kept batch would be 500 kB by now.
    assert sizes[1] - sizes[0] < 20_000


@pytest.mark.parametrize("fails", [False, True])
def test_a_pass_leaves_the_pieces_of_numpy_as_they_were(fails: bool) -> None:
    training, before, inside = Training(2, 8), np.getbufsize(), set[int]()

    def observe(*_: object) -> None:
        inside.add(np.getbufsize())
        if fails:
            raise RuntimeError

    training.model[4].register_forward_hook(observe)
    with pytest.raises(RuntimeError) if fails else nullcontext():
        training.step()
    assert inside == {BUFFER_SIZE}
    assert np.getbufsize() == before
