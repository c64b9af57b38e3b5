"""A network as text: what it says of itself while somebody writes it."""
