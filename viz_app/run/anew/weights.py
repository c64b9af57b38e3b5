"""Begins a run anew from a person's own weights, or finds a network that they fit."""

from __future__ import annotations

from contextlib import suppress

from core.errors import StateError
from core.io.state.guess import guess_model
from viz_app.run.anew.fitting import idle_outputs
from viz_app.run.cost import Limits
from viz_app.run.past.leaving import begin_instead
from viz_app.run.presets import with_network
from viz_app.run.recipe import Recipe
from viz_app.run.run import Run
from viz_app.run.weights import Weights
from viz_app.words import joined


def use_weights(run: Run, weights: Weights | None, network: str = "") -> str:
    """Begin a run anew from a person's own weights, with the settings as they are.

    Args:
        run: the run.
        weights: where it begins; None for those that the seed draws.
        network: text of the network to train; the present one if empty.

    Returns:
        What should be said about it; empty as a rule.

    Raises:
        StateError: they do not fit the network; a text that would fit comes along, if there is
            one. Nothing has changed.
        SpecError, DivergenceError, ValueError: as `Run.begin`; nothing has changed.
    """
    recipe = run.recipe_now().with_(weights=weights)
    recipe = with_network(recipe, network) if network else recipe

    def begin() -> str:
        try:
            run.begin(recipe)
        except StateError as error:
            if weights is None:
                raise
            text, note = _guess(recipe, weights, run.limits)
            # No network is in the way where the weights themselves are at fault.
            raise StateError(str(error), text, "" if note == str(error) else note) from error
        said = weights.put_into(recipe.trainer(run.limits)) if weights else ""
        return joined(said, idle_outputs(run))

    if weights is None:
        return begin_instead(run, "weights that the seed draws", begin)
    has_state = weights.has_state_of(run.history.trainer.optimizer)
    state = f"{'with' if has_state else 'without'} the optimiser's state"
    return begin_instead(run, f"weights of {weights.name}, {state}", begin, is_told=True)


def _guess(recipe: Recipe, weights: Weights, limits: Limits) -> tuple[str, str]:
    """Return the text of a network that the weights of a recipe fit, and what to say of it."""
    if weights.network:
        with suppress(ValueError):
            return _offer(recipe, weights.network, "This is what the file names.", limits)
    try:
        guess = guess_model(weights.state, recipe.data.input_shape)
        return _offer(recipe, guess.text, guess.note, limits)
    except ValueError as error:
        return "", str(error)


def _offer(recipe: Recipe, network: str, note: str, limits: Limits) -> tuple[str, str]:
    """Return a network and what to say of it, if the weights of a recipe fit it.

    Raises:
        ValueError: it is none, or they do not.
    """
    offered = with_network(recipe, network)
    return network, joined(note, offered.idle_outputs(offered.trainer(limits).model))
