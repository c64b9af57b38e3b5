"""Guesses the text of a model from the shapes of a state, to be offered, never to be relied on.

Each layer with weights shows itself by its shapes. They do not tell what has none: padding, stride,
pooling, activations. Of those the plainest are taken with which the sizes work out for the images
at hand, and the note says which.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

import numpy as np

from core.errors import StateError
from core.io.state.names import LEAVES, Shape, orders, shape_list
from core.io.state.sizes import Convolution, Sizes, find_sizes
from core.io.weights import weights_of
from core.spec_item import pair_text

# Layers with weights; a chain of more is not looked for.
MOST_LAYERS = 150
# Steps of the search for an order in which each layer takes what the one before gives.
MOST_STEPS = 5000
# Names of layers that are on a branch, with a number behind it or not: no chain.
BRANCHES = re.compile(r"(shortcut|downsample|branch|skip|body)_?\d*")
# The number of groups of a group norm, which its shapes do not tell.
GROUPS = 8


@dataclass(frozen=True)
class Guess:
    """A model that a state may be of.

    Attributes:
        text: of the model.
        note: what the shapes do not tell, and what was taken.
        order: the names of the state in the order of the model; see `match_by_order`.
    """

    text: str
    note: str
    order: tuple[str, ...]


@dataclass(frozen=True)
class _Layer:
    """The arrays of one layer of a state: their names and shapes by the last part of the name."""

    name: str
    names: Mapping[str, str] = field(default_factory=dict)
    shapes: Mapping[str, Shape] = field(default_factory=dict)

    @property
    def weight(self) -> Shape:
        return self.shapes["weight"]

    @property
    def is_conv(self) -> bool:
        return len(self.weight) == 4

    @property
    def is_linear(self) -> bool:
        return len(self.weight) == 2

    @property
    def ending(self) -> str:
        return "" if "bias" in self.shapes else " nobias"


@dataclass(frozen=True)
class _Place:
    """Where a chain of layers has come to.

    Attributes:
        channels: of the images there, or features of a vector.
        sizes: of the convolutions in front, once the images are flattened.
        layers: so far.
    """

    channels: int
    sizes: Sizes | None = None
    layers: tuple[_Layer, ...] = ()


def guess_model(state: Mapping[str, Any], input_shape: Shape) -> Guess:
    """Return a model text that the shapes of a state fit.

        guess = guess_model(read_state("net.safetensors"), (1, 28, 28))
        model = parse_model(guess.text, (1, 28, 28))
        model.load_state_dict(match_by_order(model, {name: state[name] for name in guess.order}))

    Args:
        state: arrays by name, in any order.
        input_shape: (C, H, W) of one sample, or (F,).

    Raises:
        StateError: no chain of layers of `core` has these shapes; the message says what is in the
            way.
    """
    shapes = {name: np.shape(value) for name, value in weights_of(state).items()}
    refused = "a network for them cannot be guessed"
    for k, names in enumerate(orders(shapes)):
        layers = _layers(names, shapes)
        found = next(_chains(layers, _Place(input_shape[0]), input_shape, [MOST_STEPS]), None)
        if found is not None:
            return _guess(found, layers, input_shape, is_sorted=k > 0)
    first = next((layer for layer in layers if layer.is_conv or layer.is_linear), None)
    if first is None:
        raise StateError(f"{refused}: there is neither a convolution nor a linear layer")
    wanted = "×".join(map(str, input_shape))
    raise StateError(
        f"{refused}: no order, padding, stride or pooling makes a chain of {shape_list(shapes)} "
        f"that begins with images of {wanted}; choose data of the size that they were trained on"
    )


def _layers(names: list[str], shapes: Mapping[str, Shape]) -> list[_Layer]:
    """Return the layers of a state in the order of some names.

    Raises:
        StateError: a layer is none that `core` has in a chain.
    """
    found = dict[str, _Layer]()
    for name in names:
        front, _, leaf = name.rpartition(".")
        layer = found.get(front, _Layer(front))
        found[front] = replace(
            layer,
            names={**layer.names, leaf: name},
            shapes={**layer.shapes, leaf: shapes[name]},
        )
        part = next((part for part in front.split(".") if BRANCHES.fullmatch(part)), None)
        if leaf not in LEAVES or part is not None:
            what = (
                f"a layer on a branch ({part}), and shapes do not tell how branches join"
                if part
                else "no layer that core has"
            )
            raise StateError(
                f"a network for them cannot be guessed: {name} is of {what}; write the network as "
                "text, and load them again"
            )
    for front, layer in found.items():
        if not _is_known(layer):
            raise StateError(
                f"a network for them cannot be guessed: {front or 'the state'} has "
                f"{shape_list(layer.shapes)}, as no layer of core"
            )
    if len(found) > MOST_LAYERS:
        raise StateError(
            f"a network for them is not guessed: {len(found)} layers, at most {MOST_LAYERS}"
        )
    return list(found.values())


def _is_known(layer: _Layer) -> bool:
    shapes = {leaf: shape for leaf, shape in layer.shapes.items() if shape != ()}
    weight = shapes.get("weight", ())
    if len(weight) not in (1, 2, 4) or not all(weight):
        return False
    if len(weight) == 1 and "bias" not in shapes:
        return False
    others = {leaf: shape for leaf, shape in shapes.items() if leaf != "weight"}
    is_norm = len(weight) == 1
    known = LEAVES[1:4] if is_norm else LEAVES[1:2]
    return all(leaf in known and shape == weight[:1] for leaf, shape in others.items())


def _chains(
    rest: list[_Layer], place: _Place, input_shape: Shape, steps: list[int]
) -> Iterator[_Place]:
    """Yield the chains of all layers, those first that keep to their order."""
    if not rest:
        end = _ended(place, input_shape)
        if end is not None:
            yield end
        return
    for k, layer in enumerate(rest):
        steps[0] -= 1
        if steps[0] < 0:
            return
        there = _after(layer, place, input_shape)
        if there is not None:
            yield from _chains(rest[:k] + rest[k + 1 :], there, input_shape, steps)


def _after(layer: _Layer, place: _Place, input_shape: Shape) -> _Place | None:
    """Return where a chain is behind one more layer; None if that does not take what is there."""
    layers, (size, *inputs) = (*place.layers, layer), layer.weight
    is_image = place.sizes is None and len(input_shape) == 3
    if layer.is_conv:
        groups, left = divmod(place.channels, inputs[0])
        fits = is_image and not left and not size % groups
        return _Place(size, None, layers) if fits else None
    if not layer.is_linear:
        return replace(place, layers=layers) if size == place.channels and place.layers else None
    if not is_image:
        return replace(place, channels=size, layers=layers) if inputs[0] == place.channels else None
    area, left = divmod(inputs[0], place.channels)
    sizes = None if left else find_sizes(_convolutions(place.layers), input_shape[1:], area)
    return None if sizes is None else _Place(size, sizes, layers)


def _ended(place: _Place, input_shape: Shape) -> _Place | None:
    """Return the end of a chain as a vector: images are averaged."""
    if place.sizes is not None or len(input_shape) == 1:
        return place
    sizes = find_sizes(_convolutions(place.layers), input_shape[1:], 1)
    return None if sizes is None else replace(place, sizes=sizes)


def _convolutions(layers: tuple[_Layer, ...]) -> list[Convolution]:
    return [Convolution(layer.weight[0], layer.weight[2:]) for layer in layers if layer.is_conv]


def _guess(found: _Place, given: list[_Layer], input_shape: Shape, is_sorted: bool) -> Guess:
    words, notes = _words(found, input_shape), list[str]()
    text = ", ".join(words)
    if found.sizes is not None and found.sizes.choices:
        notes.append(
            "Shapes do not tell padding, stride, dilation and pooling: the plainest were taken "
            f"that make of {'×'.join(map(str, input_shape))} what the layers behind need."
        )
    notes.append(
        "Nor do they tell activations: ReLU is taken behind each layer with weights but the last."
        if notes
        else "Shapes do not tell activations: ReLU is taken behind each layer with weights but the "
        "last."
    )
    notes.append("Nor do they tell branches, such as residual adds: a chain is taken.")
    if "groupnorm" in text:
        notes.append(f"Nor the groups of a group norm: {GROUPS} or fewer are taken.")
    if is_sorted or list(found.layers) != given:
        notes.append("The order of the layers was found from their sizes and names.")
    notes.append("What was trained with other ones computes other numbers here.")
    order = [layer.names[leaf] for layer in found.layers for leaf in LEAVES if leaf in layer.names]
    return Guess(text, " ".join(notes), tuple(order))


def _words(found: _Place, input_shape: Shape) -> list[str]:
    """Return the items of the text of a chain."""
    choices = iter(found.sizes.choices if found.sizes else ())
    weighted = [layer for layer in found.layers if layer.is_conv or layer.is_linear]
    words, pool, channels = list[str](), "", input_shape[0]
    is_image = len(input_shape) == 3
    for k, layer in enumerate(found.layers):
        if layer.is_conv:
            choice, groups = next(choices), channels // layer.weight[1]
            channels, pool = layer.weight[0], choice.pool
            words.append(
                f"conv {channels} k{pair_text((layer.weight[2], layer.weight[3]))}{choice.words}"
                f"{f' g{groups}' if groups > 1 else ''}{layer.ending}"
            )
        elif layer.is_linear:
            if is_image:
                words += _flattened(found.sizes)
            is_image = False
            words.append(f"linear {layer.weight[0]}{layer.ending}")
        else:
            words.append(_norm(layer, is_image))
        behind = found.layers[k + 1 :]
        if not behind or behind[0].is_conv or behind[0].is_linear:
            words += [] if layer is weighted[-1] or not _goes_on(behind) else ["relu"]
            words += [pool] if pool else []
            pool = ""
    if is_image:
        words += _flattened(found.sizes)
    return words


def _goes_on(behind: tuple[_Layer, ...]) -> bool:
    return any(layer.is_conv or layer.is_linear for layer in behind)


def _flattened(sizes: Sizes | None) -> list[str]:
    return ["gap", "flatten"] if sizes is not None and sizes.averages else ["flatten"]


def _norm(layer: _Layer, is_image: bool) -> str:
    if "running_mean" in layer.shapes:
        return "bn" if is_image else "bn1d"
    channels = prod(layer.weight)
    groups = next(n for n in range(min(GROUPS, channels), 0, -1) if channels % n == 0)
    return f"groupnorm {groups}" if is_image else "layernorm"
