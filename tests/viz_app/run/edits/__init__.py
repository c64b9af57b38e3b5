"""Tests of numbers that are edited."""
