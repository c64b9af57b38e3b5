"""The line between the page and Python: watched, and made anew when it is lost."""
