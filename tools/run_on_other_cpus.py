"""Run tests with the numerical code that NumPy and its BLAS choose on other processors.

Both libraries choose their code by the processor, and the code decides in which order the terms of
a sum are added. Each run here is a process of its own in which another choice is forced.

Run as `python -m tools.run_on_other_cpus tests/core`; all arguments go to pytest. What this machine
cannot run is named and left out.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic

import numpy as np

# Kernels of OpenBLAS that nearly every processor of a kind can run, by what Python calls that kind;
# the last is of processors so old that NumPy has no vector instructions of its own for them.
KERNELS = {
    "x86_64": ("Haswell", "Nehalem"),
    "amd64": ("Haswell", "Nehalem"),
    "aarch64": ("ARMV8", "CORTEXA57"),
    "arm64": ("ARMV8", "CORTEXA57"),
}
# A kernel whose instructions the processor lacks ends this process, instead of the tests.
PROBE = "import numpy as np; a = np.ones((64, 64)); a @ a; a.astype(np.float32) @ a[0]"
PYTEST = ("-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--color=no")


@dataclass(frozen=True)
class Machine:
    """Another processor: its name in the report, and the environment variables that imitate it."""

    name: str
    environment: dict[str, str]


def runs_kernel(kernel: str) -> bool:
    """Return whether NumPy's BLAS has this kernel, and this processor can run it."""
    run = subprocess.run(
        [sys.executable, "-c", PROBE],
        env=os.environ | {"OPENBLAS_CORETYPE": kernel, "OPENBLAS_VERBOSE": "2"},
        capture_output=True,
        text=True,
        check=False,
    )
    used = re.search(r"^Core: (\S+)", run.stderr, re.MULTILINE)
    return run.returncode == 0 and used is not None and used[1].lower() == kernel.lower()


def simd_features() -> list[str]:
    """Return the instruction sets that NumPy uses here and that can be switched off."""
    # NumPy refuses to start if any other is named.
    config = np.show_config(mode="dicts")
    assert config is not None
    found: list[str] = config.get("SIMD Extensions", {}).get("found", [])
    return found


def other_machines() -> list[Machine]:
    """Return the processors that can be imitated here; print which cannot."""
    kernels = []
    for kernel in KERNELS.get(platform.machine().lower(), ()):
        if runs_kernel(kernel):
            kernels.append(kernel)
        else:
            print(f"left out: NumPy's BLAS has no kernel {kernel} that runs on this machine")
    machines = [Machine(f"BLAS kernel {k}", {"OPENBLAS_CORETYPE": k}) for k in kernels]
    if features := simd_features():
        oldest = machines.pop() if machines else Machine("", {})
        name = ", ".join(filter(None, [oldest.name, f"NumPy without {' '.join(features)}"]))
        disabled = {"NPY_DISABLE_CPU_FEATURES": " ".join(features)}
        machines.append(Machine(name, oldest.environment | disabled))
    else:
        print("left out: NumPy uses no instructions here that can be switched off")
    return machines


def run(machine: Machine, arguments: list[str]) -> bool:
    """Run pytest; print its output if it fails; return whether it passed."""
    start = monotonic()
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        code = subprocess.run(
            [sys.executable, *PYTEST, *arguments],
            env=os.environ | machine.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
        output.seek(0)
        text = output.read().rstrip()
    last = text.rpartition("\n")[2]
    if code:
        print(f"{machine.name}: FAILED with exit code {code}\n{text}", flush=True)
    else:
        print(f"{machine.name}: {last} ({monotonic() - start:.0f} s in all)", flush=True)
    return code == 0


def main(arguments: list[str]) -> int:
    """Run pytest with these arguments on each machine; return the exit code of the program."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        passed = list(pool.map(lambda machine: run(machine, arguments), other_machines()))
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
