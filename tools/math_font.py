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
GREEK = "αβγδεζηθικλμνξπρστφχψωΓΔΘΛΞΠΣΦΨΩϵϕ"
SIGNS = "°±²³·¹×÷–—…′″←→↑↓⇒∂∇∈∏∑−√∞∣‖≈≠≤≥⊤⊙⋅⋯⌊⌋ℎℝℒ\u0302ˆˉ\u00a0\u2061\u2062\u2063"
# Single letters of formulas are written with letters of their own: 𝐴 to 𝑧, and 𝛢 to 𝜛.
ITALIC = "".join(map(chr, (*range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C))))


def characters() -> str:
    """Return all characters of the font: those of formulas, and of the words beside them."""
    return "".join(map(chr, range(0x20, 0x7F))) + GREEK + SIGNS + ITALIC


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
