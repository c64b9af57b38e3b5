"""A picture of one's own: drawn, opened or chosen, and what the network makes of it."""
