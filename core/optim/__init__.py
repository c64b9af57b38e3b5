"""Optimisers: how a gradient becomes a step."""

from core.optim.adam import Adam, AdamW
from core.optim.base import Optimizer
from core.optim.clip import clip_grad_norm
from core.optim.rmsprop import RMSprop
from core.optim.sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "RMSprop", "clip_grad_norm"]
