"""Controls for what is read from a person's disk, and written to it."""
