"""Find the Chromium that the browser tests drive, or install one.

Run as `python -m tools.ensure_browser`. A browser that is already there is used; otherwise the
system's package manager is asked, and then Playwright, which downloads its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

VARIABLE = "CONVSCOPE_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    """Return the path of an installed Chromium or Chrome.

    None stands for the browser that Playwright may have downloaded: as `executable_path` it makes
    Playwright start that one.

    Raises:
        FileNotFoundError: the environment variable CONVSCOPE_CHROMIUM names no program.
    """
    wanted = os.environ.get(VARIABLE)
    if wanted:
        path = shutil.which(wanted)
        if path is None:
            raise FileNotFoundError(
                f"{VARIABLE} is {wanted!r}, which is not a program: set it to the path of "
                "Chromium, or unset it"
            )
        return path
    return next(filter(None, map(shutil.which, NAMES)), None)


def main() -> int:
    """Make sure that there is a browser; return the exit code of the program."""
    try:
        if find_chromium():
            return 0
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    if _apt_install() and find_chromium():
        return 0
    # Does nothing if Playwright has downloaded its browser before.
    if _runs(sys.executable, "-m", "playwright", "install", "chromium"):
        return 0
    print(
        "There is no Chromium for the browser tests, and neither apt-get nor Playwright could "
        f"install one. Install Chromium or Chrome, then set {VARIABLE} to its path.",
        file=sys.stderr,
    )
    return 1


def _apt_install() -> bool:
    """Install Debian's package if we may; return whether that worked."""
    if shutil.which("apt-get") is None:
        return False
    if os.geteuid() == 0:
        rights = []
    elif shutil.which("sudo") and _runs("sudo", "--non-interactive", "true"):
        rights = ["sudo", "--non-interactive"]
    else:
        return False
    apt_get = [*rights, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"]
    return _runs(*apt_get, "update") and _runs(*apt_get, "install", "--yes", "chromium")


def _runs(*command: str) -> bool:
    """Run `command`; return whether it succeeded."""
    return subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
