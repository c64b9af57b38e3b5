"""Makes the font of the formulas anew: the part of STIX Two Math that they can use.

Run as `python -m tools.math_font`, with fonttools and brotli installed beside it; npm brings the
whole font.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "@fontsource/stix-two-math@5.3.0"
WHOLE = "package/files/stix-two-math-latin-400-normal.woff2"
LICENCE = "package/LICENSE"
FOLDER = Path(__file__).resolve().parents[1] / "viz_app" / "style" / "font"
# Latin and Greek; the last two: single letters of formulas have letters of their own.
RANGES = ((0x20, 0x7F), (0x391, 0x3AA), (0x3B1, 0x3CA), (0x1D434, 0x1D468), (0x1D6E2, 0x1D71C))
# Signs, and the italic h, which lies apart.
SIGNS = "\xa0\xb0\xb1\xb2\xb3\xb7\xb9\xd7\xf7\u02c6\u02c9\u0302\u2013\u2014\u2016\u2026\u2032\u2033"
SIGNS += (
    "\u210e\u211d\u2190\u2191\u2192\u2193\u21d2\u2202\u2207\u2208\u220f\u2211\u2212\u221a\u221e"
)
SIGNS += "\u2223\u2225\u2248\u2260\u2264\u2265\u2299\u22a4\u22c5\u22ef\u230a\u230b"


def characters() -> str:
    """Return all characters of the font: those of formulas, and of the words beside them."""
    return "".join(chr(code) for span in RANGES for code in range(*span)) + SIGNS


def make(folder: Path) -> None:
    """Write the font and its licence to a folder."""
    with tempfile.TemporaryDirectory() as work:
        packed = subprocess.run(
            ["npm", "pack", "--silent", PACKAGE], cwd=work, check=True, capture_output=True
        )
        with tarfile.open(Path(work) / packed.stdout.decode().strip()) as archive:
            archive.extractall(work, filter="data")
        subset = [sys.executable, "-m", "fontTools.subset", str(Path(work) / WHOLE)]
        options = [
            f"--text={characters()}",
            f"--output-file={folder / 'math.woff2'}",
            "--flavor=woff2",
            # Smaller forms for indices, and the dotless letters below accents.
            "--layout-features=ssty,dtls,flac,kern,ccmp,mark,mkmk",
            "--no-hinting",
            "--desubroutinize",
        ]
        subprocess.run([*subset, *options], check=True)
        shutil.copyfile(Path(work) / LICENCE, folder / "LICENCE.txt")


if __name__ == "__main__":
    make(FOLDER)
