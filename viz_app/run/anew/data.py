"""Begins a run anew with other data: a bundled data set, or a person's own."""

from __future__ import annotations

from core.data import DataSet, load_dataset
from core.errors import SpecError
from viz_app.run.anew.fitting import begin_fitting
from viz_app.run.past.leaving import begin_instead
from viz_app.run.presets import DEFAULT, PRESETS, with_preset
from viz_app.run.recipe import OWN_DATA, Recipe
from viz_app.run.run import Run


def use_data(run: Run, data: DataSet) -> str:
    """Begin a run anew with a person's own data; return what should be said about it.

    Raises:
        SpecError: the network does not fit it; nothing has changed.
        ValueError: a step with it would cost too much; nothing has changed.
    """
    return begin_instead(run, f"data set {data.title}", lambda: begin_with(run, OWN_DATA, data))


def forget_data(run: Run) -> str:
    """Remove the person's own data; a run on them gives way to one on the preset's data.

    A network that does not fit these gives way to the preset's.

    Returns:
        What should be said about it; empty as a rule.
    """
    said = ""
    if run.recipe.dataset == OWN_DATA:
        recipe: Recipe = run.recipe
        name = recipe.preset or recipe.base or DEFAULT
        data = load_dataset(PRESETS[name].dataset)
        words = f"data set {data.title}"
        said = begin_instead(run, words, lambda: _begin_with_presets(run, recipe, name, data))
    else:
        # Nor does anything else bring them back.
        run.past.forget(run.own)
    run.own = None
    return said


def begin_with(run: Run, name: str, data: DataSet) -> str:
    """Make a run anew with a data set; return what should be said of how.

    Args:
        run: the run.
        name: of the data set, as `Recipe.dataset` has it.
        data: the data set.

    Raises:
        SpecError, DataError, DivergenceError, ValueError: as `Run.begin`; nothing has changed.
    """
    recipe = run.recipe_now()
    batch_size = min(recipe.batch_size, len(data.train))
    return begin_fitting(run, recipe.with_(batch_size=batch_size, data=data, dataset=name))


def _begin_with_presets(run: Run, recipe: Recipe, name: str, data: DataSet) -> str:
    """Make a run anew with a preset's data; return what should be said of how."""
    try:
        return begin_with(run, PRESETS[name].dataset, data)
    except (SpecError, ValueError) as error:
        run.begin(with_preset(recipe, name))
        return f"The network does not fit the preset's data ({error}): its own is trained."
