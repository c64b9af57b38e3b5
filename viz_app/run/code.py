"""The iteration in sight as code to take along."""

from __future__ import annotations

from io import BytesIO

from core.code.archive import Library, save_code
from core.inspect.trace import StepTrace


def code_file(trace: StepTrace, library: Library) -> tuple[str, bytes]:
    """Return name and content of a zip: a script that computes an iteration again, and its arrays.

    Raises:
        ValueError: no code can be written for it; the message says why.
    """
    content = BytesIO()
    save_code(trace, content, library)
    return f"convscope-iteration-{trace.iteration}-{library}.zip", content.getvalue()
