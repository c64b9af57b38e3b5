"""One run: what it is made from, its iterations, replays and branches. It knows no view."""
