"""Composing a lesson beside the board."""
