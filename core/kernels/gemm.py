"""The product of two matrices, computed in the way that is fastest where the program runs.

Natively NumPy hands `matmul` to a BLAS. In the browser there is none, and the plain loop behind
`matmul` is slower than that of `einsum`, above all when the right operand has long rows.
"""

from __future__ import annotations

import sys

import numpy as np

from core.tensor import Array

IN_BROWSER = sys.platform == "emscripten"


def _einsum(a: Array, b: Array, out: Array | None = None) -> Array:
    return np.einsum("ij,jk->ik", a, b, out=out)


def _matmul(a: Array, b: Array, out: Array | None = None) -> Array:
    return np.matmul(a, b, out=out)


# gemm(a, b, out=None): a of shape (m, k) times b of shape (k, n), written to `out` (m, n) if given.
gemm = _einsum if IN_BROWSER else _matmul
