"""Array computations that layers share: im2col, matrix products, memory order, reused buffers."""
