"""A convolutional network in NumPy, written to be looked into."""
