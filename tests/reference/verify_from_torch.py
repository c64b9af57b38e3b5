"""Networks of PyTorch as models: output, gradients, names. Run by `make verify-torch`."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import numpy as np
import pytest

from core import SGD, CrossEntropyLoss, from_torch
from core.layer import Shape
from tests.core.cases import CASES, Case
from tests.reference.modules import Module, TorchTensor, nn, to_torch, torch
from tests.rounding import assert_all_close, assert_close
from viz_app import explore

# What PyTorch warns of is a matter of its speed.
pytestmark = pytest.mark.filterwarnings("default")

functional = nn.functional


class Block(nn.Module):  # type: ignore[misc]
    """A residual block as ResNet has it, its names and its in-place ReLU included."""

    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.downsample = None
        if stride != 1 or channels != out:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out)
            )

    def forward(self, x: TorchTensor) -> TorchTensor:
        other = x if self.downsample is None else self.downsample(x)
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        y += other
        return self.relu(y)


class Net(nn.Module):  # type: ignore[misc]
    """Everything that `forward` may do: functions, blocks, a concatenation, a view."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.layer1 = nn.Sequential(Block(8, 8, 1), Block(8, 16, 2))
        self.narrow, self.wide = nn.Conv2d(16, 4, 1), nn.Conv2d(16, 4, 3, padding=1)
        self.fc = nn.Linear(8 * 2 * 2, 10)

    def forward(self, x: TorchTensor) -> TorchTensor:
        x = functional.max_pool2d(functional.relu(self.stem(x)), 2)
        x = self.layer1(x)
        x = torch.cat([self.narrow(x), functional.gelu(self.wide(x))], dim=1)
        x = functional.dropout(x, 0.0, self.training)
        return self.fc(x.view(x.size(0), -1))


def lenet() -> Module:
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 3)),
        *(nn.Tanh(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(64, 10)),
    )


def one_iteration_agrees(module: Module, shape: Shape) -> None:
    """Compare output, loss, gradients and updated weights of a training step."""
    rng = np.random.default_rng(0)
    images, labels = rng.uniform(-1, 1, (4, *shape)), rng.integers(0, 10, 4)
    module = module.double().train()
    model = from_torch(module, shape, rng=rng)
    assert list(model.state_dict()) == list(module.state_dict())
    assert model.training
    optimizer, loss = SGD(model.parameters(), lr=0.1), CrossEntropyLoss()
    theirs = torch.optim.SGD(module.parameters(), lr=0.1)
    output = module(torch.tensor(images))
    their_loss = nn.CrossEntropyLoss()(output, torch.tensor(labels))
    their_loss.backward()
    value = loss(model.forward(images), labels)
    loss.backward()
    model.backward()
    assert_close(model.output.value, output.detach().numpy(), roundings=4096)
    assert_close(value, float(their_loss.detach()), roundings=4096)
    gradients = [parameter.grad.numpy() for parameter in module.parameters()]
    size = max(float(np.abs(gradient).max()) for gradient in gradients)
    mine = {name: parameter.grad for name, parameter in model.named_parameters()}
    names = [name for name, _ in module.named_parameters()]
    assert list(mine) == names
    for name, gradient in zip(names, gradients, strict=True):
        assert_close(mine[name], gradient, magnitude=size, roundings=4096, what=name)
    optimizer.step()
    theirs.step()
    after = {name: tensor.numpy() for name, tensor in module.state_dict().items()}
    assert_all_close(model.state_dict(), after, magnitude=1, roundings=4096)
    # And back.
    module.load_state_dict({k: torch.tensor(v) for k, v in model.state_dict().items()})
    model.load_state_dict(module.state_dict())


@pytest.mark.parametrize(
    ("make", "shape"), [(Net, (3, 8, 8)), (lenet, (1, 8, 8)), (lambda: Block(2, 4, 2), (2, 5, 5))]
)
def test_an_iteration_of_a_network(make: Callable[[], Module], shape: Shape) -> None:
    module = make()
    if isinstance(module, Block):
        module = nn.Sequential(module, nn.Flatten(), nn.Linear(36, 10))
    one_iteration_agrees(module, shape)


