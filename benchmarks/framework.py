"""Compare the speed with PyTorch: `python -m benchmarks.framework`.

Leaves with status 1 if a workload misses its target.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass

import numpy as np

from benchmarks.core_task import CoreTask
from benchmarks.task import Task, make_setting
from benchmarks.timing import Times, interleaved
from benchmarks.torch_task import TorchTask, load_torch
from benchmarks.workloads import WORKLOADS, Workload

# Largest difference of a result, relative to the largest number in it. One that is zero but for
# rounding, as the gradient of a bias before batch norm, is compared as if it were SMALL.
TOLERANCE = 1e-4
SMALL = 1e-2


@dataclass(frozen=True)
class Comparison:
    """One row of the table."""

    workload: Workload
    torch: Times
    core: Times

    @property
    def ratio(self) -> float:
        """Our least time over PyTorch's."""
        return self.core.least / self.torch.least

    @property
    def met(self) -> bool:
        """Whether the ratio is within the workload's target, if it has one."""
        target = self.workload.target
        return target is None or self.ratio <= target


def compare(workload: Workload, seconds: float) -> Comparison:
    """Check that both frameworks compute the same, then time them.

    Raises:
        ValueError: a result differs.
    """
    setting = make_setting(workload)
    theirs, ours = TorchTask(setting), CoreTask(setting)
    theirs.step()
    ours.step()
    check_same(theirs, ours)
    return Comparison(workload, *interleaved([theirs, ours], seconds))


def check_same(theirs: Task, ours: Task) -> None:
    """Raise ValueError if the two did not compute the same in their last step."""
    expected, given = theirs.results(), ours.results()
    if expected.keys() != given.keys():
        raise ValueError(f"results are {sorted(given)}; expected {sorted(expected)}")
    for name, array in expected.items():
        largest = max(float(np.abs(array).max()), SMALL)
        difference = float(np.abs(array - given[name]).max()) / largest
        if not difference <= TOLERANCE:
            raise ValueError(
                f"{name} differs from PyTorch's by {difference:.1e}; at most {TOLERANCE} is right"
            )


def print_table(comparisons: list[Comparison]) -> None:
    """Print a row for each workload: least (median) milliseconds, ratio of the least, target."""
    row = "{:<24} {:>16} {:>16} {:>7} {:>7}  {}"
    print(row.format("workload", "PyTorch ms", "ConvScope ms", "ratio", "target", "met"))
    for c in comparisons:
        torch, core = (f"{t.least:.2f} ({t.median:.2f})" for t in (c.torch, c.core))
        target, met = "", ""
        if c.workload.target is not None:
            target, met = f"{c.workload.target:.2f}", "yes" if c.met else "no"
        print(row.format(c.workload.name, torch, core, f"{c.ratio:.2f}", target, met))


def main(arguments: list[str] | None = None) -> int:
    """Run all workloads, or those whose name contains one of the given words."""
    parser = argparse.ArgumentParser(description="Compare the speed with PyTorch.")
    parser.add_argument("words", nargs="*", help="only workloads whose name contains one of these")
    parser.add_argument("--seconds", type=float, default=8.0, help="for each workload (8)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    load_torch()
    chosen = [
        workload
        for workload in WORKLOADS
        if not options.words or any(word in workload.name for word in options.words)
    ]
    comparisons = [compare(workload, options.seconds) for workload in chosen]
    if options.json:
        rows = [{**asdict(c), "ratio": c.ratio, "met": c.met} for c in comparisons]
        print(json.dumps(rows, indent=2))
    else:
        print_table(comparisons)
    return 0 if all(c.met for c in comparisons) else 1


if __name__ == "__main__":
    sys.exit(main())
