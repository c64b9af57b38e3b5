"""Every question of the bundled lessons, answered by loops of its own."""

from tests.viz_app.lessons.expected import convolution, gradients, norm
from tests.viz_app.lessons.expected.registry import EXPECTED

__all__ = ["EXPECTED", "convolution", "gradients", "norm"]