def is_seen(case: Case) -> bool:
    """Return whether `torch.fx` sees what the module of a case does.

    The reference's own residual blocks have a `forward` that is no method.
    """
    return not case.id.startswith(("residual", "concat", "model"))


@pytest.mark.parametrize("case", [c for c in CASES if is_seen(c)], ids=lambda case: str(case.id))
def test_every_layer_with_every_option(case: Case) -> None:
    torch.manual_seed(0)
    layer = case.layer()
    module = to_torch(layer).double().train(case.training)
    model = from_torch(nn.Sequential(module), case.input_shape[1:])
    ours = {f"0.{name}": array.shape for name, array in layer.state.items()}
    assert ours.keys() <= model.state_dict().keys()
    x = case.input()
    model.eval()
    expected = module.eval()(torch.tensor(x)).detach().numpy()
    assert_close(model.predict(x), expected, roundings=4096)


def test_dtype_mode_and_frozen_weights_are_kept() -> None:
    module = lenet().eval()
    module[0].weight.requires_grad = False
    model = from_torch(module, (1, 8, 8))
    assert model.dtype == np.float32
    assert not model.training
    frozen = [name for name, p in model.named_parameters() if not p.requires_grad]
    assert frozen == ["0.weight"]
    # The module is as it was.
    assert not module.training
    assert from_torch(lenet().double(), (1, 8, 8)).dtype == np.float64


def test_a_weight_of_the_module_is_copied() -> None:
    module = lenet()
    model = from_torch(module, (1, 8, 8))
    with torch.no_grad():
        module[0].weight.zero_()
    assert np.abs(model.state_dict()["0.weight"]).max() > 0


class Changed(nn.Module):  # type: ignore[misc]
    """A network that goes wrong in the way that is asked for."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how, self.conv = how, nn.Conv2d(2, 2, 3, padding=1)
        self.never = nn.Linear(2, 2) if how == "unused" else None
        self.weight = nn.Parameter(torch.ones(2, 1, 1)) if how == "own weight" else None

    def forward(self, x: TorchTensor) -> TorchTensor:
        ways: dict[str, Callable[[], TorchTensor]] = {
            "mul": lambda: x * self.conv(x),
            "number": lambda: self.conv(x) + 1,
            "twice": lambda: self.conv(self.conv(x)),
            "in place": lambda: functional.relu(y := self.conv(x), inplace=True) + y,
            "unused": lambda: self.conv(x),
            "own weight": lambda: x + self.weight,
            "cat": lambda: torch.cat([x, self.conv(x)], 2),
            "broadcast": lambda: x + functional.adaptive_avg_pool2d(self.conv(x), 1),
            "numbers": lambda: x if float(x.sum()) > 0 else self.conv(x),
            "same": lambda: x,
            "two": lambda: (x, self.conv(x)),
            "dropout": lambda: functional.dropout(self.conv(x)),
            "len": lambda: self.conv(x).view(len(x), -1),
            "chunk": lambda: torch.cat(self.conv(x).chunk(2, 1)[::-1], 1),
        }
        return ways[self.how]()


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ("mul", "forward calls mul, for which there is no layer"),
        ("number", "joins a tensor and a number"),
        ("twice", r"conv \(Conv2d\) is used twice"),
        ("in place", "inplace=True"),
        ("unused", "never.weight is in the module's state"),
        ("own weight", "forward of Changed uses weight itself"),
        ("cat", "only dim=1"),
        ("broadcast", "expected two tensors of one shape"),
        ("numbers", "depends on the numbers"),
        ("same", "returns its input"),
        ("two", "returns a tuple"),
        ("dropout", r"dropout drops numbers in eval mode too.*training=self\.training"),
        ("len", r"x\.shape\[0\] for len\(x\)"),
        ("chunk", "forward calls chunk, for which there is no layer"),
    ],
)
def test_what_cannot_be_followed_is_named(how: str, error: str) -> None:
    with pytest.raises((TypeError, ValueError), match=error):
        from_torch(Changed(how), (2, 6, 6))


class Own(nn.Conv2d):  # type: ignore[misc]
    """A module of somebody's own that is one of PyTorch besides."""


