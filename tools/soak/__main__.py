"""Let a class do all kinds of things for a long time: `python -m tools.soak`.

Two parts, bounded in time: odd inputs of all kinds for what reads them; and clients that come,
press, open odd addresses and leave, while lines are cut and the server is killed. Leaves with
status 1 if anything but a refusal came of it, if something was lost, or if the server keeps memory
after all have left.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from tools.soak.inputs import try_inputs
from tools.soak.lesson import Lesson


def main(arguments: Sequence[str] | None = None) -> int:
    """Run both parts."""
    parser = argparse.ArgumentParser(description="Let a class do all kinds of things.")
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=600, help="that the class stays (600)")
    parser.add_argument("--kills", type=int, default=6, help="of the server in half of them (6)")
    parser.add_argument("--inputs", type=int, default=200_000, help="odd ones (200,000)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="decides on all of it")
    options = parser.parse_args(arguments)
    print(f"seed {options.seed}", flush=True)
    faults = try_inputs(options.inputs, options.seconds, options.seed)
    lesson = Lesson(options.students, options.seed)
    lesson.with_kills(options.seconds / 2, options.kills)
    lesson.twice(options.seconds / 4)
    print(", ".join(f"{count} {event}" for event, count in lesson.events.items()))
    faults += lesson.faults
    print("\n".join(faults[:20]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
