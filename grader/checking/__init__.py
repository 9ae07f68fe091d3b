"""Finds, runs and shows checks."""
