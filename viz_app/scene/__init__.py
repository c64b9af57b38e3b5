"""What a view hands to the board, and which view draws what."""
