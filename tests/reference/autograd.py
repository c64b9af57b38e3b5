"""What PyTorch's autograd gives for every quantity of one iteration.

Entries of an iteration are called `layer/quantity`. Each layer and each branch of a residual has
its `input`, `output`, `input_grad` and `output_grad`, each param `before/…`, `grad/…`, `velocity/…`
and `after/…` by its own name in the layer; what only one kind of layer has is made by `EXTRAS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from core.io.weights import state_dict
from core.layer import Layer
from core.layers import Residual
from core.tensor import Array
from tests.reference.iterations import BATCH, CLASSES, LR, MOMENTUM, Network
from tests.reference.modules import Module, TorchTensor, leaf, nn, to_torch, torch

Entries = dict[str, Array]
F = nn.functional


def layers(layer: Layer, module: Module) -> Iterator[tuple[str, Module]]:
    """Yield the name of each layer and branch inside one, with its module."""
    for name, child in layer.children().items():
        inner = getattr(module, name)
        yield child.name, inner
        yield from layers(child, inner)
    if isinstance(layer, Residual) and layer.shortcut is None:
        yield f"{layer.name}.shortcut", module.shortcut


class Watch:
    """Keeps the tensors between which a module stands, with their gradients."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.input: TorchTensor = None
        self.output: TorchTensor = None
        module.register_forward_pre_hook(self._enter)
        module.register_forward_hook(self._leave)

    def _enter(self, _: Module, inputs: tuple[TorchTensor]) -> tuple[TorchTensor]:
        # A tensor of its own: where branches share an input, each has its part of the gradient.
        self.input = inputs[0].view_as(inputs[0])
        self.input.retain_grad()
        return (self.input,)

    def _leave(self, _: Module, inputs: tuple[TorchTensor], output: TorchTensor) -> None:
        self.output = output
        output.retain_grad()

    def entries(self) -> Entries:
        tensors = {
            "input": self.input,
            "output": self.output,
            "input_grad": self.input.grad,
            "output_grad": self.output.grad,
            **{f"grad/{name}": p.grad for name, p in self.module.named_parameters(recurse=False)},
        }
        extra = EXTRAS.get(type(self.module))
        tensors |= extra(self.module, self.input.detach(), self.output.grad) if extra else {}
        return {name: numpy(tensor) for name, tensor in tensors.items()}


def numpy(tensor: TorchTensor) -> Array:
    array: Array = tensor.detach().numpy().copy()
    return array


def columns(conv: Module, x: TorchTensor, g: TorchTensor) -> dict[str, TorchTensor]:
    """The windows of a convolution as columns (N, C·KH·KW, OH·OW), and how they lie."""
    windows = {"kernel_size": conv.kernel_size, "stride": conv.stride, "padding": conv.padding}
    unfolded = F.unfold(x, **windows).requires_grad_()
    product = conv.weight.detach().flatten(1) @ unfolded
    product.backward(g.flatten(2))
    ones = F.unfold(torch.ones_like(x[:1, :1]), **windows)
    return {
        "unfold": unfolded,
        "unfold_grad": unfolded.grad,
        "product": product,
        "visits": F.fold(ones, x.shape[2:], **windows)[0, 0],
    }


def statistics(norm: Module, x: TorchTensor, g: TorchTensor) -> dict[str, TorchTensor]:
    """What batch norm computes on the way, and its gradient along each path."""
    axes = [axis for axis in range(x.ndim) if axis != 1]
    weight, bias = norm.weight.detach(), norm.bias.detach()
    wide = (-1, *[1] * (x.ndim - 2))
    x = x.clone().requires_grad_()
    mean, var = x.mean(axes, keepdim=True), x.var(axes, unbiased=False, keepdim=True)
    x_hat = F.batch_norm(x, None, None, training=True, eps=norm.eps).detach().requires_grad_()
    (x_hat * weight.view(wide) + bias.view(wide)).backward(g)

    def along(x_: TorchTensor, mean_: TorchTensor, var_: TorchTensor) -> TorchTensor:
        normalised = (x_ - mean_) / torch.sqrt(var_ + norm.eps)
        return torch.autograd.grad(normalised, x, x_hat.grad)[0]

    fixed, still = x.detach(), (mean.detach(), var.detach())
    running = norm.running_mean, norm.running_var
    return {
        "mean": mean.flatten(),
        "var": var.flatten(),
        "x_hat": x_hat,
        "x_hat_grad": x_hat.grad,
        "along_x": along(x, *still),
        "along_mean": along(fixed, mean, still[1]),
        "along_var": along(fixed, still[0], var),
        "output_eval": F.batch_norm(fixed, *running, weight, bias, eps=norm.eps),
        "running_mean": running[0],
        "running_var": running[1],
    }


