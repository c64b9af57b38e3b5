"""The code of docs/notebook.md runs, and shows what it says."""

from __future__ import annotations

import re
from pathlib import Path

from viz_app.explore import Explorer

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "notebook.md").read_text("utf-8")


def test_its_model_is_shown() -> None:
    (code,) = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(code, "docs/notebook.md", "exec"), names)
    explorer = names["explorer"]
    assert isinstance(explorer, Explorer)
    explorer.panel()
    explorer.viewer.change(grain="Iteration")
    explorer.viewer.step()
    assert explorer.run.trace.iteration == 2
    assert len(explorer.run.history.losses) == 2
    # A regression has no accuracy to tell.
    assert "accuracy" not in explorer.viewer.status
