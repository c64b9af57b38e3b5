"""Programs for developers; the dashboard needs none of them."""
