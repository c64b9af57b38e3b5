"""Code to take along: an iteration as a script, with NumPy alone, with `core` or with PyTorch."""

from core.code.archive import save_code

__all__ = ["save_code"]
