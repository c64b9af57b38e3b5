"""The interactive parts of the page, each with its script and style sheet beside it."""
