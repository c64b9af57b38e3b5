"""Answers as texts: the file that somebody hands in, and what is kept of a lesson."""
