"""What the browser keeps from one visit to the next."""
