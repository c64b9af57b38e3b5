"""Where in the run one looks, and how one goes elsewhere."""
