"""The charts in a real browser."""
