"""What a person brings along."""
