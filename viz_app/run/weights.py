"""The trained weights as a file."""

from __future__ import annotations

import re
from io import BytesIO

from core.io.weights import save
from viz_app.run.run import Run


def weights_file(run: Run) -> tuple[str, bytes]:
    """Return name and content of an `.npz` with the weights after the iteration of a run.

    PyTorch's names: they fit an `nn.Sequential` of the same layers.
    """
    trainer, content = run.history.trainer, BytesIO()
    save(trainer.model, content)
    data = re.sub(r"\W+", "-", run.data.name).strip("-")
    return f"convscope-{data}-iteration-{trainer.iteration}.npz", content.getvalue()
