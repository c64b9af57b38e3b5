"""How people with one kind of cones missing see a colour, and how far two colours are apart.

The matrices are those of G. M. Machado, M. M. Oliveira and L. A. F. Fernandes, "A Physiologically-
based Model for Simulation of Color Vision Deficiency", IEEE Transactions on Visualization and
Computer Graphics 15(6), 2009, at severity 1.0; they act on linear RGB.
"""

from __future__ import annotations

import numpy as np

from core.tensor import Array

SIGHTS: dict[str, Array] = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
# From linear sRGB to XYZ, and the white of the latter (D65).
TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]],
)
WHITE = TO_XYZ.sum(axis=1)


def linear(code: str) -> Array:
    """Return a colour such as "#12ab00" as linear red, green and blue (3,), from 0 to 1."""
    parts = np.array([int(code[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(code: str, sight: str = "usual") -> Array:
    """Return CIE L*, a*, b* (3,) of a colour as it is seen."""
    seen = np.clip(SIGHTS[sight] @ linear(code), 0, 1)
    share = TO_XYZ @ seen / WHITE
    x, y, z = np.where(share > (6 / 29) ** 3, np.cbrt(share), share / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def apart(one: str, other: str, sight: str = "usual") -> float:
    """Return how far two colours are apart (CIE 1976); about 2 can just be seen side by side."""
    return float(np.linalg.norm(lab(one, sight) - lab(other, sight)))
