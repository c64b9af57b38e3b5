"""A lesson on paper: its steps, the matrices of its questions with blanks, and the key."""

from viz_app.handout.sheet import handout_step

__all__ = ["handout_step"]
