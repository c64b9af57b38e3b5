"""What is covered until somebody has answered, and iterations of which it cannot be read."""
