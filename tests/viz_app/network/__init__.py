"""Tests of what a network says of itself while somebody writes it, and of what it then shows."""
