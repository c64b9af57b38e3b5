"""Sentences and equations, one kind of layer a file."""

from viz_app.words import (
    activation,
    conv,
    linear,
    loss,
    norm,
    pool,
    residual,
    shape,
    update,
)

# Keyword of a layer's type, "loss", or kind of optimiser -> what is said of its inner stages; "*"
# stands for any.
BY_KIND = {
    "avgpool": pool.AVERAGE,
    "bn": norm.WORDS,
    "bn1d": norm.WORDS,
    "conv": conv.WORDS,
    "dropout": shape.DROPOUT,
    "flatten": shape.FLATTEN,
    "gap": pool.GLOBAL,
    "linear": linear.WORDS,
    "loss": loss.WORDS,
    "pool": pool.MAX,
    "residual": residual.WORDS,
    **activation.BY_KIND,
    **update.BY_OPTIMIZER,
}

__all__ = ["BY_KIND"]
