"""Reads images and labels from files that other programs have written, without trusting them."""
