"""What several exercises of 05_cnn are judged with."""

FIXED = 2024
"""Seed of the visible checks' inputs: a student sees the same thing twice."""
