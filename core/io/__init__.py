"""The text form of a model, files of weights, and safe reading of untrusted archives."""
