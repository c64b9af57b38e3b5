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
    module = nn.Sequential(to_torch(layer)).double().train(case.training)
    model = from_torch(module, case.input_shape[1:])
    assert model.training == case.training
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
        ("mul", "forward of Changed calls mul, for which there is no layer"),
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
        ("chunk", "forward of Changed calls chunk, for which there is no layer"),
    ],
)
def test_what_cannot_be_followed_is_named(how: str, error: str) -> None:
    with pytest.raises((TypeError, ValueError), match=error):
        from_torch(Changed(how), (2, 6, 6))


class Own(nn.Conv2d):  # type: ignore[misc]
    """A module of somebody's own that is one of PyTorch besides."""

    def forward(self, x: TorchTensor) -> TorchTensor:
        return functional.conv2d(x, self.weight * 2, self.bias)


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
        (nn.Sequential(Own(1, 2, 3)), (1, 8, 8),
         r"forward of 0 \(Own\) uses 0.weight itself.*nn.Conv2d itself could stand for it"),
        (Own(1, 2, 3), (1, 8, 8), "forward of Own uses weight itself.*nn.Conv2d itself could"),
        (nn.Sequential(nn.Flatten(), nn.Unflatten(1, (1, 8, 8))), (1, 8, 8), "1 is a Unflatten"),
        (spoilt(), (1, 8, 8), "0.weight holds NaN or infinity; expected finite weights"),
        (pruned(), (1, 8, 8), r"0 has no weight.*prune.remove\(module.get_submodule\('0'\), 'we"),
        (nn.DataParallel(lenet()), (1, 8, 8), "pass the network itself, module.module"),
        (lenet(), (1, -8, 8), r"input_shape must be whole numbers above 0.*got \(1, -8, 8\)"),
        (lenet(), (1, 8.0, 8), "input_shape must be whole numbers above 0"),
        (lenet(), 8, "input_shape must be whole numbers.*got 8"),
        (lenet(), (), "input_shape must be whole numbers"),
        (nn.Sequential(nn.Flatten(), nn.LSTM(64, 2)), (1, 8, 8), "1 is a LSTM"),
        (nn.SiLU(), (1, 8, 8), "the module is a SiLU.*nn.GELU"),
        (nn.Sequential(nn.MaxPool2d(2, return_indices=True)), (1, 8, 8),
         r"0 \(MaxPool2d\) gives several tensors.*return_indices=True"),
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


class Frozen(nn.Sequential):  # type: ignore[misc]
    """A network whose batch norm stays frozen when it trains."""

    def train(self, mode: bool = True) -> Module:
        super().train(mode)
        self[1].eval()
        return self


def test_a_layer_that_stays_in_eval_mode_is_refused_in_eval_mode_too() -> None:
    module = Frozen(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU())
    for mode in (True, False):
        module.train(mode)
        with pytest.raises(ValueError, match=r"1 \(BatchNorm2d\) is in eval.*overridden.*fuse"):
            from_torch(module, (1, 8, 8))
        assert [part.training for part in module] == [mode, False, mode]


class Whole(nn.Module):  # type: ignore[misc]
    """A network whose `forward` is a function of itself and its input."""

    def __init__(self, does: Callable[[Module, TorchTensor], Module], **parts: Module) -> None:
        super().__init__()
        self.does, self.conv = does, nn.Conv2d(2, 2, 3, padding=1)
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x: TorchTensor) -> TorchTensor:
        return self.does(self, x)


class Part(nn.Module):  # type: ignore[misc]
    """A module in a network whose `forward` is a function of it and its input."""

    def __init__(self, does: Callable[[Module, TorchTensor], TorchTensor]) -> None:
        super().__init__()
        self.does = does

    def forward(self, x: TorchTensor) -> TorchTensor:
        return self.does(self, x)


def in_second(does: Callable[[Module, TorchTensor], TorchTensor]) -> Module:
    return nn.Sequential(nn.Conv2d(2, 2, 1), Part(does))


