"""The trace holds what PyTorch's autograd gives for the same quantities, each of them.

`tests/reference/autograd.py` wrote PyTorch's values; here every array of a trace is either one of
them or follows from some of them by the formula that gives it its name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from core import losses
from core.data import Batches, DataSet, Split
from core.inspect.trace import Stage, StepTrace
from core.io.weights import load_state_dict
from core.layers.pool import Pool2d
from core.optim import SGD
from core.tensor import Array
from core.training.trainer import Trainer
from tests.core.cases import own_layers
from tests.reference.iterations import BATCH, CLASSES, LR, MOMENTUM, NETWORKS
from tests.rounding import assert_close, largest

FILE = Path(__file__).parents[2] / "reference" / "iterations.npz"
Entries = dict[str, Array]


@cache
def reference(network: str) -> Entries:
    with np.load(FILE) as file:
        return under(
            {key: file[key] for key in file.files if key.startswith(f"{network}/")}, network
        )


def under(entries: Entries, prefix: str) -> Entries:
    start = f"{prefix}/"
    return {k.removeprefix(start): array for k, array in entries.items() if k.startswith(start)}


@cache
def recorded(network: str) -> StepTrace:
    """The second iteration of a trainer that meets the batches that PyTorch was given."""
    entries = reference(network)
    count = 2 * BATCH
    order = Batches(count, count, np.random.default_rng(0)).next()
    images = np.empty((count, *entries["x"].shape[2:]), np.float32)
    labels = np.empty(count, np.int64)
    images[order] = entries["x"].reshape(images.shape)
    labels[order] = entries["labels"].ravel()
    names = tuple(map(str, range(CLASSES)))
    split = Split(images, labels)
    data = DataSet("reference", "Reference", split, split, names)
    model = NETWORKS[network].model()
    loss = getattr(losses, NETWORKS[network].loss)(**NETWORKS[network].loss_options)
    load_state_dict(model, under(entries, "state"))
    optimizer = SGD(model.parameters(), LR, MOMENTUM)
    trainer = Trainer(model, optimizer, data, BATCH, np.random.default_rng(0), loss)
    trainer.step()
    return trainer.record_step()


def matrix(images: Array) -> Array:
    """(N, C, OH, OW) as (C, N·OH·OW)."""
    return images.swapaxes(0, 1).reshape(images.shape[1], -1)


def in_our_order(unfolded: Array) -> Array:
    """Columns as PyTorch has them, (N, C·KH·KW, OH·OW), as X^(col), (C·KH·KW, N·OH·OW)."""
    return unfolded.swapaxes(0, 1).reshape(unfolded.shape[1], -1)


# What a kind of layer has besides its input, its output and their gradients.


def conv(e: Entries, trace: StepTrace, layer: str) -> Entries:
    weight, col = e["before/weight"], in_our_order(e["unfold"])
    own = {
        "kernels": weight,
        "K": weight.reshape(len(weight), -1),
        "X_col": col,
        "K_X_col": in_our_order(e["product"]),
        "g_X_out_matrix": matrix(e["output_grad"]),
        "g_K": e["grad/weight"].reshape(len(weight), -1),
        "g_weight": e["grad/weight"],
        "g_X_col": in_our_order(e["unfold_grad"]),
        "visits": e["visits"],
    }
    biased = {"bias": e["before/bias"], "g_bias": e["grad/bias"]} if "before/bias" in e else {}
    return own | biased


def linear(e: Entries, trace: StepTrace, layer: str) -> Entries:
    params = {name: e[f"before/{name}"] for name in ("weight", "bias") if f"before/{name}" in e}
    return params | {f"g_{name}": e[f"grad/{name}"] for name in params}


def sample_norm(e: Entries, trace: StepTrace, layer: str) -> Entries:
    # Without `affine` there are none.
    names = {"weight": "gamma", "bias": "beta"}
    params = {ours: name for name, ours in names.items() if f"before/{name}" in e}
    return {
        **{key: e[key] for key in ("mean", "centred", "var", "inv_std", "x_hat")},
        **{ours: e[f"before/{name}"] for ours, name in params.items()},
        **{f"g_{ours}": e[f"grad/{name}"] for ours, name in params.items()},
        "g_x_hat": e["x_hat_grad"],
        "term_direct": e["along_x"],
        "term_mean": e["along_mean"],
        "term_var": e["along_var"],
    }


def batch_norm(e: Entries, trace: StepTrace, layer: str) -> Entries:
    running = ("running_mean_before", "running_var_before", "running_mean", "running_var")
    return sample_norm(e, trace, layer) | {
        **{key: e[key] for key in (*running, "inv_std_eval")},
        "X_out_eval": e["output_eval"],
        "eval_change": e["output_eval"] - e["output"],
    }


def softmax(e: Entries, trace: StepTrace, layer: str) -> Entries:
    return {key: e[key] for key in ("max", "exp", "inv_sum", "dot")}


def activation(e: Entries, trace: StepTrace, layer: str) -> Entries:
    n, c = e["slope"].shape[:2]
    zero = (e["slope"] == 0).reshape(n, c, -1)
    return {"gate": e["slope"], "closed": zero.mean(2), "dead": zero.all(0).mean(1)}


def max_pool(e: Entries, trace: StepTrace, layer: str) -> Entries:
    ours, places = trace.layers[layer], e["places"]
    assert isinstance(ours, Pool2d)
    y, x = np.divmod(places, e["input"].shape[3])
    i, j = np.indices(places.shape)[2:]
    s = y + ours.padding[0] - i * ours.stride[0]
    t = x + ours.padding[1] - j * ours.stride[1]
    mask = np.zeros(e["input"].shape)
    n, c = np.indices(places.shape)[:2]
    np.add.at(mask, (n, c, y, x), 1)
    return {"winner": s * ours.kernel_size[1] + t, "mask": mask}


def avg_pool(e: Entries, trace: StepTrace, layer: str) -> Entries:
    # There is no such array where all windows have one share.
    return {} if (e["share"] == e["share"][0, 0]).all() else {"share": e["share"]}


def residual(e: Entries, trace: StepTrace, layer: str) -> Entries:
    branches = {
        name: under(reference_of(trace), f"{layer}.{name}") for name in ("body", "shortcut")
    }
    return {name: branch["output"] for name, branch in branches.items()} | {
        f"g_{name}": branch["input_grad"] for name, branch in branches.items()
    }


def concat(e: Entries, trace: StepTrace, layer: str) -> Entries:
    arrays: Entries = {}
    for name in trace.layers[layer].children():
        branch = under(reference_of(trace), f"{layer}.{name}")
        arrays |= {name: branch["output"], f"g_{name}": branch["output_grad"]}
        arrays[f"term_{name}"] = branch["input_grad"]
    return arrays


def plain(e: Entries, trace: StepTrace, layer: str) -> Entries:
    return {}


KINDS: dict[str, Callable[[Entries, StepTrace, str], Entries]] = {
    "conv": conv,
    "linear": linear,
    "bn": batch_norm,
    "bn1d": batch_norm,
    "groupnorm": sample_norm,
    "layernorm": sample_norm,
    "pool": max_pool,
    "avgpool": avg_pool,
    "softmax": softmax,
    "residual": residual,
    "concat": concat,
    **dict.fromkeys(["relu", "leaky", "sigmoid", "tanh", "gelu"], activation),
    **dict.fromkeys(["gap", "flatten", "identity", "upsample"], plain),
}


def network_of(trace: StepTrace) -> str:
    return next(name for name in NETWORKS if recorded(name) is trace)


def reference_of(trace: StepTrace) -> Entries:
    return reference(network_of(trace))


def of_layer(trace: StepTrace, stage: Stage) -> Entries:
    e = under(reference_of(trace), stage.layer)
    ends = {
        "X_in": e["input"],
        "X_out": e["output"],
        "g_X_in": e["input_grad"],
        "g_X_out": e["output_grad"],
    }
    return ends | KINDS[stage.kind](e, trace, stage.layer)


# What a kind of loss has.


def cross_entropy(e: Entries, labels: Array) -> Entries:
    most = e["output"].max(1)
    log_sum = e["log_sum"] - most
    return {
        "logits": e["output"],
        "max": most,
        "exp": np.exp(e["output"] - most[:, None]),
        "inv_sum": np.exp(-log_sum),
        "probabilities": e["probabilities"],
        "targets": labels,
        "log_sum": log_sum,
        "sample_losses": e["losses"],
        "loss": e["loss"],
        "g_logits": e["output_grad"],
    }


def smoothed(e: Entries, labels: Array) -> Entries:
    # Read off the gradient, (p - q) / N.
    targets = e["probabilities"] - e["output_grad"] * BATCH
    return cross_entropy(e, labels) | {"target_probabilities": targets}


def binary(e: Entries, labels: Array) -> Entries:
    return {
        "logits": e["output"],
        "sigmoid_probabilities": e["probabilities"],
        "labels": labels,
        "targets": e["targets"],
        "element_losses": e["losses"],
        "loss": e["loss"],
        "g_logits": e["output_grad"],
    }


def difference(e: Entries, labels: Array) -> Entries:
    return {
        "X_out": e["output"],
        "labels": labels,
        "targets": e["targets"],
        "difference": e["output"] - e["targets"],
        "loss": e["loss"],
        "g_X_out": e["output_grad"],
    }


KINDS_OF_LOSS: dict[str, Callable[[Entries, Array], Entries]] = {
    "CrossEntropyLoss": cross_entropy,
    "CrossEntropyLoss label_smoothing": smoothed,
    "BCEWithLogitsLoss": binary,
    "MSELoss": difference,
    "L1Loss": difference,
}


def kind_of_loss(network: str) -> str:
    return " ".join([NETWORKS[network].loss, *NETWORKS[network].loss_options])


def of_loss(trace: StepTrace) -> Entries:
    entries = reference_of(trace)
    kind = KINDS_OF_LOSS[kind_of_loss(network_of(trace))]
    return kind(under(entries, "loss"), entries["labels"][1])


def of_update(trace: StepTrace, stage: Stage, param: str) -> Entries:
    e = under(reference_of(trace), stage.layer)
    step = e[f"after/{param}"] - e[f"before/{param}"]
    return {
        "before": e[f"before/{param}"],
        "gradient": e[f"grad/{param}"],
        "velocity_before": e[f"velocity_before/{param}"],
        "velocity": e[f"velocity/{param}"],
        "step": step,
        "after": e[f"after/{param}"],
        "ratio": np.sqrt(np.mean(step**2) / np.mean(e[f"after/{param}"] ** 2)),
    }


def expected(trace: StepTrace, stage: Stage, inner: str) -> Entries:
    if stage.phase == "loss":
        return of_loss(trace)
    return of_update(trace, stage, inner) if stage.phase == "update" else of_layer(trace, stage)


def is_gradient(name: str) -> bool:
    return name.startswith(("g_", "term_")) or name == "dot"


def magnitude(trace: StepTrace, stage: Stage, key: str, wanted: Entries) -> float:
    """The largest magnitude of what an array is made of, itself a sum that may cancel."""
    of_param = {f"g_{name}" for name in ("weight", "K", "bias", "gamma", "beta")}
    if stage.phase == "update":
        if key not in {"gradient", "velocity_before", "velocity"}:
            # The reference takes the step from the numbers before and behind it.
            return 1.0 if key == "ratio" else largest(wanted["before"], wanted["after"])
        size = largest(wanted[key])
    else:
        size = largest(*(a for name, a in wanted.items() if is_gradient(name) == is_gradient(key)))
        if stage.phase == "forward" or key not in of_param:
            return size
    # One term for each sample and each position.
    g = under(reference_of(trace), stage.layer)["output_grad"]
    return max(size, largest(np.abs(g).sum(axis=tuple(a for a in range(g.ndim) if a != 1))))


STAGES = [
    pytest.param(name, stage, id=f"{name}-{stage.phase}-{stage.layer}")
    for name in NETWORKS
    for stage in recorded(name).stages
]


@pytest.mark.parametrize(("network", "stage"), STAGES)
def test_every_array_is_pytorchs(network: str, stage: Stage) -> None:
    trace = recorded(network)
    assert stage.inner
    for inner, arrays in stage.inner.items():
        wanted = expected(trace, stage, inner)
        unknown = arrays.keys() - wanted.keys()
        assert not unknown, f"say what PyTorch has for {', '.join(unknown)} in this file"
        for key, array in arrays.items():
            assert array.shape == wanted[key].shape, f"{inner}: {key}"
            size = magnitude(trace, stage, key, wanted)
            # Each layer passes on the roundings of the layers before it; where large terms cancel,
            # as in a norm or softmax, they are larger against what is left.
            assert_close(array, wanted[key], magnitude=size, roundings=1024, what=f"{inner}: {key}")


@pytest.mark.parametrize("network", NETWORKS)
def test_the_numbers_of_the_iteration(network: str) -> None:
    trace, entries = recorded(network), reference(network)
    assert_close(trace.loss, entries["loss/loss"])
    right = entries["loss/output"].argmax(1) == entries["labels"][1]
    assert trace.accuracy == right.mean()
    assert trace.targets.tolist() == entries["labels"][1].tolist()


def test_every_layer_loss_and_phase_is_compared() -> None:
    stages = [stage for name in NETWORKS for stage in recorded(name).stages]
    assert {stage.kind for stage in stages} == own_layers() - {"dropout"} | {"loss"}
    assert {stage.phase for stage in stages} == {"forward", "loss", "backward", "update"}
    assert {kind_of_loss(name) for name in NETWORKS} == KINDS_OF_LOSS.keys()


@pytest.mark.parametrize("network", NETWORKS)
def test_everything_that_pytorch_has_is_recorded(network: str) -> None:
    trace = recorded(network)
    recorded_names: dict[str, set[str]] = defaultdict(set)
    wanted: dict[str, set[str]] = defaultdict(set)
    for stage in trace.stages:
        if stage.phase != "update":
            recorded_names[stage.layer] |= set(stage.names)
            wanted[stage.layer] |= expected(trace, stage, "").keys()
    assert recorded_names == wanted
