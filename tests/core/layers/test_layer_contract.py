"""What every layer promises, over all cases."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from core.errors import ShapeError
from core.inspect.checks.gradcheck import gradcheck
from core.kernels import shift_product
from core.layer import LAYERS, Layer, Shape
from core.layers import (
    Activation,
    AvgPool2d,
    BatchNorm1d,
    BatchNorm2d,
    Concat,
    Conv2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    GroupNorm,
    Identity,
    LayerNorm,
    Linear,
    MaxPool2d,
    ReLU,
    Residual,
    Softmax,
    Upsample,
    norm,
)
from core.model import Model
from core.snapshot import capture, restore
from core.tensor import Array
from tests.core import naive
from tests.core.cases import CASES, OTHERS, Case, Rng, named_state, own_layers
from tests.rounding import assert_all_close, largest

every_case = pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])


def gradient(layer: Layer) -> Array:
    """A gradient for the output, other than zero."""
    return np.random.default_rng(2).uniform(-1, 1, layer.output.shape).astype(layer.dtype)


def step(layer: Layer, x: Array) -> dict[str, Array]:
    """Run forward and backward; return copies of all that came out."""
    layer.forward(x)
    layer.output.grad = gradient(layer)
    layer.backward()
    arrays = {"output": layer.output.value, "input.grad": layer.input.grad}
    arrays |= {f"{name}.grad": param.grad for name, param in layer.named_parameters()}
    arrays |= dict(named_state(layer))
    return {name: array.copy() for name, array in arrays.items()}


def assert_same(got: dict[str, Array], wanted: dict[str, Array]) -> None:
    """Compare bit by bit."""
    assert got.keys() == wanted.keys()
    for name, array in got.items():
        np.testing.assert_array_equal(array, wanted[name], name)


def assert_rounded(got: dict[str, Array], wanted: dict[str, Array]) -> None:
    """Compare up to the rounding of the largest number that anything is made of."""
    # What a layer meets lies between -2 and 2; a gradient may be a sum of such terms that cancel.
    assert_all_close(got, wanted, magnitude=largest(2, *wanted.values()))


def test_every_layer_is_a_case() -> None:
    classes = {type(inner) for case in CASES for inner in case.layer().walk()}
    assert {LAYERS[word] for word in own_layers()} <= classes


def test_cases_have_different_ids() -> None:
    assert len({case.id for case in CASES}) == len(CASES)


@every_case
def test_output_shape_is_that_of_the_output(case: Case) -> None:
    layer = case.layer()
    output = layer.forward(case.input())
    assert output is layer.output
    assert output.shape == (case.input_shape[0], *layer.output_shape(case.input_shape[1:]))


@every_case
def test_gradients_are_those_by_differences(case: Case) -> None:
    checks = gradcheck(case.layer(), case.input())
    assert {check.name: check.error for check in checks if check.error > 1e-6} == {}


@every_case
@pytest.mark.parametrize("tied", [False, True], ids=["distinct", "tied"])
def test_agrees_with_loops(case: Case, tied: bool) -> None:
    assert type(case.layer()) in naive.NAIVE, "write the loops of this layer in tests/core/naive.py"
    x = np.round(case.input()) if tied else case.input()
    got, other = step(case.layer(), x), case.layer()
    y, backward = naive.run(other, x)
    wanted = {"output": y, "input.grad": backward(np.random.default_rng(2).uniform(-1, 1, y.shape))}
    wanted |= {f"{name}.grad": param.grad for name, param in other.named_parameters()}
    assert_rounded(got, wanted | dict(named_state(other)))


@every_case
def test_blocks_and_memory_order_make_no_difference(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = step(case.layer(), case.input())
    monkeypatch.setattr(shift_product, "BLOCK_COLUMNS", 1)
    monkeypatch.setattr(norm, "BLOCK_SIZE", 1)
    x = case.input().swapaxes(0, -1)
    assert_rounded(step(case.layer(), np.ascontiguousarray(x).swapaxes(0, -1)), wanted)
    x = case.input().swapaxes(0, 1)
    assert_rounded(step(case.layer(), np.ascontiguousarray(x).swapaxes(0, 1)), wanted)


@every_case
def test_backward_accumulates_in_params_only(case: Case) -> None:
    layer, x = case.layer(), case.input()
    before = capture(layer)
    first = step(layer, x)
    restore(layer, before)
    second = step(layer, x)
    for name, _ in layer.named_parameters():
        np.testing.assert_array_equal(second[f"{name}.grad"], 2 * first[f"{name}.grad"], name)
    np.testing.assert_array_equal(second["input.grad"], first["input.grad"])
    layer.zero_grad()
    assert not any(param.grad.any() for param in layer.parameters())


@every_case
def test_first_layer_may_leave_its_input_gradient_out(case: Case) -> None:
    wanted = step(case.layer(), case.input())
    layer = case.layer()
    layer.needs_input_grad = False
    got = step(layer, case.input())
    got["input.grad"] = wanted["input.grad"]
    assert_same(got, wanted)


@every_case
def test_smaller_batch_in_between_leaves_no_mark(case: Case) -> None:
    layer, n = case.layer(), case.input_shape[0]
    x, shorter = case.input(n + 1), case.input()
    before = capture(layer)
    results = []
    for batch in (x, shorter, x):
        restore(layer, before)
        layer.zero_grad()
        results.append(step(layer, batch))
    large, small, again = results
    assert_same(again, large)
    assert_rounded(small, step(case.layer(), shorter))


@every_case
def test_input_and_output_gradient_stay_as_they_are(case: Case) -> None:
    layer, x = case.layer(), case.input()
    values = {name: param.value.copy() for name, param in layer.named_parameters()}
    step(layer, x)
    np.testing.assert_array_equal(x, case.input())
    np.testing.assert_array_equal(layer.output.grad, gradient(layer))
    for name, param in layer.named_parameters():
        np.testing.assert_array_equal(param.value, values[name], name)


@every_case
def test_float32_stays_float32(case: Case) -> None:
    got = step(case.layer(np.float32), case.input(dtype=np.float32))
    kinds = {name: array.dtype for name, array in got.items() if array.dtype.kind == "f"}
    assert kinds == dict.fromkeys(kinds, np.dtype(np.float32))
    assert_rounded(got, step(case.layer(), case.input(dtype=np.float32)))


@every_case
def test_hooks_see_each_pass(case: Case) -> None:
    layer, seen = case.layer(), list[tuple[object, ...]]()
    handles = [
        layer.register_forward_hook(lambda *args: seen.append(args)),
        layer.register_backward_hook(lambda *args: seen.append(args)),
    ]
    step(layer, case.input())
    (first, x, y), (second, g_in, g_out) = seen
    assert (first, x, y, second) == (layer, layer.input, layer.output, layer)
    assert g_in is layer.input.grad
    assert g_out is layer.output.grad
    for handle in handles:
        handle.remove()
    step(layer, case.input())
    assert len(seen) == 2


def takes_any_shape(layer: Layer) -> bool:
    if isinstance(layer, Model):
        return takes_any_shape(layer[0])
    if isinstance(layer, Concat):
        return all(map(takes_any_shape, layer.branches))
    return isinstance(layer, Activation | Dropout | Flatten | Identity | Softmax)


@pytest.mark.parametrize("case", OTHERS, ids=[case.id for case in OTHERS])
def test_too_many_axes_are_refused(case: Case) -> None:
    layer, shape = case.layer(), (2, 1, 1, 1, 1)
    if takes_any_shape(layer):
        layer.forward(np.zeros(shape))
        return
    with pytest.raises(ShapeError, match=r"needs .*, got \(1, 1, 1, 1\)"):
        layer.forward(np.zeros(shape))
    # Having refused one input, it takes the next.
    layer.forward(case.input())


REFUSED: list[tuple[Callable[[Rng], Layer], Shape, str]] = [
    (lambda rng: Linear(4, 2, rng=rng), (3,), "linear needs 4 features, got 3"),
    (
        lambda rng: Linear(4, 2, rng=rng),
        (1, 2, 2),
        "linear needs vectors (put flatten before it), got (1, 2, 2)",
    ),
    (
        lambda rng: Conv2d(3, 2, 3, rng=rng),
        (1, 8, 8),
        "conv needs images of 3 channels (C, H, W), got (1, 8, 8)",
    ),
    (
        lambda rng: Conv2d(1, 2, 5, padding=1, rng=rng),
        (1, 2, 8),
        "conv needs an input of at least 3×3, got 2×8",
    ),
    (lambda rng: MaxPool2d(2), (4,), "pool needs images (C, H, W), got a vector of 4"),
    (lambda rng: MaxPool2d((2, 3)), (1, 3, 2), "pool needs an input of at least 2×3, got 3×2"),
    (lambda rng: AvgPool2d(3), (1, 2, 2), "avgpool needs an input of at least 3×3, got 2×2"),
    (lambda rng: GlobalAvgPool2d(), (4,), "gap needs images (C, H, W), got a vector of 4"),
    (
        lambda rng: BatchNorm2d(3),
        (2, 4, 4),
        "bn needs 3 channels in 3 axes after N, got (2, 4, 4)",
    ),
    (lambda rng: BatchNorm1d(3), (2,), "bn1d needs 3 channels in 1 axes after N, got (2,)"),
    (
        lambda rng: Residual(Model([Linear(4, 3, rng=rng)])),
        (4,),
        "residual needs layers that keep the shape, or a second branch behind |, got (3,) from the "
        "body and (4,) from the input",
    ),
    (
        lambda rng: Residual(Linear(4, 3, rng=rng), ReLU()),
        (4,),
        "residual needs two branches of one shape, got (3,) from the body and (4,) beside it",
    ),
    (lambda rng: Residual(Linear(3, 3)), (4,), "residual.body.linear needs 3 features, got 4"),
    (
        lambda rng: Concat(ReLU(), Upsample(scale_factor=2)),
        (3, 4, 5),
        "concat needs branches whose outputs differ in channels only, got (3, 4, 5) from branch 0 "
        "and (3, 8, 10) from branch 1",
    ),
    (lambda rng: Concat(Linear(4, 3)), (5,), "concat.branch0.linear needs 4 features, got 5"),
    (lambda rng: GroupNorm(2, 4), (3, 5), "groupnorm needs 4 channels (C, ...), got (3, 5)"),
    (
        lambda rng: LayerNorm((4, 3)),
        (3, 4),
        "layernorm needs an input whose last axes are (4, 3), got (3, 4)",
    ),
    (lambda rng: LayerNorm(4), (), "layernorm needs an input whose last axes are (4,), got ()"),
    (lambda rng: Upsample(), (4,), "upsample needs images (C, H, W), got a vector of 4"),
    (lambda rng: Softmax(), (), "softmax needs at least one axis after N, got ()"),
    (lambda rng: Flatten(), (), "flatten needs at least one axis after N, got ()"),
    (
        lambda rng: Model([Flatten(), Linear(4, 2, rng=rng)]),
        (1, 2, 3),
        "linear needs 4 features, got 6",
    ),
    (
        lambda rng: Model([Model([Flatten(), Linear(4, 2, rng=rng)])]),
        (1, 2, 3),
        "model.linear needs 4 features, got 6",
    ),
]


@pytest.mark.parametrize(("make", "shape", "message"), REFUSED, ids=[row[2] for row in REFUSED])
def test_wrong_input_is_named(make: Callable[[Rng], Layer], shape: Shape, message: str) -> None:
    layer = make(np.random.default_rng(0))
    with pytest.raises(ShapeError) as caught:
        layer.forward(np.zeros((2, *shape)))
    assert str(caught.value) == message


@pytest.mark.parametrize("make", [lambda: BatchNorm1d(2), lambda: BatchNorm2d(2)])
def test_batch_norm_needs_two_numbers_to_train(make: Callable[[], Layer]) -> None:
    layer = make()
    x = np.ones((1, 2) if isinstance(layer, BatchNorm1d) else (1, 2, 1, 1))
    with pytest.raises(ShapeError, match="drop_last=True"):
        layer.forward(x)
    layer.eval().forward(x)


REFUSED_OPTIONS: list[tuple[Callable[[Rng], Layer], str]] = [
    (lambda rng: Conv2d(0, 2, 3, rng=rng), "in_channels is 0"),
    (lambda rng: Conv2d(1, 2, 0, rng=rng), "kernel_size is 0"),
    (lambda rng: Conv2d(1, 2, 3, stride=(1, 0), rng=rng), r"stride is \(1, 0\)"),
    (lambda rng: Conv2d(1, 2, 3, padding=-1, rng=rng), "padding is -1"),
    (lambda rng: MaxPool2d(3, padding=2), "padding is 2"),
    (lambda rng: AvgPool2d(2, stride=0), "stride is 0"),
    (lambda rng: Linear(3, -1, rng=rng), "out_features is -1"),
    (lambda rng: BatchNorm2d(0), "num_features is 0"),
    (lambda rng: Dropout(1.0, rng=rng), "p is 1.0"),
    (lambda rng: Linear(3, 2, init="kaiming", rng=rng), "init is 'kaiming'; expected a function"),
    (lambda rng: GroupNorm(3, 4), "num_groups is 3; expected a divisor of the 4 channels"),
    (lambda rng: GroupNorm(0, 4), "num_groups is 0"),
    (lambda rng: GroupNorm(2, 4, eps=0), "eps is 0"),
    (lambda rng: LayerNorm(()), "normalized_shape is empty"),
    (lambda rng: LayerNorm((3, 0)), "normalized_shape is 0"),
    (lambda rng: LayerNorm(3, eps=-1), "eps is -1"),
    (lambda rng: Softmax(2), "dim is 2"),
    (lambda rng: Upsample(scale_factor=1.5), "scale_factor is 1.5"),  # type: ignore[arg-type]
    (lambda rng: Concat(), "concat needs at least one branch"),
    (lambda rng: Residual(*[ReLU()] * 2), "one place in a model only"),
    (lambda rng: Concat(*[Model(ReLU())] * 2), "one place in a model only"),
]


@pytest.mark.parametrize(
    ("make", "message"), REFUSED_OPTIONS, ids=[row[1] for row in REFUSED_OPTIONS]
)
def test_wrong_option_is_named(make: Callable[[Rng], Layer], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(np.random.default_rng(0))
