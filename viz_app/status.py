"""Where somebody is, and what a step leads to, in a few words."""

from __future__ import annotations

from viz_app.cover.covered import Covered
from viz_app.cover.iteration import LOSS
from viz_app.place import moves
from viz_app.scene.registry import Look
from viz_app.words import loss_text


def status_of(look: Look, covered: Covered) -> str:
    """Return where somebody is, in one line, without what is covered."""
    trace, stage, probe = look.trace, look.stage, look.place.probe
    where = stage.layer if stage.phase == "loss" else f"{stage.phase} {stage.layer}"
    stage_number = f"stage {look.place.stage + 1} of {len(trace.stages)}"
    runs, beside = {"": trace}, look.beside
    if beside is not None:
        runs = {"A ": trace} | ({"B ": beside.trace} if beside.trace else {})
    losses = ", ".join(f"{run}{loss_text(one.loss)}" for run, one in runs.items())
    loss = f"loss {'?' if covered.hides(LOSS) else losses}"
    # The accuracy, where there are classes.
    metrics = [
        f"{name} {', '.join(f'{run}{one.metrics[name]:.2f}' for run, one in runs.items())}"
        for name in trace.metrics
        if all(name in one.metrics for one in runs.values())
    ]
    if probe is not None and probe.source != "test":
        # Nobody has said what it shows.
        metrics = []
    # What is asked is no step of training.
    asked = [] if probe is None else [f"asked about {probe.words}"]
    return " · ".join([f"iteration {trace.iteration}", stage_number, where, loss, *metrics, *asked])


def next_step_of(look: Look) -> str:
    """Return what a step leads to, in a few words."""
    trace, there = look.trace, moves.forward(look.place, look.trace)
    if there is None:
        return f"iteration {trace.iteration + 1}"
    stage = trace.stages[there.stage]
    inner = list(stage.inner)[there.inner]
    if there.stage == look.place.stage:
        return inner
    if stage.phase == "loss":
        return "the loss"
    return f"{stage.phase} {stage.layer}" + (f", {inner}" if len(stage.inner) > 1 else "")
