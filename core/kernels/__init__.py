"""How numbers are crunched: im2col, matrix products, memory order, reused buffers."""
