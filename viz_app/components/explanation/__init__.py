"""The explanation of a number: its terms, how they add up, and where it leads."""
