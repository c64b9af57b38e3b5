"""Comparison of numbers that may differ by rounding."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

# How many roundings of the sum of the magnitudes a result may be away, as a rule. A sum of m terms,
# in whatever order a BLAS kernel takes them, is off by at most m of them, and by some sqrt(m) in
# practice.
ROUNDINGS = 64


def assert_close(
    actual: ArrayLike,
    desired: ArrayLike,
    *,
    magnitude: ArrayLike | None = None,
    roundings: float = ROUNDINGS,
    eps: float | None = None,
    what: str = "",
) -> None:
    """Assert that two arrays are equal up to the rounding of what was added to make them.

    The tolerance is relative to `magnitude`, never to a single result: terms of 1 that cancel to
    1e-8 are off by the rounding of 1, on some processor.

    Args:
        actual: what was computed.
        desired: what is right, of the same shape.
        magnitude: for each number (or for all) the sum of the magnitudes of its terms; the largest
            finite magnitude in `desired` if None.
        roundings: how many times `eps * magnitude` the two may differ.
        eps: size of one rounding; that of the coarser floating dtype of the two if None.
        what: stands in front of the error message.
    """
    a, d = np.asarray(actual), np.asarray(desired)
    assert a.shape == d.shape, f"{what}: shape {a.shape}; expected {d.shape}"
    if not a.size:
        return
    if eps is None:
        kinds = [x.dtype for x in (a, d) if x.dtype.kind == "f"]
        eps = max((float(np.finfo(kind).eps) for kind in kinds), default=0.0)
    a, d = a.astype(np.float64), d.astype(np.float64)
    if magnitude is None:
        magnitude = np.abs(d[np.isfinite(d)]).max(initial=0)
    size = np.asarray(magnitude, np.float64)
    # Infinity less infinity is NaN, which the comparison of the two decides.
    with np.errstate(invalid="ignore"):
        error, allowed = np.abs(a - d), np.broadcast_to(roundings * eps * size, a.shape)
    # Not `error > allowed`, which NaN would pass.
    wrong = ~((error <= allowed) | (a == d))
    if wrong.any():
        worst = np.unravel_index(np.argmax(np.where(wrong, error - allowed, -np.inf)), a.shape)
        raise AssertionError(
            f"{what}: {int(wrong.sum())} of {a.size} numbers differ, "
            f"most at {tuple(map(int, worst))}: {a[worst]!r}, expected {d[worst]!r} "
            f"within {allowed[worst]:.3g}"
        )


def assert_all_close(
    actual: Mapping[str, ArrayLike],
    desired: Mapping[str, ArrayLike],
    *,
    magnitude: ArrayLike | None = None,
    roundings: float = ROUNDINGS,
) -> None:
    """Assert that two collections have the same names, and equal arrays up to rounding.

    Args:
        actual: what was computed.
        desired: what is right.
        magnitude: as for `assert_close`, the same for all arrays.
        roundings: as for `assert_close`.
    """
    assert actual.keys() == desired.keys()
    for name, array in actual.items():
        assert_close(array, desired[name], magnitude=magnitude, roundings=roundings, what=name)


def largest(*arrays: ArrayLike) -> float:
    """Return the largest magnitude in some arrays, 0 if there is no number."""
    sizes = (float(np.abs(array).max(initial=0)) for array in map(np.asarray, arrays))
    return max(sizes, default=0.0)
