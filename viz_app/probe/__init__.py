"""Pictures that the network is asked about, instead of the training batch."""
