"""Losses: how wrong an output is, as one number, and its gradient."""

from core.losses.base import Loss
from core.losses.binary import BCEWithLogitsLoss
from core.losses.cross_entropy import CrossEntropyLoss
from core.losses.regression import L1Loss, MSELoss

__all__ = ["BCEWithLogitsLoss", "CrossEntropyLoss", "L1Loss", "Loss", "MSELoss"]
