"""The settings: their fields, what a person brings along, and the tools."""
