"""What a run was before, and the runs before it: how undo leads back, and redo forward again."""
