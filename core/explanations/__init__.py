"""How every number of a trace was made, one family of layers a file."""
