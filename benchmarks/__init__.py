"""How fast the framework is, next to PyTorch. Needs the extra `bench`."""

import os

# Before NumPy is imported for the first time, which is when a BLAS counts its threads. On a
# shared machine the threads of a small matrix product only wait for each other.
for _name in ("OPENBLAS", "MKL", "OMP", "VECLIB_MAXIMUM"):
    os.environ[f"{_name}_NUM_THREADS"] = "1"
