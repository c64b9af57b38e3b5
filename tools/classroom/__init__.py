"""A class as websocket clients, which draw nothing."""
