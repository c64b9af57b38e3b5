"""Sentences and equations, one kind of layer a file."""

from viz_app.words import conv, linear, loss, residual, shape, update

# Keyword of a layer's type, "loss", or kind of optimiser -> what is said of its inner stages; "*"
# stands for any.
BY_KIND = {
    "conv": conv.WORDS,
    "dropout": shape.DROPOUT,
    "flatten": shape.FLATTEN,
    "linear": linear.WORDS,
    "loss": loss.WORDS,
    "residual": residual.WORDS,
    **update.BY_OPTIMIZER,
}

__all__ = ["BY_KIND"]
