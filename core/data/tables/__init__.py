"""Reads tables of text, of which each line is an image."""
