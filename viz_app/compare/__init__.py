"""Two runs side by side: the second is made from the first by one difference."""
