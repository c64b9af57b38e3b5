"""Networks of other frameworks as models of this one."""

from core.interop.from_torch import from_torch

__all__ = ["from_torch"]
