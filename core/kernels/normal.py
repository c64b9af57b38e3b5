"""The normal distribution and its density, which NumPy lacks.

Rational approximations of the Cephes library (Moshier 1989, `ndtr.c`), computed in float64.
"""

from __future__ import annotations

from collections.abc import Callable
from math import pi, sqrt

import numpy as np

from core.tensor import Array

# Coefficients, highest power first: erf(z) = z T(z²) / U(z²) for z < 1,
# erfc(z) = 1 - erf(z) = exp(-z²) P(z) / Q(z) for 1 <= z < 8, exp(-z²) R(z) / S(z) from 8 on.
_T = (
    9.60497373987051638749e0,
    9.00260197203842689217e1,
    2.23200534594684319226e3,
    7.00332514112805075473e3,
    5.55923013010394962768e4,
)
_U = (
    1.0,
    3.35617141647503099647e1,
    5.21357949780152679795e2,
    4.59432382970980127987e3,
    2.26290000613890934246e4,
    4.92673942608635921086e4,
)
_P = (
    2.46196981473530512524e-10,
    5.64189564831068821977e-1,
    7.46321056442269912687e0,
    4.86371970985681366614e1,
    1.96520832956077098242e2,
    5.26445194995477358631e2,
    9.34528527171957607540e2,
    1.02755188689515710272e3,
    5.57535335369399327526e2,
)
_Q = (
    1.0,
    1.32281951154744992508e1,
    8.67072140885989742329e1,
    3.54937778887819891062e2,
    9.75708501743205489753e2,
    1.82390916687909736289e3,
    2.24633760818710981792e3,
    1.65666309194161350182e3,
    5.57535340817727675546e2,
)
_R = (
    5.64189583547755073984e-1,
    1.27536670759978104416e0,
    5.01905042251180477414e0,
    6.16021097993053585195e0,
    7.40974269950448939160e0,
    2.97886665372100240670e0,
)
_S = (
    1.0,
    2.26052863220117276590e0,
    9.39603524938001434673e0,
    1.20489539808096656605e1,
    1.70814450747565897222e1,
    9.60896809063285878198e0,
    3.36907645100081516050e0,
)
# Beyond this |x| the tail of the normal distribution is 0 in float64.
LARGEST = 40.0
# Numbers computed at a time: intermediate results of a block stay in the cache.
BLOCK_SIZE = 8192


def normal_cdf(x: Array) -> Array:
    """Return the normal distribution Φ of every number of `x`, in float64.

    Φ(x) = (1 + erf(x / √2)) / 2 for positive x, and erfc(-x / √2) / 2 for negative x, so that the
    relative error is a few roundings down to the smallest normal number.
    """
    return _in_blocks(_normal_cdf, x)


def normal_density(x: Array) -> Array:
    """Return the normal density φ(x) = exp(-x²/2) / √(2π) of every number of `x`, in float64."""
    return _in_blocks(lambda part: _exp_half_square(np.abs(part)) / sqrt(2 * pi), x)


def _in_blocks(function: Callable[[Array], Array], x: Array) -> Array:
    """Apply `function`, which takes vectors, to every number of `x`, in float64."""
    # A copy in the memory order of `x` without gaps, so that `ravel` is a view.
    copy = np.array(x, np.float64)
    flat = copy.ravel(order="K")
    for start in range(0, flat.size, BLOCK_SIZE):
        part = flat[start : start + BLOCK_SIZE]
        part[...] = function(part)
    return copy


def _normal_cdf(x: Array) -> Array:
    size = np.minimum(np.abs(x), LARGEST)
    z = size * sqrt(0.5)
    half = 0.5 * _near(z)
    result = np.copysign(half, x) + 0.5
    far = z >= 1
    tail = 0.5 * _upper(z[far], size[far])
    result[far] = np.where(x[far] > 0, 1 - tail, tail)
    return result


def _near(z: Array) -> Array:
    """Return erf(z) for 0 <= z < 1; what it returns for other numbers has no meaning."""
    z = np.minimum(z, 1.0)
    square = z * z
    ratio = _polynomial(_T, square)
    ratio /= _polynomial(_U, square)
    ratio *= z
    return ratio


def _upper(z: Array, x: Array) -> Array:
    """Return erfc(z) for z >= 1, where x = z √2."""
    far = np.minimum(z, 8.0)
    ratio = _polynomial(_P, far)
    ratio /= _polynomial(_Q, far)
    farther = z >= 8
    if farther.any():
        rest = z[farther]
        ratio[farther] = _polynomial(_R, rest) / _polynomial(_S, rest)
    ratio *= _exp_half_square(x)
    return ratio


def _exp_half_square(x: Array) -> Array:
    """Return exp(-x²/2) for x >= 0.

    The rounding of x² would be multiplied by x²/2, up to 700; so x is split into a multiple of
    1/128, whose square is exact, and a small rest.
    """
    x = np.minimum(x, LARGEST)
    head = np.floor(x * 128) / 128
    result: Array = np.exp((x - head) * (x + head) * -0.5)
    result *= np.exp(head * head * -0.5)
    return result


def _polynomial(coefficients: tuple[float, ...], x: Array) -> Array:
    """Return the value of a polynomial, highest power first, by Horner's rule."""
    value = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        value *= x
        value += coefficient
    return value
