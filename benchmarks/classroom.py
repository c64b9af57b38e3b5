"""How a class arrives and works: `python -m benchmarks.classroom`.

Real websocket clients open the page one after the other, press Step again and again, and leave.
They draw nothing, so a server on the same machine has more time than beside real browsers. Several
processes share the students as the proxy of `docs/classroom.md` does. Leaves with status 1 if a
figure misses its target. `--table` measures all classes of that document and prints its table.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median, quantiles

from tornado.httpclient import AsyncHTTPClient

from benchmarks.recording import Figure, print_table
from tools.classroom.student import Student
from tools.classroom.use import Use
from tools.serving import Served, served_app

# Seconds over which a class arrives.
ARRIVING = 8.0
# The classes of the table.
STUDENTS, PROCESSES = (1, 10, 40, 100), (1, 2)
COLUMNS = (
    "students", "processes", "live, median", "live, slowest", "press to picture, median",
    "press to picture, 95 of 100", "memory", "of a session", "processor for a session",
)  # fmt: skip


@dataclass(frozen=True)
class Visit:
    """A class that came and went.

    Attributes:
        students: those who came.
        arriving: seconds of processors of a session, until the first answer.
        session: bytes of a session.
        memory: bytes of all processes when all have arrived.
    """

    students: list[Student]
    arriving: float
    session: float
    memory: int

    @property
    def answers(self) -> list[float]:
        """Seconds from a press to what is to be drawn, of all presses."""
        return [seconds for student in self.students for seconds in student.answers]

    @property
    def slow_answer(self) -> float:
        """Seconds that 95 of 100 answers take at most."""
        return quantiles(self.answers, n=20)[-1]


async def visit(servers: Sequence[Served], count: int, presses: int) -> Visit:
    """Let a class come, press Step, and go."""
    # Whoever comes first waits for the modules.
    for served in servers:
        await Student().visit(served.address, 1)
    before = used(servers)
    students = [Student() for _ in range(count)]

    async def come(k: int) -> None:
        await asyncio.sleep(k * ARRIVING / count)
        await students[k].visit(servers[k % len(servers)].address, presses)

    async def arrived() -> Use:
        while any(student.live == 0 for student in students):
            await asyncio.sleep(0.05)
        return used(servers)

    async with asyncio.TaskGroup() as tasks:
        there = tasks.create_task(arrived())
        for k in range(count):
            tasks.create_task(come(k))
    after = there.result()
    return Visit(
        students,
        (after.seconds - before.seconds) / count,
        (after.memory - before.memory) / count,
        after.memory,
    )


def used(servers: Sequence[Served]) -> Use:
    """Return what some servers have used so far, together."""
    uses = [Use.of(served) for served in servers]
    return Use(sum(use.seconds for use in uses), sum(use.memory for use in uses))


def measure(count: int, processes: int, presses: int) -> Visit:
    """Serve one class."""
    AsyncHTTPClient.configure(None, max_clients=count + 1)
    with ExitStack() as stack:
        servers = [stack.enter_context(served_app()) for _ in range(processes)]
        return asyncio.run(visit(servers, count, presses))


def figures(count: int, processes: int, presses: int) -> list[Figure]:
    """Measure one class."""
    found = measure(count, processes, presses)
    of = f"{count} students, {processes} process{'es' if processes > 1 else ''}"
    return [
        Figure(f"{of}: page, slowest", max(s.page for s in found.students), 3.0, "s"),
        Figure(f"{of}: live, median", median(s.live for s in found.students), 12.0, "s"),
        Figure(f"{of}: live, slowest", max(s.live for s in found.students), 12.0, "s"),
        Figure(f"{of}: processor for a session", found.arriving, 0.25, "s"),
        Figure(f"{of}: memory of a session", found.session / 1e6, 5.0, "MB"),
        Figure(f"{of}: press to answer, median", median(found.answers), 0.3, "s"),
        Figure(f"{of}: press to answer, 95 of 100", found.slow_answer, 0.3, "s"),
    ]


def print_classes(presses: int) -> None:
    """Measure all classes of the table, and print it as Markdown."""
    print(f"| {' | '.join(COLUMNS)} |")
    print("|" + "---|" * len(COLUMNS))
    for processes in PROCESSES:
        for count in STUDENTS:
            found = measure(count, processes, presses)
            lives = [student.live for student in found.students]
            cells = [
                f"{count}", f"{processes}", f"{median(lives):.2f} s", f"{max(lives):.2f} s",
                f"{median(found.answers):.2f} s", f"{found.slow_answer:.2f} s",
                f"{found.memory / 1e6:.0f} MB", f"{found.session / 1e6:.1f} MB",
                f"{found.arriving:.2f} s",
            ]  # fmt: skip
            print(f"| {' | '.join(cells)} |", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all figures."""
    parser = argparse.ArgumentParser(description="Measure how a class arrives and works.")
    parser.add_argument("--students", type=int, default=40, help="who come within 8 s (40)")
    parser.add_argument("--processes", type=int, default=1, help="that share them (1)")
    parser.add_argument("--presses", type=int, default=10, help="of Step by each (10)")
    parser.add_argument("--table", action="store_true", help="all classes, as Markdown")
    options = parser.parse_args(arguments)
    if options.table:
        print_classes(options.presses)
        return 0
    found = figures(options.students, options.processes, options.presses)
    print_table(found)
    return 0 if all(figure.met for figure in found) else 1


if __name__ == "__main__":
    sys.exit(main())
