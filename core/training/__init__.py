"""Training a model, and going back to any iteration of a run."""
