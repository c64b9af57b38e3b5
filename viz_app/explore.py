"""The dashboard on any model: in a notebook, from a script, or in a served app."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import panel as pn
from numpy.typing import ArrayLike, DTypeLike, NDArray
from panel.viewable import Viewable

from core.data import DataSet, Split
from core.errors import DataError
from core.losses import Loss
from core.model import Model
from core.optim import Optimizer
from core.schedule import Schedule
from core.training.arguments import is_whole, wrong_kind
from viz_app.dashboard import Dashboard
from viz_app.run.recipe import MakeOptimizer, Recipe
from viz_app.run.run import Run
from viz_app.run.settings import SETTINGS
from viz_app.viewer import Viewer

RATE, BATCH = 0.02, 8
MOST_CLASSES = 1000


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

    Raises:
        SpecError: a text describes no model that fits the data.
        DataError, ShapeError: the data cannot be used.
        TypeError: an argument is of another kind, or cannot be copied.
        ValueError: a setting is out of range.
    """
    if not isinstance(model, Model | str):
        raise TypeError(wrong_kind("model", model, "a Model, or the text of one, such as 'relu'"))
    data = data if isinstance(data, DataSet) else _data_set(data)
    if not isinstance(optimizer, str | Optimizer | None) and not callable(optimizer):
        raise TypeError(
            wrong_kind(
                "optimizer",
                optimizer,
                "an optimiser over the model's params, such as Adam(model.parameters()), or what "
                "makes one, such as Adam",
            )
        )
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
    return Explorer(Recipe(model, data, **settings))


def _data_set(data: object) -> DataSet:
    """Return a data set of copies: what is done with the arrays later changes no run."""
    if not isinstance(data, tuple | list) or len(data) != 2:
        raise TypeError(
            wrong_kind(
                "data",
                data,
                'a DataSet, such as load_dataset("digits"), or a pair: images (N, C, H, W) and '
                "labels (N,)",
            )
        )
    split = Split(*map(_copied, data))
    return DataSet("own", "Own data", split, split, _names(split))


def _copied(array: ArrayLike) -> NDArray[Any]:
    """Return a copy as an array; of a tensor of PyTorch too, which may need a gradient."""
    detach = getattr(array, "detach", None)
    return np.array(array if detach is None else detach().cpu().numpy())


def _names(split: Split) -> tuple[str, ...]:
    """Return names of the classes where labels are whole numbers; none for a regression."""
    if split.labels.dtype.kind not in "iu" or split.labels.ndim > 1:
        return ()
    most = int(split.labels.max())
    if not 0 <= most < MOST_CLASSES:
        raise DataError(
            f"the largest label is {most}; expected classes numbered from 0, fewer than "
            f"{MOST_CLASSES}; for a regression pass labels as floats"
        )
    return tuple(map(str, range(most + 1)))
