"""New runs in place of one: with another setting, or with a person's own data or weights."""
