"""Where somebody looks in an iteration, how they move, and the address of a moment."""
