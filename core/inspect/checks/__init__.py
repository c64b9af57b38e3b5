"""Gradients checked against differences of the loss."""
