"""The lesson beside the board, and the list that it is chosen from."""
