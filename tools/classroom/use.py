"""What a server uses."""

from __future__ import annotations

from dataclasses import dataclass

import psutil

from tools.serving import Served


@dataclass(frozen=True)
class Use:
    """What a server has used: seconds of processors, bytes of memory, its processes together."""

    seconds: float
    memory: int

    @classmethod
    def of(cls, served: Served) -> Use:
        """Return what it has used so far."""
        first = psutil.Process(served.process)
        processes = [first, *first.children(recursive=True)]
        times = [process.cpu_times() for process in processes]
        memory = sum(process.memory_info().rss for process in processes)
        return cls(sum(time.user + time.system for time in times), memory)
