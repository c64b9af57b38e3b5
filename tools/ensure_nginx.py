"""Find the nginx that the test of the proxy starts, or get one.

Run as `python -m tools.ensure_nginx`. One that is installed is used; otherwise Debian's package is
unpacked into .venv: that needs no rights, and starts no server on this machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.ensure_browser import all_is_required

VARIABLE = "CONVSCOPE_NGINX"
UNPACKED = Path(__file__).resolve().parents[1] / ".venv" / "nginx"
# Debian keeps it where only the administrator's shell looks.
FOLDERS = ("/usr/sbin", "/usr/local/sbin", str(UNPACKED / "usr/sbin"))


def find_nginx() -> str | None:
    """Return the path of an nginx, None if there is none.

    Raises:
        FileNotFoundError: the environment variable CONVSCOPE_NGINX names no program.
    """
    wanted = os.environ.get(VARIABLE)
    path = os.pathsep.join([os.environ.get("PATH", ""), *FOLDERS])
    found = shutil.which(wanted or "nginx", path=path)
    if wanted and found is None:
        raise FileNotFoundError(
            f"{VARIABLE} is {wanted!r}, which is not a program: set it to the path of nginx, or "
            "unset it"
        )
    return found


def main() -> int:
    """Make sure that there is an nginx; return the exit code of the program."""
    try:
        if find_nginx() or (_unpack() and find_nginx()):
            return 0
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 1
    required = all_is_required()
    print(
        "There is no nginx for the test of the proxy, and apt-get could not download one"
        f"{'' if required else '; it is left out'}. "
        f"Install nginx, then set {VARIABLE} to its path.",
        file=sys.stderr,
    )
    return int(required)


def _unpack() -> bool:
    """Unpack Debian's package; return whether that worked."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        # The list of packages may be older than what can be downloaded.
        if not _runs("apt-get", "--quiet", "download", "nginx", folder=folder):
            _runs("apt-get", "--quiet", "update", folder=folder)
            if not _runs("apt-get", "--quiet", "download", "nginx", folder=folder):
                return False
        (package,) = Path(folder).glob("nginx_*.deb")
        return _runs("dpkg", "--extract", str(package), str(UNPACKED), folder=folder)


def _runs(*command: str, folder: str) -> bool:
    """Run a command in a folder; return whether it succeeded."""
    done = subprocess.run(command, cwd=folder, check=False, stdin=subprocess.DEVNULL)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
