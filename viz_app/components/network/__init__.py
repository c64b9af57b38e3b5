"""The network and the other texts of a run, as a form."""
