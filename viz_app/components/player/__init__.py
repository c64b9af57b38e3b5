"""The player: moves, the stages of the iteration, and the losses of the run."""