def slope(function: Module, x: TorchTensor, g: TorchTensor) -> dict[str, TorchTensor]:
    """The derivative of an activation at each number."""
    x = x.clone().requires_grad_()
    return {"slope": torch.autograd.grad(function.forward(x).sum(), x)[0]}


def winners(pool: Module, x: TorchTensor, g: TorchTensor) -> dict[str, TorchTensor]:
    """Where in its channel, y·W + x, the largest number of each window lies."""
    windows = pool.kernel_size, pool.stride, pool.padding
    return {"places": F.max_pool2d(x, *windows, return_indices=True)[1]}


EXTRAS: dict[type, Callable[[Module, TorchTensor, TorchTensor], dict[str, TorchTensor]]] = {
    nn.Conv2d: columns,
    nn.BatchNorm1d: statistics,
    nn.BatchNorm2d: statistics,
    nn.MaxPool2d: winners,
    **dict.fromkeys([nn.ReLU, nn.LeakyReLU, nn.Sigmoid, nn.Tanh, nn.GELU], slope),
}


def of_loss(logits: TorchTensor, labels: TorchTensor) -> Entries:
    tensors = {
        "logits": logits,
        "log_sum": torch.logsumexp(logits, 1),
        "probabilities": F.softmax(logits, 1),
        "sample_losses": F.cross_entropy(logits, labels, reduction="none"),
        "loss": F.cross_entropy(logits, labels),
        "output_grad": logits.grad,
    }
    return {f"loss/{name}": numpy(tensor) for name, tensor in tensors.items()}


def iteration(network: Network, rng: np.random.Generator) -> Entries:
    """The second of two steps of SGD with momentum, so that velocity and statistics have a past."""
    model = network.model()
    module = to_torch(model).double().train()
    # Numbers that float32 has too, as images are float32.
    x = rng.uniform(-1, 1, (2, BATCH, *network.input_shape)).astype(np.float32)
    labels = rng.integers(CLASSES, size=(2, BATCH))
    state = {
        name: np.array(array) if array.dtype.kind == "i" else rng.uniform(0.1, 0.9, array.shape)
        for name, array in state_dict(model).items()
    }
    module.load_state_dict({name: torch.tensor(array) for name, array in state.items()})
    watches = {name: Watch(inner) for name, inner in layers(model, module)}
    optimiser = torch.optim.SGD(module.parameters(), lr=LR, momentum=MOMENTUM)
    entries: Entries = {"x": x, "labels": labels}
    entries |= {f"state/{name}": array for name, array in state.items()}
    for step in range(2):
        optimiser.zero_grad()
        for prefix in ("velocity_before", "before"):
            entries |= of_params(watches, prefix, optimiser)
        output = module(leaf(x[step].astype(np.float64)))
        F.cross_entropy(output, torch.tensor(labels[step])).backward()
        for name, watch in watches.items():
            entries |= {f"{name}/{key}": array for key, array in watch.entries().items()}
        optimiser.step()
        for prefix in ("velocity", "after"):
            entries |= of_params(watches, prefix, optimiser)
    return entries | of_loss(output, torch.tensor(labels[1]))


def of_params(watches: dict[str, Watch], prefix: str, optimiser: TorchTensor) -> Entries:
    """All params as they are, or what the optimiser remembers of them."""
    entries = {}
    for layer, watch in watches.items():
        for name, param in watch.module.named_parameters(recurse=False):
            tensor = param
            if prefix.startswith("velocity"):
                tensor = optimiser.state[param].get("momentum_buffer", torch.zeros_like(param))
            entries[f"{layer}/{prefix}/{name}"] = numpy(tensor)
    return entries
