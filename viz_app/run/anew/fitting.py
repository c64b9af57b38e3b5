"""Begins a run from the person's own weights as long as these fit, and says how it fits."""

from __future__ import annotations

from core.errors import StateError
from viz_app.run.recipe import Recipe
from viz_app.run.run import Run
from viz_app.words import joined


def begin_fitting(run: Run, recipe: Recipe) -> str:
    """Make a run anew, from the person's own weights as long as they fit; return what to say.

    Raises:
        SpecError, DataError, DivergenceError, ValueError: as `Run.begin`; nothing has changed.
    """
    said = ""
    try:
        run.begin(recipe)
    except StateError as error:
        if recipe.weights is None:
            raise
        run.begin(recipe.with_(weights=None))
        said = (
            f"The file {recipe.weights.name} does not fit ({error}): the run begins from "
            "weights that the seed draws."
        )
    return joined(said, idle_outputs(run))


def idle_outputs(run: Run) -> str:
    """Return what should be said of outputs that stand for no class; empty if all do."""
    recipe: Recipe = run.recipe
    return recipe.idle_outputs(run.history.trainer.model)
