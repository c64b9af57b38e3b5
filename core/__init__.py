"""A convolutional network in NumPy, written to be looked into.

    from core import SGD, Trainer, load_dataset, parse_model

    data = load_dataset("digits")
    model = parse_model("conv 8 k3 p1, bn, relu, pool 2, flatten, linear 10", data.input_shape)
    trainer = Trainer(model, SGD(model.parameters(), lr=0.02, momentum=0.9), data, batch_size=16)
    trainer.fit(epochs=3, validation=data.test)
    print(model.summary())

Everything that a user needs is listed in `__all__`; `docs/api.md` says in a line what each name is.
"""

from core.code import save_code
from core.data import DataSet, Split, from_images, load_dataset, load_files, load_npz
from core.errors import DataError, DivergenceError, ShapeError, SpecError, StateError
from core.inspect.cell import Cell
from core.inspect.checks.check import check_gradient
from core.inspect.checks.gradcheck import gradcheck
from core.inspect.explain import explain
from core.inspect.flow import diagnose, gradient_flow
from core.inspect.trace import StepTrace
from core.interop import from_torch
from core.io.checkpoint import load_checkpoint, save_checkpoint
from core.io.state.file import read_state, write_state
from core.io.state.guess import guess_model
from core.io.text import format_model, parse_model
from core.io.weights import match_by_order
from core.layer import Layer
from core.layers import (
    GELU,
    Activation,
    AvgPool2d,
    BatchNorm1d,
    BatchNorm2d,
    Concat,
    Conv2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    GroupNorm,
    Identity,
    LayerNorm,
    LeakyReLU,
    Linear,
    MaxPool2d,
    ReLU,
    Residual,
    Sigmoid,
    Softmax,
    Tanh,
    Upsample,
)
from core.losses import BCEWithLogitsLoss, CrossEntropyLoss, L1Loss, Loss, MSELoss
from core.model import Model
from core.optim import SGD, Adam, AdamW, Optimizer, RMSprop, clip_grad_norm
from core.schedule import constant, cosine, step_decay, warm_up
from core.spec_item import SpecItem
from core.tensor import Tensor
from core.training.history import History
from core.training.trainer import Trainer

__all__ = [
    "GELU",
    "SGD",
    "Activation",
    "Adam",
    "AdamW",
    "AvgPool2d",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "Cell",
    "Concat",
    "Conv2d",
    "CrossEntropyLoss",
    "DataError",
    "DataSet",
    "DivergenceError",
    "Dropout",
    "Flatten",
    "GlobalAvgPool2d",
    "GroupNorm",
    "History",
    "Identity",
    "L1Loss",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "Loss",
    "MSELoss",
    "MaxPool2d",
    "Model",
    "Optimizer",
    "RMSprop",
    "ReLU",
    "Residual",
    "ShapeError",
    "Sigmoid",
    "Softmax",
    "SpecError",
    "SpecItem",
    "Split",
    "StateError",
    "StepTrace",
    "Tanh",
    "Tensor",
    "Trainer",
    "Upsample",
    "check_gradient",
    "clip_grad_norm",
    "constant",
    "cosine",
    "diagnose",
    "explain",
    "format_model",
    "from_images",
    "from_torch",
    "gradcheck",
    "gradient_flow",
    "guess_model",
    "load_checkpoint",
    "load_dataset",
    "load_files",
    "load_npz",
    "match_by_order",
    "parse_model",
    "read_state",
    "save_checkpoint",
    "save_code",
    "step_decay",
    "warm_up",
    "write_state",
]
