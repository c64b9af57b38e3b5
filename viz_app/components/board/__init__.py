"""The board on which a stage is drawn."""
