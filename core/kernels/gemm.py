"""The product of two matrices, computed in the way that is fastest where the program runs.

Natively NumPy hands `matmul` to a BLAS. In the browser there is none, and the plain loop behind
`matmul` is slower than that of `einsum`, above all when the right operand has long rows.
"""

from __future__ import annotations

import importlib
import sys

import numpy as np

from core.tensor import Array

IN_BROWSER = sys.platform == "emscripten"


def _has_avx512() -> bool:
    """Return whether NumPy found AVX-512, which OpenBLAS then has too.

    NumPy states it in a private place only. Where that is gone, the answer is no, which costs speed
    on some processors and nothing else.
    """
    try:
        module = importlib.import_module("numpy._core._multiarray_umath")
    except ImportError:
        return False
    features: dict[str, bool] = getattr(module, "__cpu_features__", {})
    return features.get("AVX512_SKX", False)


HAS_AVX512 = _has_avx512()


def _einsum(a: Array, b: Array, out: Array | None = None) -> Array:
    return np.einsum("...ij,jk->...ik", a, b, out=out)


def _matmul(a: Array, b: Array, out: Array | None = None) -> Array:
    return np.matmul(a, b, out=out)


# gemm(a, b, out=None): a of shape (..., m, k) times b of shape (k, n), written to `out` of shape
# (..., m, n) if given.
gemm = _einsum if IN_BROWSER else _matmul
