"""Parts of the page beside each other: none covers or cuts another."""
