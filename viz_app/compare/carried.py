"""A person's own weights in a second run with another network, as far as they have room there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from core.errors import listed
from core.io.state.names import own_name
from core.io.state.optimizer import PREFIX, param_of
from core.io.text import parse_model
from core.io.weights import state_dict, weights_of
from core.layer import Layer
from core.model import Model
from core.training.trainer import Trainer
from viz_app.compare.traces import paired
from viz_app.run.recipe import Recipe
from viz_app.run.weights import State, Weights

# So many params that are drawn anew are named.
_MOST_NAMED = 6


@dataclass(frozen=True, eq=False)
class Carried(Weights):
    """Weights from which a run with another network begins; what it has besides, the seed draws.

    Attributes:
        whole: the weights.
        text: of the network that they fit.
        shape: of the samples that it takes.
    """

    whole: Weights | None = None
    text: str = ""
    shape: tuple[int, ...] = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Carried) or other.whole is not self.whole:
            return False
        return (other.text, other.shape) == (self.text, self.shape)

    def __hash__(self) -> int:
        return hash((self.text, self.shape))

    def put_into(self, trainer: Trainer) -> str:
        """Set what there is room for in the model and its optimiser; see `Weights.put_into`."""
        return Weights(self.name, self._state_for(trainer.model)).put_into(trainer)

    def gives(self, model: Model, layer: str, param: str) -> bool:
        """Return whether a param has its numbers from here; see `Weights.gives`."""
        taken = _pairs(self._model, model).values()
        return _names(model).get(f"{layer}.{param}") in taken

    def words(self, model: Model) -> str:
        """Return what begins from these weights and what does not, as people read it.

        Args:
            model: of the second run.
        """
        names, taken = _names(model), set(_pairs(self._model, model).values())
        trained = {name for name, _ in model.named_parameters()}
        drawn = [said for said, name in names.items() if name in trained - taken]
        if not drawn:
            return f"Run B begins from {self.name} as well."
        what = "Nothing" if trained.isdisjoint(taken) else "All else"
        return (
            f"{what} of run B begins from {self.name}: the seed draws {listed(drawn, _MOST_NAMED)}."
        )

    @cached_property
    def _model(self) -> Model:
        """The model that the weights fit; its own numbers do not count."""
        return parse_model(self.text, self.shape, np.random.default_rng(0))

    def _state_for(self, model: Model) -> State:
        """Return a whole state of another model."""
        entries, pairs = state_dict(self._model), _pairs(self._model, model)
        found, _ = self.matched(self._model, self.shape)
        carried = dict[str, Any]()
        for name, value in weights_of(found, entries).items():
            own = own_name(name, entries, found)
            if own in pairs:
                carried[pairs[own]] = value
        for name, value in found.items():
            if name in entries or not name.startswith(PREFIX):
                continue
            param = param_of(name)
            own = own_name(param, entries, found)
            if not param or own in pairs:
                carried[name.removesuffix(param) + pairs.get(own, "")] = value
        return state_dict(model) | carried


def carried(first: Recipe, second: Recipe) -> Recipe:
    """Return the recipe of a second run, with the weights of the first as far as they have room.

    Args:
        first: of the first run.
        second: of the second run, with another network.
    """
    weights, text = first.weights, first.network_text()
    if weights is None or not text:
        return second
    shape = first.data.input_shape
    if _are_alike(text, second.network_text(), shape):
        return second.with_(weights=weights)
    return second.with_(weights=Carried(weights.name, weights.state, "", weights, text, shape))


# Asked at each step of a comparison, with the same texts.
@lru_cache(maxsize=16)
def _are_alike(text: str, other: str, shape: tuple[int, ...]) -> bool:
    """Return whether weights that fit one network are all that another one has, by name."""
    first, second = (parse_model(one, shape, np.random.default_rng(0)) for one in (text, other))
    names = {name: name for name in state_dict(first)}
    return _pairs(first, second) == names == {name: name for name in state_dict(second)}


def _pairs(first: Model, second: Model) -> dict[str, str]:
    """Return which entry of a second model each of the first one has room in, by their names."""
    layers = paired(_kinds(first), _kinds(second))
    names, others = _names(first), _names(second)
    shapes = {name: np.shape(array) for name, array in state_dict(first).items()}
    rooms = {name: np.shape(array) for name, array in state_dict(second).items()}
    found = dict[str, str]()
    for said, name in names.items():
        layer, _, leaf = said.rpartition(".")
        other = others.get(f"{layers.get(layer)}.{leaf}")
        if other is not None and shapes[name] == rooms[other]:
            found[name] = other
    return found


def _kinds(model: Model) -> dict[str, str]:
    return {layer.name: type(layer).__name__ for layer in model.walk() if layer.name}


def _names(layer: Layer, place: str = "") -> dict[str, str]:
    """Return the names of the entries of a state by those with the name of the layer in front."""
    found = {f"{layer.name}.{leaf}": place + leaf for leaf in (*layer.params, *layer.state)}
    for inside, child in layer.children().items():
        found |= _names(child, f"{place}{inside}.")
    return found