def spoilt() -> Module:
    module = lenet()
    with torch.no_grad():
        module[0].weight[0, 0, 0, 0] = torch.nan
    return module


def pruned() -> Module:
    module = lenet()
    import_module("torch.nn.utils.prune").l1_unstructured(module[0], "weight", 0.3)
    return module


@pytest.mark.parametrize(
    ("module", "shape", "error"),
    [
        (nn.Sequential(nn.ConvTranspose2d(1, 2, 3)), (1, 8, 8), "0 is a ConvTranspose2d.*Upsample"),
        (nn.Sequential(nn.Conv2d(1, 2, 3, padding_mode="circular")), (1, 8, 8), "padding_mode"),
        (nn.Conv2d(1, 2, 3).half(), (1, 8, 8), "module.float"),
        (lenet(), (3, 8, 8), "must take samples of input_shape"),
        ("net", (1, 8, 8), "expected a torch.nn.Module"),
        (nn.Sequential(nn.Linear(8, 2)), (1, 8, 8), "put nn.Flatten"),
        (nn.Conv2d(1, 2, 3, device="meta"), (1, 8, 8), "weight is on the device 'meta'"),
        (nn.BatchNorm2d(1, affine=False, device="meta"), (1, 8, 8), "running_mean is on the"),
        (nn.Sequential(nn.Flatten(), nn.LazyLinear(2)), (1, 8, 8),
         r"1\.weight has no shape yet.*module\(torch\.zeros\(1, 1, 8, 8\)\) once"),
        (nn.Sequential(nn.BatchNorm2d(1, affine=False)), (1, 8, 8), "weights of 1 and biases of 0"),
        (nn.Sequential(nn.BatchNorm2d(1, track_running_stats=False)), (1, 8, 8), "nn.GroupNorm"),
        (nn.Conv2d(1, 2, 3), (1, 8, 8), r"put it into one, as nn.Sequential\(nn.Conv2d"),
        (nn.Sequential(Own(1, 2, 3)), (1, 8, 8),
         r"forward of 0 \(Own\) uses 0.weight itself.*nn.Conv2d itself could stand for it"),
        (nn.Sequential(nn.Flatten(), nn.Unflatten(1, (1, 8, 8))), (1, 8, 8), "1 is a Unflatten"),
        (spoilt(), (1, 8, 8), "0.weight holds NaN or infinity; expected finite weights"),
        (pruned(), (1, 8, 8), r"0 has no weight.*prune.remove\(module, 'weight'\)"),
        (nn.DataParallel(lenet()), (1, 8, 8), "pass the network itself, module.module"),
        (lenet(), (1, -8, 8), r"input_shape must be whole numbers above 0.*got \(1, -8, 8\)"),
        (lenet(), (1, 8.0, 8), "input_shape must be whole numbers above 0"),
        (nn.LazyBatchNorm2d(affine=False), (1, 8, 8), "running_mean has no shape yet"),
    ],
)  # fmt: skip
def test_what_has_no_layer_is_named(module: Module, shape: Shape, error: str) -> None:
    with pytest.raises((TypeError, ValueError), match=error):
        from_torch(module, shape)


