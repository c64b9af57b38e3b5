"""The dashboard on any model: in a notebook, from a script, or in a served app."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from os import PathLike
from typing import Any

import panel as pn
from numpy.typing import ArrayLike, DTypeLike
from panel.viewable import Viewable

from core.data import DataSet
from core.errors import DataError, ShapeError, SpecError, StateError
from core.io.files import File, name_of
from core.io.parts import make_loss
from core.io.state.file import read_with_comment
from core.losses import CrossEntropyLoss, Loss
from core.model import Model
from core.optim import Optimizer
from core.schedule import Schedule
from core.training.arguments import (
    A_LOSS,
    AN_OPTIMISER,
    FROM_TORCH,
    is_of_torch,
    is_whole,
    wrong_kind,
)
from viz_app.batch import advice_for, check_classes, data_set
from viz_app.dashboard import Dashboard
from viz_app.run.recipe import MakeOptimizer, Recipe
from viz_app.run.run import Run
from viz_app.run.settings import SETTINGS
from viz_app.run.weights import Weights
from viz_app.viewer import Viewer

RATE, BATCH = 0.02, 8


class Explorer:
    """A dashboard on one run; several may stand in one page.

    Whatever is done to the run by one page that shows it, or by code, all others show too. The last
    expression of a notebook's cell shows it; in a script `show()` opens it in a browser, in an app
    for `panel serve` `servable()` makes it the page.

    Attributes:
        run: the run, to step it from code.
        viewer: who looks at it: `explorer.viewer.step()` moves the dashboard too.
    """

    def __init__(self, recipe: Recipe) -> None:
        self.run = Run(recipe)
        self.viewer = Viewer(self.run)
        self._dashboard: Dashboard | None = None

    def panel(self) -> Viewable:
        """Return the dashboard as a Panel object, to put it into a layout of one's own.

        Where a layout is served to several visitors, serve a function that makes it: each page
        needs a dashboard of its own, because no two can share a chart.
        """
        page = pn.state.curdoc
        if page and page.session_context:
            return Dashboard(self.viewer, owns_page=False).page()
        if self._dashboard is None:
            self._dashboard = Dashboard(self.viewer, owns_page=False)
        return self._dashboard.page()

    # The name by which Panel finds the object to show.
    __panel__ = panel

    def show(self, **options: Any) -> object:
        """Serve it and open it in a browser; blocks until it is stopped.

        All who open the page share this one run.

        Args:
            **options: of `panel.serve`, such as `port` or `threaded=True`.
        """
        return pn.serve(self.panel, title="ConvScope", **options)

    def servable(self) -> Explorer:
        """Make it a part of the page that `panel serve` shows.

        `panel serve` runs the file for each visitor, so each has a run of their own.
        """
        self.panel().servable(title="ConvScope", location=False)
        return self

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> Mapping[str, object] | None:
        shown: Any = self.panel()
        bundle: Mapping[str, object] | None = shown._repr_mimebundle_(include, exclude)
        return bundle


def explore(
    model: Model | str,
    data: DataSet | tuple[ArrayLike, ArrayLike],
    *,
    loss: str | Loss | None = None,
    optimizer: str | Optimizer | MakeOptimizer | None = None,
    batch_size: int = BATCH,
    learning_rate: float | None = None,
    schedule: str | Schedule | None = None,
    seed: int = 0,
    dtype: DTypeLike = "float64",
    weights: File | None = None,
) -> Explorer:
    """Return the dashboard on a run of any model.

    The model is copied: training in the dashboard leaves the one that is passed as it is. In a
    notebook, load Panel once before, with everything it needs inside the notebook:
    `import panel; panel.extension(inline=True)`.

    Args:
        model: a model, also of layers of your own, or the text of one; `{classes}` in a text
            becomes the number of classes.
        data: a data set; or a batch, images (N, C, H, W) and labels (N,), arrays or tensors of
            PyTorch, which are copied, and are the test split too.
        loss: a loss, or its text, such as "mse" (see `core.io.parts`); cross-entropy if None.
        optimizer: over the model's params; or what makes one of params and learning rate, such as
            `Adam`; or its text, such as "adam beta1 0.8". SGD with momentum 0.9 if None.
        batch_size: samples of a step; all of them if there are fewer.
        learning_rate: that of the optimiser if None, or 0.02. Not beside a function as a schedule.
        schedule: learning rate by iteration, counted from 0; or a text, such as "cosine 300".
        seed: of the order of the samples, and of the first weights of a text.
        dtype: "float64" or "float32", or NumPy's type of that name.
        weights: a file of weights, and maybe of the optimiser's state, from which the run begins: a
            path, or a file opened in binary mode, `.npz` or `.safetensors`. Their names may be
            others if shapes and order fit. Those of the model if None.

    Raises:
        StateError: the weights do not fit the model; the message names the first misfit.
        OSError: the file of weights cannot be opened.
        SpecError: a text describes no model that fits the data.
        DataError, ShapeError: the data cannot be used.
        TypeError: an argument is of another kind, or cannot be copied.
        ValueError: a setting is out of range.
    """
    if not isinstance(model, Model | str):
        kind = "a Model, or the text of one, such as 'relu'"
        raise TypeError(wrong_kind("model", model, kind, FROM_TORCH))
    is_pair = not isinstance(data, DataSet)
    data = data if isinstance(data, DataSet) else data_set(data)
    is_made = isinstance(optimizer, str | Optimizer | None)
    if is_of_torch(optimizer) or (not is_made and not callable(optimizer)):
        raise TypeError(
            wrong_kind(
                "optimizer", optimizer, f"{AN_OPTIMISER}, or what makes one, such as core.Adam"
            )
        )
    if not isinstance(loss, str | Loss | None):
        raise TypeError(wrong_kind("loss", loss, f"{A_LOSS}, or a text, such as 'mse'"))
    if learning_rate is not None and not isinstance(schedule, str | None):
        raise ValueError(
            f"learning_rate is {learning_rate!r} beside a schedule, which decides the rate of "
            "every iteration: leave one of them out"
        )
    if is_whole(batch_size, 1):
        batch_size = min(batch_size, len(data.train))
    given: dict[str, Any] = {"batch_size": batch_size, "seed": seed, "dtype": dtype}
    if learning_rate is not None:
        given["learning_rate"] = learning_rate
    rate = optimizer.lr if isinstance(optimizer, Optimizer) else RATE
    settings: dict[str, Any] = {"learning_rate": rate}
    parts = {
        "optimizer": "sgd momentum 0.9" if optimizer is None else optimizer,
        "loss": "cross_entropy" if loss is None else loss,
        "schedule": "constant" if schedule is None else schedule,
    }
    given |= {name: part for name, part in parts.items() if isinstance(part, str)}
    settings |= parts
    settings |= {name: SETTINGS[name].check(value, data) for name, value in given.items()}
    if is_pair and _is_cross_entropy(settings["loss"]):
        check_classes(data.train.labels)
    if weights is not None:
        settings["weights"] = _weights(weights)
    recipe = Recipe(model, data, **settings)
    _warn_of(recipe)
    try:
        return Explorer(recipe)
    except (SpecError, ShapeError) as error:
        advice = advice_for(data)
        if not advice:
            raise
        raise DataError(f"{error}\n{advice}") from error


def _weights(file: File) -> Weights:
    if not isinstance(file, str | PathLike) and not hasattr(file, "read"):
        kind = "a file of weights; those in memory go into a model: model.load_state_dict(weights)"
        raise TypeError(wrong_kind("weights", file, kind))
    return Weights(name_of(file), *read_with_comment(file))


def _warn_of(recipe: Recipe) -> None:
    """Warn of what a file of weights does not say, or says otherwise than it is used.

    Raises:
        StateError: the weights do not fit the model.
    """
    weights = recipe.weights
    if weights is None:
        return
    try:
        said = weights.put_into(recipe.with_(weights=None).trainer())
    except StateError as error:
        raise StateError(f"the file {weights.name} does not fit: {error}") from error
    if said:
        warnings.warn(said, stacklevel=3)


def _is_cross_entropy(loss: str | Loss) -> bool:
    """Return whether a loss compares with the numbers of classes, and with nothing else."""
    made = make_loss(loss) if isinstance(loss, str) else loss
    return type(made) is CrossEntropyLoss
