"""Numbers of a model that are changed by hand."""
