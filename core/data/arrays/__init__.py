"""Brings arrays of images and labels, in whatever way they were saved, into one form."""
