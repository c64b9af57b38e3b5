"""What PyTorch's autograd gives for every quantity of one iteration.

Entries of an iteration are called `layer/quantity`. Each layer and each branch has its `input`,
`output`, `input_grad` and `output_grad`, each param `before/…`, `grad/…`, `velocity/…` and
`after/…` by its own name in the layer; what only one kind of layer has is made by `EXTRAS`.
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
        self.buffers: dict[str, TorchTensor] = {}
        module.register_forward_pre_hook(self._enter)
        module.register_forward_hook(self._leave)

    def _enter(self, _: Module, inputs: tuple[TorchTensor]) -> tuple[TorchTensor]:
        # A tensor of its own: where branches share an input, each has its part of the gradient.
        self.input = inputs[0].view_as(inputs[0])
        self.input.retain_grad()
        self.buffers = {
            f"{name}_before": buffer.clone()
            for name, buffer in self.module.named_buffers(recurse=False)
            if buffer.is_floating_point()
        }
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
            **self.buffers,
        }
        extra = EXTRAS.get(type(self.module))
        tensors |= extra(self.module, self.input.detach(), self.output.grad) if extra else {}
        return {name: numpy(tensor) for name, tensor in tensors.items()}


def numpy(tensor: TorchTensor) -> Array:
    array: Array = tensor.detach().numpy().copy()
    return array


def columns(conv: Module, x: TorchTensor, g: TorchTensor) -> dict[str, TorchTensor]:
    """The windows of a convolution as columns (N, C·KH·KW, OH·OW), and how they lie."""
    windows = {"dilation": conv.dilation, "stride": conv.stride}
    # PyTorch's own attribute: "same" may need more padding below and on the right.
    padding = conv._reversed_padding_repeated_twice

    def unfold(images: TorchTensor) -> TorchTensor:
        return F.unfold(F.pad(images, padding), conv.kernel_size, **windows)

    unfolded = unfold(x).requires_grad_()
    blocks = unfolded.unflatten(1, (conv.groups, -1))
    product = conv.weight.detach().flatten(1).unflatten(0, (conv.groups, -1)) @ blocks
    product = product.flatten(1, 2)
    product.backward(g.flatten(2))
    one = torch.ones_like(x[:1, :1]).requires_grad_()
    return {
        "unfold": unfolded,
        "unfold_grad": unfolded.grad,
        "product": product,
        "visits": torch.autograd.grad(unfold(one).sum(), one)[0][0, 0],
    }


def batch_norm(norm: Module, x: TorchTensor, g: TorchTensor) -> dict[str, TorchTensor]:
    """Statistics and terms of batch norm, and what its running statistics would give."""
    x_hat = F.batch_norm(x, None, None, training=True, eps=norm.eps)
    others = [axis for axis in range(x.ndim) if axis != 1]
    running = norm.running_mean, norm.running_var
    params = norm.weight.detach(), norm.bias.detach()
    return statistics(norm, x, x_hat, others, per_channel(norm.weight, x), g) | {
        "output_eval": F.batch_norm(x, *running, *params, eps=norm.eps),
        "running_mean": running[0],
        "running_var": running[1],
        "inv_std_eval": torch.rsqrt(running[1] + norm.eps),
    }


def group_norm(norm: Module, x: TorchTensor, g: TorchTensor) -> dict[str, TorchTensor]:
    """Statistics and terms of group norm, an axis of the statistics for the groups."""
    x_hat = F.group_norm(x, norm.num_groups, eps=norm.eps)
    groups = x.unflatten(1, (norm.num_groups, -1))
    axes = list(range(2, groups.ndim))
    return statistics(norm, groups, x_hat, axes, per_channel(norm.weight, x), g)


def layer_norm(norm: Module, x: TorchTensor, g: TorchTensor) -> dict[str, TorchTensor]:
    """Statistics and terms of layer norm."""
    x_hat = F.layer_norm(x, norm.normalized_shape, eps=norm.eps)
    axes = list(range(x.ndim - len(norm.normalized_shape), x.ndim))
    return statistics(norm, x, x_hat, axes, norm.weight, g)


def per_channel(weight: TorchTensor | None, x: TorchTensor) -> TorchTensor | None:
    """A weight for each channel in a shape that broadcasts with the input."""
    return None if weight is None else weight.view(-1, *[1] * (x.ndim - 2))


def statistics(
    norm: Module,
    x: TorchTensor,
    x_hat: TorchTensor,
    axes: list[int],
    weight: TorchTensor | None,
    g: TorchTensor,
) -> dict[str, TorchTensor]:
    """What a normalisation over `axes` computes on the way, and its gradient along each path."""
    shape, x = x_hat.shape, x.clone().requires_grad_()
    mean, var = x.mean(axes, keepdim=True), x.var(axes, unbiased=False, keepdim=True)
    x_hat = x_hat.clone().requires_grad_()
    (x_hat.clone() if weight is None else x_hat * weight.detach()).backward(g)

    def along(x_: TorchTensor, mean_: TorchTensor, var_: TorchTensor) -> TorchTensor:
        normalised = (x_ - mean_) / torch.sqrt(var_ + norm.eps)
        return torch.autograd.grad(normalised, x, x_hat.grad.view_as(x))[0].view(shape)

    fixed, still = x.detach(), (mean.detach(), var.detach())
    return {
        "mean": mean.squeeze(axes),
        "centred": (x - mean).view(shape),
        "var": var.squeeze(axes),
        "inv_std": torch.rsqrt(var + norm.eps).squeeze(axes),
        "x_hat": x_hat,
        "x_hat_grad": x_hat.grad,
        "along_x": along(x, *still),
        "along_mean": along(fixed, mean, still[1]),
        "along_var": along(fixed, still[0], var),
    }


def softmax(module: Module, x: TorchTensor, g: TorchTensor) -> dict[str, TorchTensor]:
    """The parts of softmax; its dot product is the gradient of minus the logarithm of the sum."""
    most = x.amax(1, keepdim=True)
    log_sum = torch.logsumexp(x - most, 1, keepdim=True).requires_grad_()
    torch.exp(x - most - log_sum).backward(g)
    return {
        "max": most.squeeze(1),
        "exp": torch.exp(x - most),
        "inv_sum": torch.exp(-log_sum).squeeze(1),
        "dot": -log_sum.grad.squeeze(1),
    }


def slope(function: Module, x: TorchTensor, g: TorchTensor) -> dict[str, TorchTensor]:
    """The derivative of an activation at each number."""
    x = x.clone().requires_grad_()
    return {"slope": torch.autograd.grad(function.forward(x).sum(), x)[0]}


def winners(pool: Module, x: TorchTensor, g: TorchTensor) -> dict[str, TorchTensor]:
    """Where in its channel, y·W + x, the largest number of each window lies."""
    windows = pool.kernel_size, pool.stride, pool.padding
    options = {"ceil_mode": pool.ceil_mode, "return_indices": True}
    return {"places": F.max_pool2d(x, *windows, **options)[1]}


def shares(pool: Module, x: TorchTensor, g: TorchTensor) -> dict[str, TorchTensor]:
    """How much of each of its cells a window's mean takes, (OH, OW)."""
    effects = torch.autograd.functional.jacobian(pool.forward, torch.zeros_like(x[0, :1]))
    # Of the cells that are not in the window it takes nothing.
    return {"share": effects[0, :, :, 0].amax((2, 3))}


