"""Find the browsers that the tests drive, or install them.

Run as `python -m tools.ensure_browser`. A browser that is already there is used; otherwise the
system's package manager is asked. Playwright may download a Chromium of its own; Firefox it can
only drive in a version that it made itself, so that one is the system's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

CHROMIUM, CHROMIUMS = "CONVSCOPE_CHROMIUM", ("chromium", "chromium-browser", "google-chrome")
FIREFOX, FIREFOXES = "CONVSCOPE_FIREFOX", ("firefox-esr", "firefox")


def find_chromium() -> str | None:
    """Return the path of an installed Chromium or Chrome.

    None stands for the browser that Playwright may have downloaded: as `executable_path` it makes
    Playwright start that one.

    Raises:
        FileNotFoundError: the environment variable CONVSCOPE_CHROMIUM names no program.
    """
    return _find(CHROMIUM, CHROMIUMS)


def find_firefox() -> str | None:
    """Return the path of an installed Firefox, None if there is none.

    Raises:
        FileNotFoundError: the environment variable CONVSCOPE_FIREFOX names no program.
    """
    return _find(FIREFOX, FIREFOXES)


def all_is_required() -> bool:
    """Whether a missing program is an error: where changes are checked, nothing is left out."""
    return os.environ.get("CI", "").lower() in {"1", "true"}


def main() -> int:
    """Make sure that there are browsers; return the exit code of the program."""
    try:
        return 0 if _ensure_chromium() and _ensure_firefox() else 1
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1


def _ensure_chromium() -> bool:
    if find_chromium() or (_apt_install("chromium") and find_chromium()):
        return True
    # Does nothing if Playwright has downloaded its browser before.
    if _runs(sys.executable, "-m", "playwright", "install", "chromium"):
        return True
    print(
        "There is no Chromium for the browser tests, and neither apt-get nor Playwright could "
        f"install one. Install Chromium or Chrome, then set {CHROMIUM} to its path.",
        file=sys.stderr,
    )
    return False


def _ensure_firefox() -> bool:
    if find_firefox() or (_apt_install("firefox-esr") and find_firefox()):
        return True
    required = all_is_required()
    print(
        "There is no Firefox for the browser tests, and apt-get could not install one"
        f"{'' if required else '; they are left out'}. "
        f"Install Firefox, then set {FIREFOX} to its path.",
        file=sys.stderr,
    )
    return not required


def _find(variable: str, names: tuple[str, ...]) -> str | None:
    wanted = os.environ.get(variable)
    if wanted:
        path = shutil.which(wanted)
        if path is None:
            raise FileNotFoundError(
                f"{variable} is {wanted!r}, which is not a program: set it to the path of "
                "the browser, or unset it"
            )
        return path
    return next(filter(None, map(shutil.which, names)), None)


def _apt_install(package: str) -> bool:
    """Install a package of Debian if we may; return whether that worked."""
    if shutil.which("apt-get") is None:
        return False
    if os.geteuid() == 0:
        rights = []
    elif shutil.which("sudo") and _runs("sudo", "--non-interactive", "true"):
        rights = ["sudo", "--non-interactive"]
    else:
        return False
    apt_get = [*rights, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet"]
    return _runs(*apt_get, "update") and _runs(*apt_get, "install", "--yes", package)


def _runs(*command: str) -> bool:
    """Run `command`; return whether it succeeded."""
    return subprocess.run(command, check=False, stdin=subprocess.DEVNULL).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
