"""Files from and for the person's own disk."""