@pytest.mark.parametrize(
    ("does", "error"),
    [
        (lambda part, x: x * torch.sigmoid(x), r"forward of 1 \(Part\) calls mul.*only x \+ body"),
        (lambda part, x: x * x, r"forward of 1 \(Part\) calls mul.*only x \+ body"),
        (lambda part, x: x if x.sum() > 0 else -x, r"what forward of 1 \(Part\) does depends"),
        (lambda part, x: x + 1, r"add in forward of 1 \(Part\) joins a tensor and a number"),
        (lambda part, x: x / 255, "calls truediv.*scale or shift the data"),
        (lambda part, x: (x - 0.5) / 0.5, "calls sub.*scale or shift the data"),
        (lambda part, x: x.clamp(min=0), r"F.relu\(x\) could stand for clamp\(x, min=0\)"),
        (lambda part, x: x.amax((2, 3)), r"F.adaptive_max_pool2d\(x, 1\).flatten\(1\)"),
        (lambda part, x: x.mean(-1).mean(-1),
         r"mean \(call 2\) in forward of 1 \(Part\) has dim=-1.*x.mean\(\(2, 3\)\)"),
        (lambda part, x: x.mean((2, 3), keepdim=True).squeeze(-1).squeeze(-1), r"x.flatten\(1\)"),
        (lambda part, x: functional.max_pool2d(x, 2, return_indices=True)[0],
         "F.max_pool2d without return_indices=True"),
        (lambda part, x: x.to(torch.float16), "dtype torch.float16.*leave it out"),
        (lambda part, x: functional.relu(x) if part.training else torch.tanh(x),
         r"forward of 1 \(Part\) does something else in training than in eval mode"),
        (lambda part, x: {"out": x}, "forward of Sequential returns a dict"),
    ],
)  # fmt: skip
def test_a_function_is_named_with_where_it_stands_and_what_could_stand_for_it(
    does: Callable[[Module, TorchTensor], TorchTensor], error: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=error):
        from_torch(in_second(does), (2, 6, 6))


def test_what_is_read_from_outside_of_its_branch_is_told_from_others_of_its_name() -> None:
    def dense(part: Module, x: TorchTensor) -> TorchTensor:
        first = functional.relu(x)
        second = functional.relu(torch.tanh(torch.cat([x, first], 1)))
        return torch.cat([first, second], 1)

    with pytest.raises(ValueError, match=r"relu \(call 1\) in forward of 1 \(Part\) is read from"):
        from_torch(in_second(dense), (2, 6, 6))


@pytest.mark.parametrize(
    ("does", "text"),
    [
        (lambda part, x: functional.avg_pool2d(x, x.shape[2]), "avgpool 6"),
        (lambda part, x: functional.avg_pool2d(x, kernel_size=x.size()[2:]), "avgpool 6"),
        (lambda part, x: functional.adaptive_avg_pool2d(x, 1).flatten(1), "gap, flatten"),
        (lambda part, x: functional.adaptive_max_pool2d(x, 1).flatten(1), "pool 6, flatten"),
        (lambda part, x: x.mean((2, 3)), "gap, flatten"),
        (lambda part, x: torch.tanh(x.to(torch.float32)), "tanh"),
        (lambda part, x: torch.tanh(x.to(x.device)), "tanh"),
        (lambda part, x: x.view(x.shape[0], -1), "flatten"),
    ],
)
def test_a_function_is_followed(
    does: Callable[[Module, TorchTensor], TorchTensor], text: str
) -> None:
    assert from_torch(in_second(does), (2, 6, 6)).to_spec() == f"conv 2 k1, {text}"


def test_a_part_in_another_mode_is_refused_if_its_forward_depends_on_it() -> None:
    module = in_second(lambda part, x: functional.dropout(x, 0.5, part.training))
    assert from_torch(module, (2, 6, 6)).to_spec() == "conv 2 k1, dropout 0.5"
    module[1].eval()
    with pytest.raises(ValueError, match=r"forward of 1 \(Part\) is in another mode"):
        from_torch(module, (2, 6, 6))


def with_head(net: Module, x: TorchTensor) -> Module:
    y = net.conv(x)
    return (y, net.head(y)) if net.training else y


def test_a_head_of_training_is_left_out_in_eval_mode() -> None:
    module = Whole(lambda net, x: (net.conv(x), x) if net.training else net.conv(x))
    with pytest.raises(TypeError, match=r"forward of Whole returns a tuple.*call module.eval\(\)"):
        from_torch(module, (2, 6, 6))
    model = from_torch(module.eval(), (2, 6, 6))
    assert model.to_spec() == "conv 2 k3 p1"
    assert not model.training
    headed = Whole(with_head, head=nn.Conv2d(2, 1, 1)).eval()
    with pytest.raises(ValueError, match=r"head.weight is in.*nn.Identity\(\) in place of head"):
        from_torch(headed, (2, 6, 6))
    headed.head = nn.Identity()
    assert from_torch(headed, (2, 6, 6)).to_spec() == "conv 2 k3 p1"
    dropping = Whole(
        lambda net, x: (x, x) if net.training else functional.dropout(x, 0.5, net.training)
    )
    with pytest.raises(ValueError, match=r"expected one tensor, or nn\.Dropout"):
        from_torch(dropping.eval(), (2, 6, 6))
    opposite = Whole(lambda net, x: net.conv(x) if net.training else (x, x))
    with pytest.raises(TypeError, match="Whole returns a tuple in eval mode"):
        from_torch(opposite, (2, 6, 6))