def tied(name: str, make: Callable[[], Module], as_view: bool = False) -> Module:
    """Return a network whose third layer has a weight or buffer of the first."""
    module = nn.Sequential(make(), nn.ReLU(), make(), nn.ReLU(), nn.Flatten())
    first, second = module[0], getattr(module[2], name)
    if as_view:
        second.data = getattr(first, name).data.transpose(0, 1)
    else:
        setattr(module[2], name, getattr(first, name))
    return module


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("weight", tied("weight", lambda: nn.Conv2d(2, 2, 3, padding=1))),
        ("weight", tied("weight", lambda: nn.Conv2d(2, 2, 3, padding=1), as_view=True)),
        ("bias", tied("bias", lambda: nn.Conv2d(2, 2, 3, padding=1))),
        ("running_mean", tied("running_mean", lambda: nn.BatchNorm2d(2))),
    ],
)
def test_weights_of_two_layers_are_refused_by_both_names(name: str, module: Module) -> None:
    with pytest.raises(ValueError, match=rf"0\.{name} and 2\.{name} are one tensor.*clone\(\)"):
        from_torch(module, (2, 6, 6))


def test_a_layer_in_another_mode_is_refused_where_that_matters() -> None:
    module = nn.Sequential(
        *(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU(), nn.Dropout(0.5)),
        *(nn.Flatten(), nn.Linear(72, 10)),
    )
    module[2].eval()
    assert from_torch(module, (1, 8, 8)).training
    module[1].eval()
    with pytest.raises(ValueError, match=r"1 \(BatchNorm2d\) is in eval mode.*in train mode.*fuse"):
        from_torch(module, (1, 8, 8))
    module.eval()[3].train()
    with pytest.raises(ValueError, match=r"3 \(Dropout\) is in train mode.*in eval mode.*Identity"):
        from_torch(module, (1, 8, 8))
    # What the errors say to do.
    one_iteration_agrees(module.eval().train()[:3].append(module[4]).append(module[5]), (1, 8, 8))
    module.eval()
    conv = torch.nn.utils.fuse_conv_bn_eval(module[0], module[1])
    frozen = nn.Sequential(conv, nn.ReLU(), nn.Flatten(), nn.Linear(72, 10))
    one_iteration_agrees(frozen, (1, 8, 8))


class Named(nn.Module):  # type: ignore[misc]
    """Functions whose arguments are named, as people write them."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.drop = nn.Conv2d(2, 3, 3, padding="same"), nn.Dropout(0.25)

    def forward(self, x: TorchTensor) -> TorchTensor:
        y = torch.cat(tensors=[x.float(), self.drop(self.conv(x))], axis=-3)
        return torch.add(input=y, other=functional.relu(input=y)).mean(axis=(2, 3))


@pytest.mark.parametrize("mode", [True, False])
def test_arguments_may_be_named_and_dropout_drops_in_training(mode: bool) -> None:
    module = Named().train(mode)
    model = from_torch(module, (2, 6, 6), rng=np.random.default_rng(0))
    assert "dropout 0.25" in model.to_spec()
    assert model.training == module.training == module.drop.training == mode
    x = np.random.default_rng(1).normal(size=(4, 2, 6, 6)).astype(np.float32)
    expected = module.eval()(torch.tensor(x)).detach().numpy()
    assert_close(model.predict(x), expected, roundings=4096)
    model.train()
    assert np.abs(model.forward(x) - expected).max() > 1e-3


def test_the_advice_for_modules_without_numbers_works() -> None:
    lazy = nn.Sequential(nn.Flatten(), nn.LazyLinear(2))
    lazy(torch.zeros(1, 1, 8, 8))
    assert from_torch(lazy, (1, 8, 8)).to_spec() == "flatten, linear 2"
    empty, full = (nn.Sequential(nn.Conv2d(1, 2, 3, device=where)) for where in ("meta", "cpu"))
    empty.to_empty(device="cpu")
    empty.load_state_dict(full.state_dict())
    weight = from_torch(empty, (1, 8, 8)).state_dict()["0.weight"]
    assert np.array_equal(weight, full[0].weight.detach().numpy())


def test_a_network_of_pytorch_is_shown() -> None:
    images, labels = torch.rand(4, 3, 8, 8, requires_grad=True), torch.tensor([1, 2, 9, 0])
    explorer = explore(from_torch(Net(), (3, 8, 8)), (images, labels), batch_size=4)
    assert explorer.run.trace.loss > 0
    assert "layer1.0.conv1.weight" in explorer.run.history.trainer.model.state_dict()