EXTRAS: dict[type, Callable[[Module, TorchTensor, TorchTensor], dict[str, TorchTensor]]] = {
    nn.Conv2d: columns,
    nn.BatchNorm1d: batch_norm,
    nn.BatchNorm2d: batch_norm,
    nn.GroupNorm: group_norm,
    nn.LayerNorm: layer_norm,
    nn.Softmax: softmax,
    nn.MaxPool2d: winners,
    nn.AvgPool2d: shares,
    **dict.fromkeys([nn.ReLU, nn.LeakyReLU, nn.Sigmoid, nn.Tanh, nn.GELU], slope),
}


def loss_and_targets(network: Network, labels: Array) -> tuple[Module, TorchTensor]:
    """The loss, and the labels as it takes them."""
    module, targets = getattr(nn, network.loss)(**network.loss_options), torch.tensor(labels)
    if not isinstance(module, nn.CrossEntropyLoss):
        targets = F.one_hot(targets, CLASSES).double()
    return module, targets


def of_loss(module: Module, output: TorchTensor, targets: TorchTensor) -> Entries:
    tensors = {
        "output": output,
        "output_grad": output.grad,
        "targets": targets,
        "loss": module(output, targets),
    }
    module.reduction = "none"
    tensors["losses"] = module(output, targets)
    if isinstance(module, nn.CrossEntropyLoss):
        tensors |= {
            "log_sum": torch.logsumexp(output, 1),
            "probabilities": F.softmax(output, 1),
        }
    if isinstance(module, nn.BCEWithLogitsLoss):
        tensors["probabilities"] = torch.sigmoid(output)
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
        loss, targets = loss_and_targets(network, labels[step])
        loss(output, targets).backward()
        for name, watch in watches.items():
            entries |= {f"{name}/{key}": array for key, array in watch.entries().items()}
        optimiser.step()
        for prefix in ("velocity", "after"):
            entries |= of_params(watches, prefix, optimiser)
    return entries | of_loss(loss, output, targets)


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