class Same(nn.Conv2d):  # type: ignore[misc]
    """A convolution that only sets the options."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__(channels, out, 3, padding=1)

    def reset_parameters(self) -> None:
        nn.init.normal_(self.weight, std=0.1)
        nn.init.zeros_(self.bias)


class Standardized(nn.Conv2d):  # type: ignore[misc]
    """A convolution whose `forward` is as it was, but not what that calls."""

    def _conv_forward(self, x: TorchTensor, weight: TorchTensor, bias: TorchTensor) -> TorchTensor:
        return super()._conv_forward(x, weight - weight.mean(), bias)


class Doubled:
    """Doubles what the class behind it computes."""

    def forward(self, x: TorchTensor) -> TorchTensor:
        return 2 * super().forward(x)  # type: ignore[misc]


class DoubledConv(Doubled, nn.Conv2d):  # type: ignore[misc]
    """A convolution that a class before it changes."""


def test_a_subclass_that_computes_the_same_is_its_base() -> None:
    one_iteration_agrees(
        nn.Sequential(Same(2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(75, 10)), (2, 5, 5)
    )
    for changed in (Standardized(2, 2, 3), DoubledConv(2, 2, 3)):
        with pytest.raises(TypeError, match=r"uses 0.weight itself.*nn.Conv2d itself"):
            from_torch(nn.Sequential(changed), (2, 6, 6))


@pytest.mark.parametrize(
    ("module", "shape", "text"),
    [
        (nn.Conv2d(3, 4, 3), (3, 8, 8), "conv 4 k3"),
        (Same(3, 4), (3, 8, 8), "conv 4 k3 p1"),
        (nn.BatchNorm2d(3), (3, 8, 8), "bn"),
        (nn.BatchNorm1d(3), (3,), "bn1d"),
        (nn.Linear(3, 4), (3,), "linear 4"),
        (nn.InstanceNorm2d(3), (3, 8, 8), "groupnorm 3 noaffine"),
        (nn.ReLU(), (3, 8, 8), "relu"),
        (nn.Dropout(0.5), (3, 8, 8), "dropout 0.5"),
    ],
)
def test_one_layer_is_a_network(module: Module, shape: Shape, text: str) -> None:
    for mode in (True, False):
        model = from_torch(module.train(mode), shape)
        assert model.to_spec() == text
        assert model.training == module.training == mode
        assert list(model.state_dict()) == list(module.state_dict())
        module.load_state_dict({k: torch.tensor(v) for k, v in model.state_dict().items()})


def test_the_advice_for_weights_that_are_computed_works() -> None:
    utils = nn.utils
    ways = {
        "remove_spectral_norm": (utils.spectral_norm, utils.remove_spectral_norm),
        "remove_weight_norm": (utils.weight_norm, utils.remove_weight_norm),
    }
    for said, (wrap, remove) in ways.items():
        module = nn.Sequential(nn.ReLU(), wrap(nn.Conv2d(2, 3, 3)))
        with pytest.raises(ValueError, match=rf"{said}\(module\.get_submodule\('1'\), 'weight'\)"):
            from_torch(module, (2, 6, 6))
        remove(module.get_submodule("1"), "weight")
        assert from_torch(module, (2, 6, 6)).to_spec() == "relu, conv 3 k3"
    for wrap in (utils.parametrizations.spectral_norm, utils.parametrizations.weight_norm):
        module = nn.Sequential(nn.ReLU(), wrap(nn.Conv2d(2, 3, 3)))
        with pytest.raises(TypeError, match=r"parametrize\.remove_parametrizations\(.*'weight'\)"):
            from_torch(module, (2, 6, 6))
        utils.parametrize.remove_parametrizations(module[1], "weight")
        assert from_torch(module, (2, 6, 6)).to_spec() == "relu, conv 3 k3"


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
