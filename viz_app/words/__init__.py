"""Sentences and equations, one kind of layer a file."""

from viz_app.words import conv

# Keyword of a layer's type -> what is said of its inner stages.
BY_KIND = {"conv": conv.WORDS}

__all__ = ["BY_KIND"]
