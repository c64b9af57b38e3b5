"""How a control of the page looks that a lesson points at."""

from __future__ import annotations

from viz_app.lessons.reading.lessons import CONTROLS

# A component carries the names of what is lit (see `common/spotlight.js`), a control its own.
SPOTLIGHT = "\n".join(
    f"[data-lit~={name}] [data-control={name}] "
    "{ outline: 3px solid var(--cs-lit); outline-offset: 2px; border-radius: 6px; }"
    for name in (control.replace(" ", "-") for control in CONTROLS)
)
