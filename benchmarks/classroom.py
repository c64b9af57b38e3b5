"""How a class arrives and works: `python -m benchmarks.classroom`.

Real websocket clients open the page one after the other, press Step again and again, and leave.
They draw nothing, so a server on the same machine has more time than beside real browsers.
Leaves with status 1 if a figure misses its target.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from tornado.httpclient import AsyncHTTPClient

from benchmarks.recording import Figure, print_table
from tools.classroom.student import Student
from tools.classroom.use import Use
from tools.serving import Served, served_app

# Seconds over which a class arrives.
ARRIVING = 8.0


@dataclass(frozen=True)
class Visit:
    """A class that came and went.

    Attributes:
        students: those who came.
        arriving: seconds of processors of a session, until the first answer.
        session: bytes of a session.
    """

    students: list[Student]
    arriving: float
    session: float


async def visit(served: Served, count: int, presses: int) -> Visit:
    """Let a class come, press Step, and go."""
    # Whoever comes first waits for the modules.
    await Student().visit(served.address, 1)
    before = Use.of(served)
    students = [Student() for _ in range(count)]

    async def come(k: int) -> None:
        await asyncio.sleep(k * ARRIVING / count)
        await students[k].visit(served.address, presses)

    async def arrived() -> Use:
        while any(student.live == 0 for student in students):
            await asyncio.sleep(0.05)
        return Use.of(served)

    async with asyncio.TaskGroup() as tasks:
        there = tasks.create_task(arrived())
        for k in range(count):
            tasks.create_task(come(k))
    after = there.result()
    return Visit(
        students,
        (after.seconds - before.seconds) / count,
        (after.memory - before.memory) / count,
    )


def figures(count: int, processes: int, presses: int) -> list[Figure]:
    """Measure one class."""
    AsyncHTTPClient.configure(None, max_clients=count + 1)
    with served_app("--num-procs", str(processes)) as served:
        found = asyncio.run(visit(served, count, presses))
    answers = [seconds for student in found.students for seconds in student.answers]
    of = f"{count} students, {processes} process{'es' if processes > 1 else ''}"
    return [
        Figure(f"{of}: page, slowest", max(s.page for s in found.students), 3.0, "s"),
        Figure(f"{of}: live, median", median(s.live for s in found.students), 12.0, "s"),
        Figure(f"{of}: live, slowest", max(s.live for s in found.students), 12.0, "s"),
        Figure(f"{of}: processor for a session", found.arriving, 0.25, "s"),
        Figure(f"{of}: memory of a session", found.session / 1e6, 5.0, "MB"),
        Figure(f"{of}: press to answer, median", median(answers), 0.3, "s"),
        Figure(f"{of}: press to answer, 95 of 100", quantiles(answers, n=20)[-1], 0.3, "s"),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all figures."""
    parser = argparse.ArgumentParser(description="Measure how a class arrives and works.")
    parser.add_argument("--students", type=int, default=40, help="who come within 8 s (40)")
    parser.add_argument("--processes", type=int, default=1, help="of the server (1)")
    parser.add_argument("--presses", type=int, default=10, help="of Step by each (10)")
    options = parser.parse_args(arguments)
    found = figures(options.students, options.processes, options.presses)
    print_table(found)
    return 0 if all(figure.met for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
