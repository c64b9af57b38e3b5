"""Composes lessons without code: drafts, edits of them, and what is still wrong with them."""
