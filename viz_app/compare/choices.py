"""What a run can be compared with at one press."""

from __future__ import annotations

import re

from viz_app.compare.difference import NETWORK, Difference
from viz_app.run.presets import PRESETS
from viz_app.run.run import Run
from viz_app.run.settings import LARGEST_RATE

# A batch norm behind a layer, which has a bias once it is gone; and one that comes first.
NORM = re.compile(r"(\s+nobias)?\s*,\s*bn(1d)?\b[^,|()]*?(?=\s*([,|()]|$))")
FIRST_NORM = re.compile(r"(^|[(]|[|]\s*)bn(1d)?\b[^,|()]*,\s*")


def choices(run: Run) -> dict[str, Difference]:
    """Return what a run can be compared with, by what people read."""
    recipe, found = run.recipe, dict[str, Difference]()
    preset = PRESETS.get(recipe.preset)
    if preset is not None and preset.counterpart:
        title = PRESETS[preset.counterpart].title
        found[f"“{title}”"] = Difference("preset", preset.counterpart)
    network = recipe.network
    if isinstance(network, str) and without_norm(network) != network:
        found["without batch norm"] = Difference(NETWORK, without_norm(network))
    rate = 10 * recipe.learning_rate
    if not recipe.has_own_schedule and rate <= LARGEST_RATE:
        found[f"learning rate × 10 ({rate:g})"] = Difference("learning_rate", float(f"{rate:g}"))
    if isinstance(recipe.optimizer, str):
        other = "sgd" if recipe.optimizer.startswith("adam") else "adam"
        found[f"optimiser {other}"] = Difference("optimizer", other)
    if isinstance(network, str):
        found[f"another seed ({recipe.seed + 1})"] = Difference("seed", recipe.seed + 1)
    return found


def without_norm(network: str) -> str:
    """Return the text of a network without its batch norms."""
    return FIRST_NORM.sub(r"\1", NORM.sub("", network)).strip()
