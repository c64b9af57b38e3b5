"""One person's state: settings and run; where in it they look is in `viz_app.cursor`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import param

from core.data import DATASETS, DataSet, load_dataset
from core.errors import DataError, DivergenceError, SpecError
from core.inspect.flow import LayerFlow, gradient_flow
from core.inspect.trace import StepTrace
from core.optim import SGD
from core.training.history import History
from core.training.results import Evaluation
from core.training.trainer import Trainer
from viz_app.cursor import Cursor
from viz_app.presets import DEFAULT, PRESETS

SETTINGS = ("preset", "dataset", "learning_rate", "batch_size", "seed")


def sentence(error: Exception) -> str:
    """Return an error's words with a capital letter."""
    words = str(error)
    return words[:1].upper() + words[1:]


def _in_words(value: object) -> str:
    return "empty" if value is None else str(value)


class Session(Cursor):
    """State without widgets; views watch it, controls change it.

    Every change leaves the session whole: what cannot be done puts the old value back and says why
    in `message`.
    """

    preset: Any = param.Selector(default=DEFAULT, objects={p.title: k for k, p in PRESETS.items()})
    dataset: Any = param.Selector(
        default=PRESETS[DEFAULT].dataset, objects={title: k for k, title in DATASETS.items()}
    )
    learning_rate: Any = param.Number(default=PRESETS[DEFAULT].learning_rate, allow_None=True)
    batch_size: Any = param.Integer(default=PRESETS[DEFAULT].batch_size, allow_None=True)
    seed: Any = param.Integer(default=0, allow_None=True)

    playing = param.Boolean(default=False)
    message = param.String(default="", doc="What went wrong and what to do, or nothing.")
    evaluation = param.ClassSelector(class_=Evaluation, default=None, doc="Of the test split.")
    evaluating = param.Boolean(default=False)
    journey = param.Parameter(default=None, doc="The `Journey` to an address, while it is gone.")
    evaluated_at = param.Integer(default=0, doc="Iteration whose model was evaluated.")

    def __init__(self) -> None:
        super().__init__()
        self.flows: list[LayerFlow] = []
        self._own_data: dict[str, DataSet] = {}
        self._evaluation_steps: Iterator[Evaluation] | None = None
        self._applied: dict[str, object] = {}
        self._start()
        self.param.watch(self._on_preset, "preset")
        self.param.watch(self._on_restart, ["dataset", "seed"])
        self.param.watch(self._on_rate, "learning_rate")
        self.param.watch(self._on_batch_size, "batch_size")

    # What views read.

    @property
    def data(self) -> DataSet:
        """The data set in use."""
        return self.history.trainer.data

    # What controls do.

    def reset(self) -> None:
        """Start the run anew with the settings as they are."""
        with param.parameterized.batch_call_watchers(self):
            self.playing, self.journey = False, None
            self._start()

    def goto(self, iteration: int) -> None:
        """Look at an iteration of the past.

        Raises:
            ValueError: the run has no such iteration.
        """
        with param.parameterized.batch_call_watchers(self):
            self._show(self.history.goto(iteration))
            self.message = ""

    def advance(self) -> None:
        """Make the next iteration and look at it.

        Raises:
            DivergenceError: the numbers have outgrown what can be computed; nothing has changed.
        """
        self._show(self.history.advance())

    def next_iteration(self, stage: int | None = None) -> None:
        """Make the next iteration and look at the same stage of it, or at the one given."""
        with param.parameterized.batch_call_watchers(self):
            try:
                self.advance()
                self.message = ""
                if stage is not None:
                    self.go(stage)
            except DivergenceError as error:
                self.playing = False
                self.message = sentence(error)

    def use_data(self, data: DataSet, note: str = "") -> None:
        """Train on a person's own data from now on; it joins the choice of data sets."""
        key, known = f"own {len(self._own_data)}", dict(self.param["dataset"].names)
        copies = sum(own.title == data.title for own in self._own_data.values())
        title = f"{data.title} (yours, {copies + 1})" if copies else f"{data.title} (yours)"
        self._own_data[key] = data
        self.param["dataset"].objects = {**known, title: key}
        self.dataset = key
        if self.data is not data:
            del self._own_data[key]
            self.param["dataset"].objects = known
        elif note:
            self.message = note

    def begin(self, **settings: Any) -> None:
        """Start a run with other settings; those not named are the preset's."""
        preset = PRESETS[settings.get("preset", self.preset)]
        with param.parameterized.discard_events(self):
            self.param.update(
                preset=settings.get("preset", self.preset),
                dataset=settings.get("dataset", preset.dataset),
                learning_rate=settings.get("learning_rate", preset.learning_rate),
                batch_size=settings.get("batch_size", preset.batch_size),
                seed=settings.get("seed", 0),
            )
        self._restart()
        self._tell(SETTINGS)

    def put_change(self, at: int, name: str, value: float) -> None:
        """Change a setting of the run behind its last iteration, `at`, and show it."""
        self.history.change(partial(_CHANGES[name], value))
        self.changes.append((at, name, value))
        self._put({name: value})

    def start_evaluation(self) -> None:
        """Begin to evaluate the test split; `continue_evaluation` does the work."""
        self._evaluation_steps = self.history.trainer.evaluating(self.data.test)
        self.param.update(evaluation=None, evaluated_at=self.trace.iteration, evaluating=True)

    def continue_evaluation(self) -> None:
        """Evaluate the next samples."""
        result = next(self._evaluation_steps, None) if self._evaluation_steps else None
        with param.parameterized.batch_call_watchers(self):
            if result is not None:
                self.evaluation = result
            if result is None or result.done == result.total:
                self.stop_evaluation()

    def stop_evaluation(self) -> None:
        """Leave the evaluation as far as it came."""
        self._evaluation_steps = None
        self.evaluating = False

    # How settings take effect.

    def _start(self) -> None:
        """Make trainer and history from the settings, and record the first iteration.

        Raises:
            SpecError: the network does not fit the data; nothing has changed then.
        """
        preset, data = (
            PRESETS[self.preset],
            self._own_data.get(self.dataset) or load_dataset(self.dataset),
        )
        seeds = np.random.SeedSequence(self.seed).spawn(2)
        model = preset.model(data, np.random.default_rng(seeds[0]))
        optimizer = SGD(model.parameters(), self.learning_rate, preset.momentum)
        order = np.random.default_rng(seeds[1])
        trainer = Trainer(model, optimizer, data, self.batch_size, order)
        history = History(trainer)
        trace = history.advance()
        self.history = history
        self._applied = self._settings()
        self.start = self._settings()
        self.changes: list[tuple[int, str, float]] = []
        self.stop_evaluation()
        self.evaluation = None
        self.message = ""
        self.scales.release()
        self.param.update(stage=0, inner=0, channel=0, out_channel=0, selection={})
        self._show(trace)

    def _show(self, trace: StepTrace) -> None:
        # The model has moved on: what is left would be of another one.
        self.stop_evaluation()
        self.sample = min(self.sample, len(trace.indices) - 1)
        self.stage = min(self.stage, len(trace.stages) - 1)
        self.inner = min(self.inner, len(trace.stages[self.stage].inner) - 1)
        if trace is not self.trace:
            self.flows = gradient_flow(trace)
            self.history.flow.add(trace.iteration, self.flows)
        self.trace = trace
        # A smaller batch may lack the sample that was selected.
        if self.selection and not self.holds(self.selection["key"], self.selection["index"]):
            self.selection = {}
        self._show_settings(trace.iteration)

    def _show_settings(self, iteration: int) -> None:
        """Put the settings back to those behind an iteration, which may have changed later on."""
        then = {
            **self.start,
            **{name: value for at, name, value in self.changes if at <= iteration},
        }
        self._put({name: then[name] for name in _CHANGES if getattr(self, name) != then[name]})

    def _put(self, settings: Mapping[str, object]) -> None:
        """Set what is in use already, so that nothing acts on it, and make widgets show it."""
        self._applied.update(settings)
        with param.parameterized.discard_events(self):
            self.param.update(**settings)
        self._tell(settings)

    def _tell(self, names: Iterable[str]) -> None:
        """Make widgets show settings that were changed behind their back."""
        for name in names:
            self.param.trigger(name)

    def _settings(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in SETTINGS}

    def _refuse(self, why: str) -> None:
        """Put the settings back to what the run was made with, and say why."""
        # Before the message: who reads it may type at once.
        self._put({k: v for k, v in self._applied.items() if getattr(self, k) != v})
        self.message = why

    def _restart(self) -> None:
        try:
            self.reset()
        except (SpecError, DataError, DivergenceError) as error:
            self._refuse(sentence(error))

    def _on_preset(self, event: param.parameterized.Event) -> None:
        if event.new == self._applied["preset"]:
            return
        preset = PRESETS[event.new]
        with param.parameterized.discard_events(self):
            self.param.update(
                dataset=preset.dataset,
                learning_rate=preset.learning_rate,
                batch_size=preset.batch_size,
            )
        self._restart()
        self._tell(SETTINGS)

    def _on_restart(self, event: param.parameterized.Event) -> None:
        if event.new == self._applied[event.name]:
            return
        if event.name == "seed" and (event.new is None or event.new < 0):
            self._refuse(f"Seed is {_in_words(event.new)}; expected a whole number of at least 0.")
            return
        self._restart()

    def _on_rate(self, event: param.parameterized.Event) -> None:
        if event.new == self._applied["learning_rate"]:
            return
        if event.new is None or not np.isfinite(event.new) or event.new <= 0:
            self._refuse(
                f"Learning rate is {_in_words(event.new)}; expected a number above 0, such as 0.02."
            )
            return
        self._change("learning_rate", event.new)

    def _on_batch_size(self, event: param.parameterized.Event) -> None:
        if event.new == self._applied["batch_size"]:
            return
        most = len(self.data.train)
        if event.new is None or not 1 <= event.new <= most:
            self._refuse(
                f"Batch size is {_in_words(event.new)}; expected a whole number from 1 to {most}."
            )
            return
        self._change("batch_size", event.new)

    def _change(self, name: str, value: float) -> None:
        """Change a setting of the run from the next iteration on; in the past, start a branch."""
        now, end = self.trace.iteration, self.history.length
        self._applied[name] = value
        self.history.change(partial(_CHANGES[name], value))
        self.changes = [c for c in self.changes if c[0] < now or (c[0] == now and c[1] != name)]
        self.changes.append((now, name, value))
        if now < end:
            # Of a run that is left behind.
            self.stop_evaluation()
            self.evaluation = None
        self.message = (
            f"A new branch begins behind iteration {now}; the old run of {end} iterations stays "
            "as a faint curve."
            if now < end
            else ""
        )


def _set_rate(value: float, trainer: Trainer) -> None:
    trainer.optimizer.lr = float(value)


def _set_batch_size(value: float, trainer: Trainer) -> None:
    trainer.batches.set_batch_size(int(value))


# Settings that take effect in mid-run, and how.
_CHANGES = {"learning_rate": _set_rate, "batch_size": _set_batch_size}
