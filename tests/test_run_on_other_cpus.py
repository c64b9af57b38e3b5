"""Running tests as other processors would compute them."""

from __future__ import annotations

import platform
import re
from pathlib import Path

import pytest

from tools import run_on_other_cpus
from tools.run_on_other_cpus import Machine, main, other_machines, run, runs_kernel, simd_features

ROOT = Path(__file__).resolve().parents[1]


def test_an_unknown_kernel_is_not_taken_for_another() -> None:
    assert not runs_kernel("Abacus")


def test_only_what_numpy_can_do_without_is_switched_off(tmp_path: Path) -> None:
    features = simd_features()
    # NumPy refuses to start if an instruction set cannot be switched off.
    (tmp_path / "test_it.py").write_text(
        "import numpy as np\n"
        "def test_it():\n"
        "    assert not np.show_config(mode='dicts')['SIMD Extensions'].get('found')\n"
    )
    machine = Machine("plain", {"NPY_DISABLE_CPU_FEATURES": " ".join(features)})
    assert run(machine, [str(tmp_path)])


def test_a_processor_that_is_old_is_so_in_both_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_on_other_cpus, "KERNELS", {platform.machine().lower(): ("New", "Old")})
    monkeypatch.setattr(run_on_other_cpus, "runs_kernel", lambda kernel: True)
    monkeypatch.setattr(run_on_other_cpus, "simd_features", lambda: ["AVX2", "FMA3"])
    assert [machine.environment for machine in other_machines()] == [
        {"OPENBLAS_CORETYPE": "New"},
        {"OPENBLAS_CORETYPE": "Old", "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3"},
    ]
    monkeypatch.setattr(run_on_other_cpus, "runs_kernel", lambda kernel: False)
    assert [machine.environment for machine in other_machines()] == [
        {"NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3"}
    ]


@pytest.mark.parametrize("passes", [True, False])
def test_the_result_is_that_of_pytest(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    passes: bool,
) -> None:
    (tmp_path / "test_it.py").write_text(
        f"import os\ndef test_it():\n    assert (os.environ['KERNEL'] == 'one') is {passes}\n"
    )
    machines = [Machine("one", {"KERNEL": "one"}), Machine("two", {"KERNEL": "one"})]
    monkeypatch.setattr(run_on_other_cpus, "other_machines", lambda: machines)
    assert main([str(tmp_path)]) == (0 if passes else 1)
    told = capsys.readouterr().out
    assert told.count("1 passed" if passes else "FAILED with exit code 1") == 2


def test_the_oldest_numpy_is_tested() -> None:
    supported = re.search(r'"numpy>=([\d.]+),', (ROOT / "pyproject.toml").read_text("utf-8"))
    tested = re.search(r"numpy==([\d.]+);", (ROOT / "constraints-oldest.txt").read_text("utf-8"))
    assert supported
    assert tested
    assert tested[1].startswith(f"{supported[1]}.")
