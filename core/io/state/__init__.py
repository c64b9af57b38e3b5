"""States of a model and its optimiser: their files, their names, and what they are of."""
