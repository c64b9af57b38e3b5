"""Browser tests of the form in which a network and its training are written."""
