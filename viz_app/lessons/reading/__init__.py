"""Reads the files of lessons: Markdown, the YAML in it, and what each key may hold."""
