"""Checks the generator that a caller hands over."""

from __future__ import annotations

import numpy as np


def generator(rng: np.random.Generator | None, seed: int | None = None) -> np.random.Generator:
    """Return a generator: the given one, or for None a new one from `seed`.

    Raises:
        TypeError: `rng` is something else, such as a seed.
    """
    if rng is None:
        return np.random.default_rng(seed)
    # Without a type checker the caller may have passed anything.
    if not isinstance(rng, np.random.Generator):
        shown = repr(rng) if isinstance(rng, int) else "seed"
        raise TypeError(
            f"rng is {rng!r}; expected a generator: pass np.random.default_rng({shown})"
        )
    return rng
