"""What the site is made of: every third-party piece, its version, licence and what was changed."""

from __future__ import annotations

from collections.abc import Mapping

from static.packages import DISTRIBUTIONS, installed
from static.runtime.pinned import pinned_parts
from viz_app.style.font import CHANGED, FOLDER, ORIGIN

OPENING = """\
ConvScope (MIT licence) and what it runs on. Each piece is as its authors publish it, except where
it says "changed". The texts of the packages' licences are inside parts/data.zip; those of Pyodide
and CPython, and their sources, are at https://github.com/pyodide/pyodide and
https://www.python.org. The bundled data sets have licences of their own: core/datasets/LICENSES.md
inside parts/data.zip.
"""


def licences(origins: Mapping[str, str]) -> str:
    """Return the text that is published with the site.

    Args:
        origins: where each part of the runtime came from, by its name.
    """
    lines = [OPENING]
    for part in pinned_parts():
        lines.append(f"{part.name}: {part.version}, {part.licence}")
        if part.name in origins:
            lines.append(f"    from: {origins[part.name]}")
        if part.changed:
            lines.append(f"    changed: {part.changed}")
    for name in DISTRIBUTIONS:
        found = installed(name)
        lines.append(f"{name}: {found.version}, {_licence(found.metadata)}")
    lines.append(
        "    Bokeh's and Panel's scripts are joined in parts/draw.js, without the addresses"
    )
    lines.append("    of their source maps; Python sources are compiled to bytecode.")
    lines += [ORIGIN, f"    changed: {CHANGED}", "", (FOLDER / "LICENCE.txt").read_text("utf-8")]
    return "\n".join(lines) + "\n"


def _licence(metadata: object) -> str:
    fields = metadata.json  # type: ignore[attr-defined]
    if "license_expression" in fields:
        return str(fields["license_expression"])
    for classifier in fields.get("classifier", []):
        if classifier.startswith("License ::"):
            return str(classifier.rsplit(" :: ", 1)[1])
    return str(fields.get("license", "see its metadata")).splitlines()[0]
