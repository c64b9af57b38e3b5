"""The controls: widgets that act on one viewer."""
